"""Native enum types as operations of their own: `op.create_enum()` and `op.drop_enum()`.

SQLAlchemy creates a type with the first table that uses it and leaves it behind on downgrade; a type that no column
uses is never created. Here a type is created before the tables and dropped after them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation, Operations
from sqlalchemy import Connection, Enum, MetaData, text

from tenancy.errors import ConfigurationError
from tenancy.security.quoting import identifier, literal
from tenancy.security.statements import ddl

_INSTALLED = text(
    "SELECT n.nspname, t.typname, ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY "
    "e.enumsortorder) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'e' "
    "AND NOT EXISTS (SELECT FROM pg_depend d "
    "WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')"
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
    operations.execute(ddl(statement))


def render(context: AutogenContext, operation: EnumOperation) -> str:
    """The call that creates or drops the type."""
    verb = "create" if operation.create else "drop"
    return f"op.{verb}_enum({operation.name!r}, {operation.values!r}, schema={operation.schema!r})"


def compare(
    connection: Connection, metadata: Iterable[MetaData], default_schema: str
) -> tuple[list[EnumOperation], list[EnumOperation]]:
    """The types that the models have and the database has not, to create; and the reverse, to drop.

    Only schemas that the models name are looked at for what to drop; types of extensions are left alone.

    Raises:
        ConfigurationError: a type has values in the models that it lacks in the database.
    """
    rows = connection.execute(_INSTALLED).all()
    installed = {(schema, name): list(values) for schema, name, values in rows}
    wanted = _declared(metadata, default_schema)
    for key in sorted(wanted.keys() & installed.keys()):
        _require_values(identifier(*key), wanted[key].enums, installed[key])
    created = [EnumOperation(name, wanted[schema, name].enums, schema, create=True) for schema, name in sorted(wanted)]
    schemas = {table.schema for one in metadata for table in one.tables.values()} - {None, default_schema}
    unknown = sorted(key for key in installed.keys() - wanted.keys() if key[0] in schemas)
    dropped = [EnumOperation(name, installed[schema, name], schema, create=False) for schema, name in unknown]
    return [one for one in created if (one.schema, one.name) not in installed], dropped


def _declared(metadata: Iterable[MetaData], default_schema: str) -> dict[tuple[str, str], Enum]:
    declared: dict[tuple[str, str], Enum] = {}
    for one in metadata:
        in_columns = (column.type for table in one.tables.values() for column in table.columns)
        # Types that are bound to the metadata exist without a column, too.
        bound = (type_ for schema in {None, *one.schemas} for type_ in one.get_schema_objects(Enum, schema=schema))
        for type_ in (*in_columns, *bound):
            if isinstance(type_, Enum) and type_.native_enum and type_.name:
                declared.setdefault((type_.schema or default_schema, type_.name), type_)
    return declared


def _require_values(name: str, wanted: Sequence[str], installed: Sequence[str]) -> None:
    new = [value for value in wanted if value not in installed]
    if not new:
        return
    lines = "".join(f"\n    op.execute({f'ALTER TYPE {name} ADD VALUE {literal(value)}'!r})" for value in new)
    raise ConfigurationError(
        f"The type {name} lacks {', '.join(new)} in the database. PostgreSQL adds values but never takes them away, so "
        f"this cannot be undone and is written by hand, in a revision of its own (`alembic revision -m ...`):\n{lines}"
    )
