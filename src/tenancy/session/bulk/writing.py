"""The two ways to send rows: INSERT from arrays, which policies check, and COPY, for roles that bypass them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any, Protocol
from uuid import UUID

from asyncpg.pgproto import pgproto
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tenancy.security.quoting import identifier
from tenancy.security.statements import statement
from tenancy.session.bulk.plan import Part, Plan

_COLUMN_TYPES = text(statement("tenancy.session.bulk", "columns.sql", "column types"))

#: Types of PostgreSQL's own whose values asyncpg encodes in binary, and does not take for arrays.
_PLAIN = frozenset(
    {"bool", "bpchar", "bytea", "date", "float4", "float8", "int2", "int4", "int8", "interval", "numeric", "range"}
    | {"text", "time", "timestamp", "timestamptz", "timetz", "uuid", "varchar"}
)
_COPIED = _PLAIN | {"cidr", "enum", "inet", "json", "jsonb"}
_COPIED_IN_ARRAYS = _PLAIN | {"enum"}


@dataclass(frozen=True)
class ServerType:
    """What PostgreSQL says of a column's type."""

    spelled: str
    is_array: bool
    #: The name of the type, or of the elements of an array, where it is PostgreSQL's own; "enum"; "range"; else None.
    kind: str | None

    @property
    def travels_as_text(self) -> bool:
        """An array cannot hold arrays of different lengths, and asyncpg does not know the types of extensions."""
        return self.is_array or self.kind not in _PLAIN

    @property
    def can_be_copied(self) -> bool:
        return self.kind in (_COPIED_IN_ARRAYS if self.is_array else _COPIED)


async def server_types(connection: AsyncConnection, plan: Plan) -> list[ServerType]:
    """The types of the plan's columns, in its order."""
    rows = await connection.execute(_COLUMN_TYPES, {"relation": _relation(plan)})
    found = {row.name: ServerType(row.spelled, row.is_array, row.kind) for row in rows}
    return [found[column.name] for column in plan.columns]


class Writer(Protocol):
    """Sends parts of the plan's rows, all of them, in the transaction of a driver's connection."""

    async def write(self, driver: Any, parts: Iterator[Part]) -> None: ...


class Insert:
    """`INSERT … SELECT unnest($1::uuid[]), $2::uuid, …`: a statement per part, and no wait for the answers.

    unnest() stands in the SELECT list, where it needs no room for all rows as in FROM; what is the same in every row is
    one parameter. What asyncpg cannot put into a binary array travels as text, and PostgreSQL casts it.
    """

    def __init__(self, plan: Plan, types: Sequence[ServerType]) -> None:
        self.plan = plan
        self._types = types
        self._as_text = [type_.travels_as_text for type_ in types]
        names = ", ".join(identifier(column.name) for column in (*plan.columns, *plan.expressions))
        values = (self.expression(index, parameter=index + 1) for index in range(len(types)))
        selected = ", ".join((*values, *plan.expressions.values()))
        self.sql = f"INSERT INTO {_relation(plan)} ({names}) SELECT {selected}"

    def expression(self, index: int, parameter: int) -> str:
        """What is selected for one of the plan's columns."""
        type_ = self._types[index]
        travels = "text" if type_.travels_as_text else type_.spelled
        sent = f"${parameter}::{travels}" if self.plan.constant[index] else f"unnest(${parameter}::{travels}[])"
        return f"({sent})::{type_.spelled}" if type_.travels_as_text else sent

    def arguments(self, part: Part) -> tuple[Any, ...]:
        """The parameters of the statement for some rows."""
        return tuple(
            value if not as_text else _as_text(value) if constant else list(map(_as_text, value))
            for value, constant, as_text in zip(part.values, part.constant, self._as_text, strict=True)
        )

    async def write(self, driver: Any, parts: Iterator[Part]) -> None:
        # No tenant could change its plan.
        driver.planning.announce(self.sql)
        await driver.executemany(self.sql, map(self.arguments, parts))


class Copy:
    """COPY in binary."""

    def __init__(self, plan: Plan) -> None:
        self._table = plan.table
        self._names = [column.name for column in plan.columns]

    @staticmethod
    def possible(plan: Plan, types: Iterable[ServerType]) -> bool:
        """Whether asyncpg encodes each type in binary, and no column is filled by SQL."""
        return not plan.expressions and all(type_.can_be_copied for type_ in types)

    async def write(self, driver: Any, parts: Iterator[Part]) -> None:
        records = chain.from_iterable(map(_records, parts))
        await driver.copy_records_to_table(
            self._table.name, schema_name=self._table.schema, columns=self._names, records=records
        )


def _records(part: Part) -> Iterable[tuple[Any, ...]]:
    values = zip(part.values, part.constant, strict=True)
    return zip(*(repeat(_own(value), part.count) if constant else value for value, constant in values), strict=True)


def _own(value: Any) -> Any:
    """A UUID of asyncpg's own kind, of which it has the bytes at hand, row after row."""
    return pgproto.UUID(value.bytes) if isinstance(value, UUID) else value


def _relation(plan: Plan) -> str:
    return identifier(*(name for name in (plan.table.schema, plan.table.name) if name))


def _as_text(value: Any) -> str | None:
    """A value as PostgreSQL reads it."""
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case bytes():
            return f"\\x{value.hex()}"
        case list() | tuple():
            return f"{{{','.join(map(_element, value))}}}"
    return str(value)


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    spelled = _as_text(value) or ""
    if isinstance(value, list | tuple):
        return spelled
    escaped = spelled.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
