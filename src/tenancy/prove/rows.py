"""Sample rows for the tables of a metadata: valid by type, key and reference, and all of them one principal's.

`sample_rows()` knows Core tables only and asks no database. It yields tables in an order in which their rows can be
inserted. A column that has a server default is left to it, unless it is part of a key or holds a date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from random import Random
from typing import Any

from sqlalchemy import Column, Date, DateTime, ForeignKeyConstraint, MetaData, Table, UniqueConstraint

from tenancy.errors import ProofError
from tenancy.prove.belonging import as_column, identity_columns, ways_to_belong
from tenancy.prove.closure import in_order, keys_of, may_be_empty, parent_of, with_parents
from tenancy.prove.values import sample_value
from tenancy.schema.samples import SAMPLE
from tenancy.session.principal import Principal

#: A row by its columns' keys.
Row = dict[str, Any]
#: The columns of a unique key, and what a row holds in them.
KeyValues = tuple[tuple[str, ...], tuple[Any, ...]]
#: Values of one's own, by "schema.table.column".
ValueFactories = Mapping[str, Callable[[Random], Any]]

_ATTEMPTS = 20


def sample_rows(
    metadata: MetaData,
    principal: Principal,
    *,
    count: int = 1,
    seed: object = 0,
    tables: Iterable[Table] | None = None,
    existing: Mapping[Table, list[Row]] | None = None,
    values: ValueFactories | None = None,
) -> Iterator[tuple[Table, list[Row]]]:
    """Rows that belong to one tenant and user, parents first.

    Args:
        metadata: made by `tenancy.metadata()`.
        principal: whose the rows shall be; a table of users needs a user.
        count: rows per table; fewer where keys allow no more (a tenant is one row of the tenants' table), more where
            the scope offers more ways to belong.
        seed: the same seed gives the same rows.
        tables: only these, and what they refer to.
        existing: rows that are there already, such as reference data: referred to, not made again.
        values: own values, by "schema.table.column", where constraints ask for what the types do not say.

    Raises:
        ProofError: a table cannot be filled; it names the column.
    """
    maker = RowMaker(metadata, principal, seed=seed, tables=tables, existing=existing, values=values)
    for table in maker.order:
        yield table, maker.fill(table, count)


class RowMaker:
    """Makes the rows of one principal, and remembers them for the rows that refer to them."""

    def __init__(
        self,
        metadata: MetaData,
        principal: Principal,
        *,
        seed: object = 0,
        tables: Iterable[Table] | None = None,
        existing: Mapping[Table, list[Row]] | None = None,
        values: ValueFactories | None = None,
    ) -> None:
        chosen = with_parents(metadata.tables.values() if tables is None else tables)
        order = in_order(chosen)
        self.principal = principal
        self.rows: dict[Table, list[Row]] = dict(existing or {})
        #: The tables to fill, parents first.
        self.order = tuple(table for table in order.tables if table not in self.rows)
        self._left_empty = order.left_empty
        self._identities = identity_columns(metadata.tables.values())
        referred = {column for table in metadata.tables.values() for column in referred_columns(table)}
        self._unique_keys = {table: unique_keys(table) for table in chosen}
        #: Columns whose values are to differ from row to row.
        self._distinct = referred | {
            table.columns[column] for table, keys in self._unique_keys.items() for key in keys for column in key
        }
        #: What the rows of a table hold in its unique keys.
        self._taken: dict[Table, set[KeyValues]] = {}
        self._random = Random(f"{seed}/{principal.tenant}/{principal.user}")  # noqa: S311 - sample data
        self._values = values or {}

    def fill(self, table: Table, count: int = 1) -> list[Row]:
        """New rows of a table whose parents are filled."""
        made = self.rows.setdefault(table, [])
        ways = self._ways(table)
        for index in range(max(count, len(ways))):
            row = self._distinct_row(table, ways[index % len(ways)], index)
            if row is not None:
                made.append(row)
        if not made:
            keys = "; ".join(", ".join(columns) for columns in self._unique_keys[table])
            raise ProofError(f"{table.fullname} cannot be filled: no row is distinct in all of its keys: {keys}.")
        return made

    def spare(self, table: Table) -> Row:
        """One more row, not remembered; where keys allow no more, it collides in those that are the principal's own."""
        return self._row(table, self._ways(table)[0], index=0)

    def _ways(self, table: Table) -> list[Row]:
        identities = {
            key: as_column(table.columns[key], self.principal.tenant if who == "tenant" else self.principal.user)
            for key, who in self._identities.get(table, {}).items()
        }
        ways = [{**identities, **way} for way in ways_to_belong(table, self.principal)]
        for key in (key for way in ways for key, value in way.items() if value is None):
            if not table.columns[key].nullable:
                raise ProofError(
                    f"{table.fullname}.{key} cannot be filled: it holds whose the row is, and {self.principal} does "
                    f"not say. Sample rows need a tenant and a user."
                )
        return ways

    def _distinct_row(self, table: Table, way: Row, index: int) -> Row | None:
        taken = self._taken.setdefault(table, set())
        for attempt in range(_ATTEMPTS):
            row = self._row(table, way, index + attempt)
            held = ((key, tuple(row.get(column) for column in key)) for key in self._unique_keys[table])
            # NULLs are distinct.
            mine = {(key, values) for key, values in held if None not in values}
            if not mine & taken:
                taken |= mine
                return row
        return None

    def _row(self, table: Table, way: Row, index: int) -> Row:
        row = dict(way)
        own_keys = []
        for key in keys_of(table):
            if parent_of(key) is table and not self.rows.get(table):
                own_keys.append(key)
            else:
                self._refer(row, key, index)
        for column in table.columns:
            if column.key not in row and not self._left_to_the_database(column):
                row[column.key] = self._value(column)
        for key in own_keys:
            # The first row of a tree: it has no parent, or, where it must, is its own.
            for column, element in zip(key.columns, key.elements, strict=True):
                if column.key not in way:
                    row[column.key] = None if may_be_empty(key) and column.nullable else row.get(element.column.key)
        return row

    def _refer(self, row: Row, key: ForeignKeyConstraint, index: int) -> None:
        """Fills the columns of a reference from a parent that fits what the row holds already."""
        if key not in self._left_empty:
            parents = self.rows.get(parent_of(key), [])
            pairs = [
                (column.key, element.column.key) for column, element in zip(key.columns, key.elements, strict=True)
            ]
            for offset in range(len(parents)):
                parent = parents[(index + offset) % len(parents)]
                if all(child not in row or row[child] == parent.get(referred) for child, referred in pairs):
                    row.update({child: parent.get(referred) for child, referred in pairs})
                    return
        if any(row.get(column.key, "") is None for column in key.columns):
            return
        if not may_be_empty(key):
            columns = ", ".join(f"{key.table.fullname}.{column}" for column in key.column_keys)
            raise ProofError(f"{columns} cannot be filled: no sample row of {parent_of(key).fullname} fits.")
        row.update({column.key: None for column in key.columns if column.nullable and column.key not in row})

    def _value(self, column: Column[Any]) -> Any:
        own = self._values.get(f"{column.table.fullname}.{column.name}") or column.info.get(SAMPLE)
        if own is not None:
            return own(self._random)
        unique = column in self._distinct
        if column.default is not None and column.default.is_scalar and not unique:
            return column.default.arg  # type: ignore[attr-defined]
        try:
            return sample_value(column, self._random, unique=unique)
        except ProofError:
            if column.nullable:
                return None
            raise

    def _left_to_the_database(self, column: Column[Any]) -> bool:
        if column.computed is not None:
            return True
        if isinstance(column.type, DateTime | Date):
            # Beside the other dates of the row, of which a check or a generated column may ask the distance.
            return False
        return column.server_default is not None and column not in self._distinct


def referred_columns(table: Table) -> list[Column[Any]]:
    """The columns of other tables that this one's foreign keys refer to."""
    return [
        element.column
        for key in table.foreign_key_constraints
        if parent_of(key) is not None
        for element in key.elements
    ]


def unique_keys(table: Table) -> list[tuple[str, ...]]:
    """The column sets in which rows must differ; indexes on expressions are not among them."""
    keys = [tuple(column.key for column in table.primary_key.columns)]
    keys += [
        tuple(column.key for column in constraint.columns)
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    keys += [
        tuple(column.key for column in index.columns)
        for index in table.indexes
        if index.unique and all(isinstance(expression, Column) for expression in index.expressions)
    ]
    return sorted({key for key in keys if key})
