from sqlalchemy import text

from tenancy.prove.attack import Attack
from tenancy.prove.expectation import NO_ROWS
from tenancy.prove.ground import Attempt
from tenancy.security.statements import statement

_REACHABLE = text(statement("tenancy.prove", "catalog.sql", "reachable relations that no model declares"))


async def attempt(on: Attempt) -> None:
    declared = [(table.schema or "public", table.name) for table in on.ground.declared]
    parameters = {
        "schemas": [schema for schema, _ in declared],
        "names": [name for _, name in declared],
        "searched": on.ground.schemas,
    }
    async with on.attacker() as attacker:
        await attacker.expect(_REACHABLE.bindparams(**parameters), NO_ROWS)


ATTACK = Attack(
    tries="Looks, as the application, for tables and views that it may use and that no model declares.",
    why="A table that nobody classified has no policy: a staging copy, a detached partition, a child made later, a "
    "history table that a trigger fills. Default privileges grant them silently (PostgreSQL documentation, ALTER "
    "DEFAULT PRIVILEGES).",
    applies_to=None,
    attempt=attempt,
)
