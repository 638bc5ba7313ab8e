from sqlalchemy import text

from tenancy.prove.attack import Attack, every
from tenancy.prove.attempts import reading
from tenancy.prove.belonging import is_shared
from tenancy.prove.expectation import NO_ROWS, refused
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import quoted
from tenancy.prove.target import DENIED

_WHERE_TO_CREATE = text(
    "SELECT nspname FROM pg_catalog.pg_namespace WHERE pg_catalog.has_schema_privilege(oid, 'CREATE')"
)


async def attempt(on: Attempt) -> None:
    target = on.target
    name, schema = quoted(target.table.name), quoted(target.table.schema or "public")
    async with on.attacker() as attacker:
        await attacker.expect(text(f"CREATE TEMPORARY TABLE {name} ()"), refused(DENIED))
        await attacker.expect(_WHERE_TO_CREATE, NO_ROWS)
        if is_shared(target.declared):
            return
        # Also PostgreSQL's own functions and operators would now be looked for elsewhere first.
        await attacker.perform(f"SET LOCAL search_path = pg_temp, {schema}, pg_catalog")
        unqualified = reading(target, f"SELECT {{key}} FROM {name} AS mine")  # noqa: S608 - quoted names
        await attacker.expect(unqualified, target.exactly_own)


ATTACK = Attack(
    tries="Makes a temporary table of the same name, looks for schemas to make another in, and turns the search_path.",
    why="Temporary tables are found before all others (PostgreSQL documentation, search_path): one on a pooled "
    "connection takes in what later tenants write. What policies call by name is looked up in the same way.",
    applies_to=every,
    attempt=attempt,
)
