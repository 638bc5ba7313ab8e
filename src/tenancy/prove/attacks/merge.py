from sqlalchemy import text

from tenancy.prove.attack import Attack, every
from tenancy.prove.expectation import refused
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import column_names, parameters, relation
from tenancy.prove.target import DENIED


async def attempt(on: Attempt) -> None:
    target = on.target
    table = target.table
    theirs = target.others[0] if target.others else target.other_spare
    key = {column.key: theirs[column.key] for column in target.key}
    row = {**key, **target.settable(theirs)}
    value = {name: f":value_{number}" for number, name in enumerate(column_names(table, row))}
    matching = " AND ".join(f"mine.{name} = {value[name]}" for name in column_names(table, key))
    changed = column_names(table, row)[-1]
    # Of all that an INSERT names the policies are asked first, so the other columns need no values.
    planted = ", ".join(value), ", ".join(value.values())
    async with on.attacker() as attacker:
        for change in (f"UPDATE SET {changed} = {value[changed]}", "DELETE"):
            merge = text(
                f"MERGE INTO {relation(table)} AS mine USING (SELECT 1) AS one ON {matching} "  # noqa: S608 - quoted names
                f"WHEN MATCHED THEN {change} "
                f"WHEN NOT MATCHED THEN INSERT ({planted[0]}) OVERRIDING SYSTEM VALUE VALUES ({planted[1]})"
            )
            # The victim's row is not matched, for it is not seen, and a row in its place is not let in.
            await attacker.expect(merge.bindparams(*parameters(table, row)), refused(DENIED))


ATTACK = Attack(
    tries="Merges over the victim's row: MATCHED would change or delete it, NOT MATCHED would plant one.",
    why="MERGE is three commands in one and must ask the policies of each; once it did not (CVE-2023-39418).",
    applies_to=every,
    attempt=attempt,
)
