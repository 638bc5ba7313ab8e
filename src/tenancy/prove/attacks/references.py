from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql

from tenancy.prove.attack import Attack
from tenancy.prove.expectation import refused
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import column_names, escaped, relation
from tenancy.prove.target import DENIED


def _has_primary_key(table: Table) -> bool:
    return bool(table.primary_key.columns)


async def attempt(on: Attempt) -> None:
    target = on.target
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    names = column_names(target.table, dict.fromkeys(one.key for one in target.key))
    types = [escaped(one.type.compile(dialect)) for one in target.key]
    columns = ", ".join(f"{name} {type_}" for name, type_ in zip(names, types, strict=True))
    key = ", ".join(names)
    async with on.owner() as owner:
        # A place where the application may make tables, so that it is refused for the reference alone.
        await owner.perform("CREATE SCHEMA tenancy_proof")
        await owner.perform(f"GRANT USAGE, CREATE ON SCHEMA tenancy_proof TO {on.application_role}")
        await on.become_application(owner)
        await owner.perform(f"CREATE TABLE tenancy_proof.free ({columns})")
        reference = f"FOREIGN KEY ({key}) REFERENCES {relation(target.table)}"
        await owner.expect(text(f"CREATE TABLE tenancy_proof.bound ({columns}, {reference})"), refused(DENIED))


ATTACK = Attack(
    tries="Makes a table of its own that refers to this one.",
    why="Foreign keys are checked with row-level security off (PostgreSQL documentation, 5.9 Row Security Policies): a "
    "table of one's own that refers to it tells which keys there are, and keeps their rows from being deleted.",
    applies_to=_has_primary_key,
    attempt=attempt,
)
