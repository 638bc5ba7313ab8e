from io import BytesIO
from typing import Any

from tenancy.prove.attack import Attack, every
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import Answer, refused
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import relation
from tenancy.prove.target import DENIED
from tenancy.schema.access import Command

_FEATURE_NOT_SUPPORTED = "0A000"


async def attempt(on: Attempt) -> None:
    target = on.target
    table, belonging = target.table, target.belonging(target.other_spare)
    columns = list(belonging) or [target.key[0].key]
    line = "\t".join(str(target.other_spare[column]) for column in columns)

    async def copy(driver: Any) -> Answer:
        status = await driver.copy_to_table(
            table.name,
            schema_name=table.schema,
            columns=[table.columns[column].name for column in columns],
            source=BytesIO(f"{line}\n".encode()),
        )
        return Answer(affected=int(status.removeprefix("COPY ")))

    expected = refused(DENIED)
    if is_scoped(target.declared):
        expected = target.unless_denied(refused(_FEATURE_NOT_SUPPORTED), Command.INSERT)
    async with on.attacker() as attacker:
        await attacker.expect_of(f"COPY {relation(table)} FROM STDIN", copy, await attacker.driver(), expected)


ATTACK = Attack(
    tries="Copies a row of the victim's in with COPY FROM.",
    why="COPY FROM checks no policy; PostgreSQL refuses it on a table under row-level security (documentation, COPY), "
    "so that it works is the sign that the table is not.",
    applies_to=every,
    attempt=attempt,
)
