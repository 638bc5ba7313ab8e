"""Refuses statements of a migration that would change rows under FORCE without saying whose.

SQLAlchemy's own statements say their table. Of plain text PostgreSQL is asked, with EXPLAIN, which tables it would
modify; nothing is parsed here. What hides inside a DO block or a function is left to the policies, which raise TN001 as
soon as a row is reached.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, event, text
from sqlalchemy.sql.dml import UpdateBase

from tenancy.errors import UnscopedStatement
from tenancy.security.functions import TENANT_NOT_SET

_SCOPED = "tenancy_scoped"
_CHANGES_ROWS = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(INSERT|UPDATE|DELETE|MERGE|WITH)\b", re.IGNORECASE | re.DOTALL
)
_FORCED = text(
    "SELECT c.relforcerowsecurity FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = COALESCE(:schema, current_schema()) AND c.relname = :table"
)


@contextmanager
def statements_allowed(connection: Connection) -> Iterator[None]:
    """Within, the migration has said whose rows it means."""
    previous = connection.info.get(_SCOPED, False)
    connection.info[_SCOPED] = True
    try:
        yield
    finally:
        connection.info[_SCOPED] = previous


@contextmanager
def refusing_unscoped_statements(connection: Connection, roots: Sequence[Table]) -> Iterator[None]:
    """Within, an INSERT, UPDATE, DELETE or MERGE on a table under FORCE needs a scope.

    Args:
        connection: the migration's.
        roots: the tables of the tenants, for the lines that the error tells to write.
    """

    def check(conn: Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
        if conn.info.get(_SCOPED, False):
            return
        table = _forced_table(conn, statement, parameters, context, executemany)
        if table is not None:
            raise UnscopedStatement(_lines_to_write(table, statement, roots))

    event.listen(connection, "before_cursor_execute", check)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", check)


def _forced_table(
    connection: Connection, statement: str, parameters: Any, context: Any, executemany: bool
) -> str | None:
    compiled = getattr(getattr(context, "compiled", None), "statement", None)
    if isinstance(compiled, UpdateBase):
        table: Any = compiled.table
        return table.fullname if _is_forced(connection, getattr(table, "schema", None), table.name) else None
    if not _CHANGES_ROWS.match(statement):
        return None
    first = parameters[0] if executemany and parameters else parameters
    modified = _modified_tables(connection, statement, first)
    return next((f"{schema}.{name}" for schema, name in modified if _is_forced(connection, schema, name)), None)


def _is_forced(connection: Connection, schema: str | None, table: str) -> bool:
    return bool(connection.scalar(_FORCED, {"schema": schema, "table": table}))


def _modified_tables(connection: Connection, statement: str, parameters: Any) -> set[tuple[str, str]]:
    with statements_allowed(connection):
        savepoint = connection.begin_nested()
        try:
            rows = connection.exec_driver_sql(f"EXPLAIN (VERBOSE, FORMAT JSON) {statement}", parameters or ())
            plan = rows.scalar_one()
        except Exception as error:
            if getattr(getattr(error, "orig", None), "sqlstate", None) == TENANT_NOT_SET:
                raise UnscopedStatement(_lines_to_write("a table under FORCE", statement, ())) from error
            return set()  # The statement itself is wrong, and will say so in its own words.
        finally:
            savepoint.rollback()
    return set(_walk(json.loads(plan) if isinstance(plan, str) else plan))


def _walk(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for inner in node:
            yield from _walk(inner)
    elif isinstance(node, dict):
        if node.get("Node Type") == "ModifyTable":
            yield node["Schema"], node["Relation Name"]
        for inner in node.values():
            yield from _walk(inner)


def _lines_to_write(table: str, statement: str, roots: Sequence[Table]) -> str:
    verb = " ".join(statement.split())[:60]
    schema = table.partition(".")[0]
    root = next((one for one in roots if (one.schema or "public") == schema), roots[0] if roots else None)
    arguments = '"organization"' if root is None else _root_arguments(root)
    return (
        f"`{verb} …` would change rows of {table}, which is under FORCE ROW LEVEL SECURITY: without a tenant it fails, or "
        f"changes nothing and reports success. Say whose rows you mean. For each tenant by itself:\n\n"
        f"    for tenant in op.for_each_tenant({arguments}):\n"
        f"        op.execute(...)\n\n"
        f"or for all rows at once:\n\n"
        f"    with op.as_system():\n"
        f"        op.execute(...)\n"
    )


def _root_arguments(root: Table) -> str:
    schema = f', schema="{root.schema}"' if root.schema else ""
    id_ = next(iter(root.primary_key.columns)).name
    return f'"{root.name}"{schema}' + (f', id="{id_}"' if id_ != "id" else "")
