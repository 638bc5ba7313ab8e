from collections.abc import Iterator

from sqlalchemy import select

from tenancy.errors import InvalidTenant
from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import NO_ROWS, UNSET, refused
from tenancy.prove.ground import Attempt
from tenancy.schema.identity import Identity
from tenancy.session.principal import Principal

#: Not a UUID, not a number, a number out of range: the server's word for an id of another type than the column's.
_NO_SUCH_ID = ("22P02", "22003")


def hostile_ids(victim: Identity | None) -> Iterator[Identity]:
    """Ids that are no one's, and that a careless comparison, cast or quotation would take for the victim's or all."""
    yield from (
        "%",
        "*",
        "NULL",
        "null",
        "' OR true --",
        "') OR ('a' = 'a",
        "'; SET app.tenant_id = 'x",
        "\\' OR 1=1 --",
    )
    yield from ("x" * 10_000, "\0", "tenant\0", "\n", "{}", "-1", -1, 2**63 - 1)
    if isinstance(victim, str):
        # Collations, char(n) and varchar(n) call these equal to the victim's.
        yield from (
            f"{victim} ",
            f" {victim}",
            victim.upper(),
            f"{victim}\0",
            f"{victim}' --",
            victim[:-1],
            f"{victim}x",
        )


async def attempt(on: Attempt) -> None:
    target = on.target
    victim = target.parties.victim
    # An id that PostgreSQL reads as no id at all, or as no one's.
    expected = NO_ROWS | refused(*_NO_SUCH_ID)
    tried = {*hostile_ids(victim.tenant), *hostile_ids(victim.user)} - {victim.tenant, victim.user}
    for hostile in sorted(tried, key=repr):
        try:
            async with on.application(Principal(hostile, hostile)) as session:
                await session.expect(select(*target.key), expected)
        except InvalidTenant:
            continue  # refused before anything was sent
    async with on.attacker() as attacker:
        # Past Python's validation, as SQL could: the policies are alone with it.
        for hostile in sorted((one for one in tried if isinstance(one, str) and "\0" not in one), key=repr):
            await attacker.become(Principal(hostile, hostile))
            await attacker.expect(select(*target.key), expected | UNSET)


ATTACK = Attack(
    tries="Uses malformed and hostile ids as tenant and as user: quotation marks, SQL, NUL, 10,000 characters, wrong "
    "types, near misses of the victim's id.",
    why="SET takes no parameters, so the id becomes SQL text (PostgreSQL documentation, SET); char(n), varchar(n) and "
    "case-insensitive collations call different ids equal.",
    applies_to=is_scoped,
    attempt=attempt,
)
