"""What a PostgreSQL schema holds, as plain values; the statements that read it are in `catalog.sql`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

_SQL = dict(
    re.findall(
        r"^-- :(\w+)\n(.*?)(?=^-- :|\Z)", Path(__file__).with_suffix(".sql").read_text(), re.MULTILINE | re.DOTALL
    )
)
_ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True)
class Relation:
    #: PostgreSQL's relkind.
    kind: str


@dataclass(frozen=True)
class Column:
    type: str
    nullable: bool
    default: str | None
    #: "stored" or "virtual" and the expression.
    generated: tuple[str, str] | None
    identity: str


@dataclass(frozen=True)
class PrimaryKey:
    columns: tuple[str, ...]
    deferrable: bool


@dataclass(frozen=True)
class Unique:
    columns: tuple[str, ...]
    deferrable: bool
    nulls_distinct: bool


@dataclass(frozen=True)
class ForeignKey:
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    on_delete: str
    #: The columns that ON DELETE SET NULL names; empty when it names none.
    on_delete_columns: tuple[str, ...]
    on_update: str
    match: str
    deferrable: bool
    validated: bool


@dataclass(frozen=True)
class Check:
    expression: str
    validated: bool


@dataclass(frozen=True)
class Index:
    columns: tuple[str, ...]
    included: tuple[str, ...]
    unique: bool
    nulls_distinct: bool
    method: str
    operator_classes: tuple[str, ...]
    #: PostgreSQL's indoption for each column: descending, nulls first.
    options: tuple[int, ...]
    predicate: str | None
    valid: bool


@dataclass(frozen=True)
class EnumType:
    values: tuple[str, ...]


Item = Relation | Column | PrimaryKey | Unique | ForeignKey | Check | Index | EnumType


@dataclass(frozen=True, order=True)
class Key:
    """What an item is called. The table of an enum is empty, and so is the name of a table."""

    kind: str
    table: str
    name: str


Catalog = dict[Key, Item]


def read_catalog(connection: Connection, schema: str) -> Catalog:
    """What a schema holds of the kinds that a facts file states, spelled as from inside the schema."""
    with search_path(connection, schema):
        return {Key(*key): item for read in _READERS for key, item in read(_Rows(connection, schema))}


@dataclass(frozen=True)
class _Rows:
    connection: Connection
    schema: str

    def __call__(self, heading: str) -> Iterator[Any]:
        yield from self.connection.execute(text(_SQL[heading]), {"schema": quote(self.schema)}).all()


_Found = Iterator[tuple[tuple[str, str, str], Item]]


def _read_tables(rows: _Rows) -> _Found:
    for table, kind in rows("tables"):
        yield ("table", table, ""), Relation(kind)


def _read_columns(rows: _Rows) -> _Found:
    for table, name, type_, nullable, expression, generated, identity in rows("columns"):
        how = {"s": "stored", "v": "virtual"}.get(generated)
        column = Column(type_, nullable, None if how else expression, (how, expression) if how else None, identity)
        yield ("column", table, name), column


def _read_keys(rows: _Rows) -> _Found:
    for table, name, kind, deferrable, nulls_not_distinct, columns in rows("keys"):
        if kind == "p":
            yield ("primary key", table, name), PrimaryKey(tuple(columns), deferrable)
        else:
            yield ("unique", table, name), Unique(tuple(columns), deferrable, not nulls_not_distinct)


def _read_foreign_keys(rows: _Rows) -> _Found:
    for row in rows("foreign_keys"):
        table, name, target, delete, update, match, deferrable, validated, columns, target_columns, delete_columns = row
        yield (
            ("foreign key", table, name),
            ForeignKey(
                columns=tuple(columns),
                target=target,
                target_columns=tuple(target_columns),
                on_delete=_ACTIONS[delete],
                on_delete_columns=tuple(delete_columns),
                on_update=_ACTIONS[update],
                match=match,
                deferrable=deferrable,
                validated=validated,
            ),
        )


def _read_checks(rows: _Rows) -> _Found:
    for table, name, expression, validated in rows("checks"):
        yield ("check", table, name), Check(expression, validated)


def _read_indexes(rows: _Rows) -> _Found:
    for row in rows("indexes"):
        table, name, unique, method, predicate, nulls_not_distinct, valid, keys, columns, classes, options = row
        yield (
            ("index", table, name),
            Index(
                columns=tuple(columns[:keys]),
                included=tuple(columns[keys:]),
                unique=unique,
                nulls_distinct=not nulls_not_distinct,
                method=method,
                operator_classes=tuple(classes),
                options=tuple(options),
                predicate=predicate,
                valid=valid,
            ),
        )


def _read_enums(rows: _Rows) -> _Found:
    for name, values in rows("enums"):
        yield ("enum", "", name), EnumType(tuple(values))


_READERS: tuple[Callable[[_Rows], _Found], ...] = (
    _read_tables,
    _read_columns,
    _read_keys,
    _read_foreign_keys,
    _read_checks,
    _read_indexes,
    _read_enums,
)


@contextmanager
def search_path(connection: Connection, schema: str) -> Iterator[None]:
    """Names the schema's own types, and those of extensions, without their schema; until the block ends."""
    before = connection.execute(text("SELECT current_setting('search_path')")).scalar_one()
    connection.execute(text(_SQL["search_path"]), {"schema": quote(schema)})
    yield
    connection.execute(text("SELECT set_config('search_path', :before, true)"), {"before": before})
