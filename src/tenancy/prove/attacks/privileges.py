from sqlalchemy import text

from tenancy.prove.attack import Attack, every
from tenancy.prove.belonging import granted
from tenancy.prove.expectation import returns
from tenancy.prove.ground import Attempt
from tenancy.security.statements import statement

_HELD = text(statement("tenancy.prove", "catalog.sql", "privileges that this role holds on a table"))


async def attempt(on: Attempt) -> None:
    table = on.target.declared
    named = _HELD.bindparams(schema=table.schema or "public", name=table.name)
    async with on.attacker() as attacker:
        await attacker.expect(named, returns([(command.value,) for command in granted(table)]))


ATTACK = Attack(
    tries="Asks which privileges the application holds on the table, by itself, by PUBLIC and by membership.",
    why="A privilege beyond the access that the models say is a wall less, also where no policy lets anything through "
    "today. GRANT ALL includes TRUNCATE, REFERENCES and TRIGGER, which know no policy (PostgreSQL documentation, 5.8 "
    "Privileges).",
    applies_to=every,
    attempt=attempt,
)
