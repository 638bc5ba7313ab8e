from sqlalchemy import text

from tenancy.prove.attack import Attack
from tenancy.prove.expectation import NO_ROWS
from tenancy.prove.ground import Attempt
from tenancy.security.statements import statement

_DEFAULTS = text(statement("tenancy.prove", "catalog.sql", "tenants by default"))


async def attempt(on: Attempt) -> None:
    async with on.nobody() as nobody:
        await nobody.expect(_DEFAULTS, NO_ROWS)


ATTACK = Attack(
    tries="Looks for a role or a database that gives every new connection a tenant.",
    why="ALTER ROLE … SET and ALTER DATABASE … SET work for any setting (PostgreSQL documentation, ALTER ROLE), the "
    "tenant's too: whoever forgets theirs then works for that one, and RESET ALL brings it back.",
    applies_to=None,
    attempt=attempt,
)
