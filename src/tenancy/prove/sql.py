"""SQL text with values, for what SQLAlchemy has no construct for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, Table, TableClause, bindparam

from tenancy.prove.rows import Row
from tenancy.security.quoting import identifier


def relation(table: Table | TableClause) -> str:
    """The table's name, quoted, for `text()`: a colon in it is escaped."""
    return escaped(regclass(table))


def regclass(table: Table | TableClause) -> str:
    """The table's name, quoted, as a value that is cast to regclass."""
    return identifier(*(name for name in (table.schema, table.name) if name))


def quoted(*names: str) -> str:
    """A quoted identifier for `text()`; several names are joined by dots."""
    return escaped(identifier(*names))


def column_names(table: Table | TableClause, row: Row) -> list[str]:
    """The names of a row's columns, quoted, for `text()`."""
    return [quoted(table.columns[key].name) for key in row]


def parameters(table: Table | TableClause, row: Row, prefix: str = "value") -> list[BindParameter[Any]]:
    """One parameter for each column of a row, in its order, with the column's type."""
    return [
        bindparam(f"{prefix}_{position}", value, type_=table.columns[key].type)
        for position, (key, value) in enumerate(row.items())
    ]


def escaped(sql: str) -> str:
    """SQL as it stands, for `text()`: a colon in it is no parameter."""
    return sql.replace(":", "\\:")
