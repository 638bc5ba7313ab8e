"""Native enum types as operations of their own: `op.create_enum()` and `op.drop_enum()`.

SQLAlchemy creates a type with the first table that uses it and leaves it behind on downgrade; a type that no column uses
is never created. Here a type is created before the tables and dropped after them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation, Operations
from sqlalchemy import DDL, Connection, Enum, MetaData, text

from tenancy.security.quoting import identifier, literal

NAMES = ("create_enum", "drop_enum")

_INSTALLED = text(
    "SELECT n.nspname, t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'e'"
)


class EnumOperation(MigrateOperation):
    """CREATE TYPE … AS ENUM, or the DROP TYPE that undoes it."""

    def __init__(self, name: str, values: Sequence[str], schema: str, *, create: bool) -> None:
        self.name = name
        self.values = list(values)
        self.schema = schema
        self.create = create

    @classmethod
    def create_enum(cls, operations: Operations, name: str, values: Sequence[str], *, schema: str = "public") -> None:
        """CREATE TYPE … AS ENUM."""
        operations.invoke(cls(name, values, schema, create=True))

    @classmethod
    def drop_enum(cls, operations: Operations, name: str, values: Sequence[str], *, schema: str = "public") -> None:
        """DROP TYPE; the values are given, so that the revision shows what it takes away."""
        operations.invoke(cls(name, values, schema, create=False))

    def reverse(self) -> EnumOperation:
        return EnumOperation(self.name, self.values, self.schema, create=not self.create)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        return ("create_enum" if self.create else "drop_enum", self.schema, self.name, self.values)


def perform(operations: Operations, operation: EnumOperation) -> None:
    """Creates or drops the type."""
    name = identifier(operation.schema, operation.name)
    values = ", ".join(literal(value) for value in operation.values)
    statement = f"CREATE TYPE {name} AS ENUM ({values})" if operation.create else f"DROP TYPE {name}"
    operations.execute(DDL(statement.replace("%", "%%")))


def render(context: AutogenContext, operation: EnumOperation) -> str:
    """The call that creates or drops the type."""
    verb = "create" if operation.create else "drop"
    return f"op.{verb}_enum({operation.name!r}, {operation.values!r}, schema={operation.schema!r})"


def missing_enums(connection: Connection, metadata: Iterable[MetaData], default_schema: str) -> list[EnumOperation]:
    """Operations for the native enums that the models have and the database has not."""
    installed = {(schema, name) for schema, name in connection.execute(_INSTALLED)}
    wanted: dict[tuple[str, str], Enum] = {}
    for one in metadata:
        in_columns = (column.type for table in one.tables.values() for column in table.columns)
        # Types that are bound to the metadata exist without a column, too.
        bound = (type_ for schema in {None, *one.schemas} for type_ in one.get_schema_objects(Enum, schema=schema))
        for type_ in (*in_columns, *bound):
            if isinstance(type_, Enum) and type_.native_enum and type_.name:
                wanted.setdefault((type_.schema or default_schema, type_.name), type_)
    return [
        EnumOperation(name, type_.enums, schema, create=True)
        for (schema, name), type_ in sorted(wanted.items(), key=lambda item: item[0])
        if (schema, name) not in installed
    ]
