"""`database → DatabaseSecurity`: what the catalog says, in the same values that the models derive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from tenancy.security.functions import SCHEMA
from tenancy.security.statements import statement
from tenancy.security.values import DatabaseSecurity, Function, Grant, Policy, SchemaSecurity, TableSecurity

#: How the queries about columns take them.
_COLUMNS = ("schemas", "tables", "names")


def read(connection: Connection, schemas: Iterable[str]) -> DatabaseSecurity:
    """The security of the tables in some PostgreSQL schemas, and of the `tenancy` schema. Any role may ask.

    Args:
        connection: a connection inside a transaction.
        schemas: names of PostgreSQL schemas; those that do not exist are absent from the result.
    """
    names = sorted({SCHEMA, *schemas})
    with printing_full_names(connection):
        return DatabaseSecurity(
            schemas=_schemas(connection, names),
            tables=_tables(connection, names),
            functions=read_functions(connection, names),
        )


@contextmanager
def printing_full_names(connection: Connection) -> Iterator[None]:
    """Within, PostgreSQL prints every name with its schema, so that equal text means equal objects."""
    previous = connection.scalar(text("SELECT current_setting('search_path')"))
    set_path = text("SELECT set_config('search_path', :path, true)")
    connection.execute(set_path, {"path": "pg_catalog"})
    yield
    connection.execute(set_path, {"path": previous})


def _rows(connection: Connection, name: str, **parameters: Any) -> list[RowMapping]:
    return list(connection.execute(text(statement("tenancy.security", "catalog.sql", name)), parameters).mappings())


def _schemas(connection: Connection, names: list[str]) -> dict[str, SchemaSecurity]:
    grants: dict[str, set[Grant]] = defaultdict(set)
    for row in _rows(connection, "schemas", schemas=names):
        found = grants[row["name"]]
        if row["grantee"] is not None:
            found.add(Grant(row["grantee"], row["privilege"], grantable=row["grantable"]))
    return {name: SchemaSecurity(name, frozenset(found)) for name, found in grants.items()}


def _tables(connection: Connection, names: list[str]) -> dict[tuple[str, str], TableSecurity]:
    policies = read_policies(connection, names)
    grants: dict[tuple[str, str], set[Grant]] = defaultdict(set)
    for row in _rows(connection, "grants", schemas=names):
        grants[row["schema"], row["table"]].add(
            Grant(row["grantee"], row["privilege"], row["column"], row["sequence"], row["grantable"])
        )
    found = {}
    for row in _rows(connection, "tables", schemas=names):
        key = (row["schema"], row["name"])
        found[key] = TableSecurity(
            *key, row["enabled"], row["forced"], frozenset(policies.get(key, ())), frozenset(grants.get(key, ()))
        )
    return found


def read_policies(connection: Connection, schemas: list[str]) -> dict[tuple[str, str], set[Policy]]:
    """The policies of the tables in some schemas."""
    policies: dict[tuple[str, str], set[Policy]] = defaultdict(set)
    for row in _rows(connection, "policies", schemas=schemas):
        policies[row["schema"], row["table"]].add(
            Policy(row["name"], row["command"], row["permissive"], tuple(row["roles"]), row["using"], row["check"])
        )
    return policies


def read_functions(connection: Connection, schemas: Iterable[str] = (SCHEMA,)) -> dict[str, Function]:
    """The functions of some schemas, by signature."""
    rows = _rows(connection, "functions", schemas=list(schemas))
    functions = [
        Function(**{**row, "settings": tuple(row["settings"]), "executors": tuple(row["executors"])}) for row in rows
    ]
    return {function.signature: function for function in functions}


def functions_reading(connection: Connection, columns: Collection[tuple[str, str, str | None]]) -> set[str]:
    """The signatures of the functions that depend on some columns, each a schema, table and name.

    Without a name it is the whole table.
    """
    wanted = [list(part) for part in zip(*columns, strict=True)] or [[], [], []]
    with printing_full_names(connection):
        rows = _rows(connection, "functions that read columns", **dict(zip(_COLUMNS, wanted, strict=True)))
    return {f"{row['schema']}.{row['name']}({row['arguments']})" for row in rows}


def policies_reading(connection: Connection, columns: Collection[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """The policies, as schema, table and name, that depend on one of some columns, each a schema, table and name."""
    wanted = [list(part) for part in zip(*columns, strict=True)] or [[], [], []]
    rows = _rows(connection, "policies that read columns", **dict(zip(_COLUMNS, wanted, strict=True)))
    return {(row["schema"], row["table"], row["name"]) for row in rows}
