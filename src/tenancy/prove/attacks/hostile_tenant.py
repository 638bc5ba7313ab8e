from collections.abc import Iterator
from itertools import zip_longest

from sqlalchemy import select

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import NO_ROWS, refused
from tenancy.prove.ground import Attempt
from tenancy.schema.identity import Identity
from tenancy.session.principal import Principal

#: Not a UUID, not a number, a number out of range: the server's word for an id of another type than the column's.
_NO_SUCH_ID = ("22P02", "22003")
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}


def near_misses(victim: Identity | None) -> Iterator[str]:
    """Ids that are no one's, and that careless comparison, casting or decoding takes for the victim's or all."""
    yield from ("%", "*", "NULL")
    if isinstance(victim, str):
        # Collations, char(n), varchar(n), trim() and normalize() call these equal to the victim's.
        yield from (f"{victim} ", f" {victim}", victim.upper(), f"{victim}x", victim[:-1])
        yield from (f"{victim}\N{ZERO WIDTH SPACE}", f"{victim}\N{NO-BREAK SPACE}", victim.translate(_FULL_WIDTH))
        # LIKE does, and what decodes names by replacing text in them.
        yield from (f"{victim[:-1]}%", f"%{ord(victim[0]):02x}{victim[1:]}")
        yield from (f"tenant_{victim}", f"{victim}_tenant", victim.replace("_", "_tenant_"))


async def attempt(on: Attempt) -> None:
    target = on.target
    victim = target.parties.victim
    hostile = [
        Principal(*ids) for ids in zip_longest(near_misses(victim.tenant), near_misses(victim.user), fillvalue="%")
    ]
    # An id that PostgreSQL reads as no id at all, or as no one's.
    expected = NO_ROWS | refused(*_NO_SUCH_ID)
    async with on.attacker() as attacker:
        # Past Python's validation, as SQL could: the policies are alone with it.
        for principal in (*hostile, Principal(victim.user, victim.tenant)):
            await attacker.become(principal)
            await attacker.expect(select(*target.key), expected)


ATTACK = Attack(
    tries="Reads for ids that nearly are the victim's: other case, blanks, wide letters, patterns, prefixes, "
    "percent-encoding, and the user's id as the tenant's.",
    why="char(n), varchar(n), patterns and case-insensitive collations call different ids equal (PostgreSQL "
    "documentation, 8.3 Character Types); an id that is encoded in a name and decoded by replacing text is another's.",
    applies_to=is_scoped,
    attempt=attempt,
)
