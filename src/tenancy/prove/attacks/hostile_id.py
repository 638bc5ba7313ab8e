from sqlalchemy import text

from tenancy.errors import InvalidTenant
from tenancy.prove.attack import Attack
from tenancy.prove.expectation import returns
from tenancy.prove.ground import Attempt
from tenancy.schema.identity import Identity
from tenancy.security.functions import TENANT_SETTING, USER_SETTING
from tenancy.session.principal import Principal

_HOSTILE: tuple[Identity, ...] = (
    "' OR true --",
    "') OR ('a' = 'a",
    f"'; SET {TENANT_SETTING} = 'x",
    "\\' OR 1=1 --",
    "\\",
    "$$",
    "%s",
    ":tenant",
    "NULL",
    "DEFAULT",
    "{}",
    "x" * 10_000,
    "\0",
    "tenant\0",
    "\n",
    "-1",
    -1,
    2**63 - 1,
)
_SET = text(f"SELECT current_setting('{TENANT_SETTING}'), current_setting('{USER_SETTING}')")


async def attempt(on: Attempt) -> None:
    victim = on.parties.victim
    for hostile in (*_HOSTILE, f"{victim.tenant}\0", f"{victim.tenant}' --"):
        try:
            async with on.application(Principal(hostile, hostile)) as session:
                await session.expect(_SET, returns([(str(hostile), str(hostile))]))
        except InvalidTenant:
            continue  # refused before anything was sent


ATTACK = Attack(
    tries="Begins with malformed and hostile ids as tenant and as user, and looks what has been set: quotation marks, "
    "SQL, placeholders, NUL, 10,000 characters.",
    why="SET takes no parameters, so the id becomes SQL text (PostgreSQL documentation, SET): it must be refused, or "
    "stand there letter by letter.",
    applies_to=None,
    attempt=attempt,
)
