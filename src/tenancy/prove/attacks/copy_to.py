from io import BytesIO
from typing import Any

from tenancy.prove.attack import Attack, not_shared
from tenancy.prove.expectation import Answer, affects
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import relation
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    table = target.table

    async def copy(driver: Any) -> Answer:
        status = await driver.copy_from_table(
            table.name, schema_name=table.schema, columns=[column.name for column in target.key], output=BytesIO()
        )
        return Answer(affected=int(status.removeprefix("COPY ")))

    async with on.attacker() as attacker:
        expected = target.unless_denied(affects(len(target.own)), Command.SELECT)
        await attacker.expect_of(f"COPY {relation(table)} TO STDOUT", copy, await attacker.driver(), expected)


ATTACK = Attack(
    tries="Copies the table out with COPY TO; only the attacker's own rows may come.",
    why="COPY is a command of its own; on a table under row-level security it must run as a query (PostgreSQL "
    "documentation, COPY).",
    applies_to=not_shared,
    attempt=attempt,
)
