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

from sqlalchemy import Connection, ForeignKeyConstraint, Table, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import AddConstraint
from sqlalchemy.sql.dml import UpdateBase

from tenancy.errors import UnscopedStatement
from tenancy.security.quoting import identifier
from tenancy.security.roles import Roles
from tenancy.security.statements import execute

_SCOPED = "tenancy_scoped"
# Statements that PostgreSQL cannot explain are not worth asking about; a comment or a parenthesis may hide one that is.
_MAY_CHANGE_ROWS = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|MERGE|WITH|--|/\*|\()", re.IGNORECASE)
_FORCED = text("SELECT relforcerowsecurity FROM pg_class WHERE oid = to_regclass(:table)")


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
def refusing_unscoped_statements(connection: Connection, roots: Sequence[Table], roles: Roles) -> Iterator[None]:
    """Within, an INSERT, UPDATE, DELETE or MERGE on a table under FORCE needs a scope.

    Args:
        connection: the migration's.
        roots: the tables of the tenants, for the lines that the error tells to write.
        roles: the names of the three roles.
    """

    def check(conn: Connection, cursor: Any, statement: str, parameters: Any, context: Any, *_: Any) -> None:
        if conn.info.get(_SCOPED, False):
            return
        # Guarding itself asks the database.
        with statements_allowed(conn):
            key = _key_of_forced_tables(conn, context)
            table = None if key else _forced_table(conn, statement, parameters, context, roles)
        if key:
            raise UnscopedStatement(_lines_around_key(key))
        if table is not None:
            raise UnscopedStatement(_lines_to_write(table, statement, roots))

    event.listen(connection, "before_cursor_execute", check)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", check)


def _forced_table(connection: Connection, statement: str, parameters: Any, context: Any, roles: Roles) -> str | None:
    compiled: Any = getattr(context, "compiled", None)
    if compiled is not None and isinstance(compiled.statement, UpdateBase):
        table: Any = compiled.statement.table
        if _is_forced(connection, getattr(table, "schema", None), table.name):
            return str(table.fullname)
        # A common table expression may change rows of another table.
        if not compiled.ctes:
            return None
    elif not _MAY_CHANGE_ROWS.match(statement):
        return None
    first = parameters[0] if context.executemany and parameters else parameters
    modified = _modified_tables(connection, statement, first, roles)
    return next((f"{schema}.{name}" for schema, name in modified if _is_forced(connection, schema, name)), None)


def _key_of_forced_tables(connection: Connection, context: Any) -> list[Table]:
    """The tables under FORCE between which a foreign key is about to be created, and checked as the owner."""
    ddl = getattr(getattr(context, "compiled", None), "statement", None)
    if not isinstance(ddl, AddConstraint) or not isinstance(ddl.element, ForeignKeyConstraint):
        return []
    sides = {table.fullname: table for table in (ddl.element.table, ddl.element.referred_table)}
    return [table for table in sides.values() if _is_forced(connection, table.schema, table.name)]


def _is_forced(connection: Connection, schema: str | None, table: str) -> bool:
    name = identifier(schema, table) if schema else identifier(table)
    return bool(connection.scalar(_FORCED, {"table": name}))


def _modified_tables(connection: Connection, statement: str, parameters: Any, roles: Roles) -> list[tuple[str, str]]:
    """What the statement would modify. Asked as the system role: planning may call a policy's helper, which raises."""
    for role in (roles.system, None):
        savepoint = connection.begin_nested()
        try:
            if role is not None:
                execute(connection, f"SET LOCAL ROLE {identifier(role)}")
            rows = connection.exec_driver_sql(f"EXPLAIN (VERBOSE, FORMAT JSON) {statement}", parameters or ())
            plan = rows.scalar_one()
        except DBAPIError:
            # The system role may not, or the statement itself is wrong, and will say so in its own words.
            continue
        finally:
            savepoint.rollback()
        return sorted(set(_walk(json.loads(plan) if isinstance(plan, str) else plan)))
    return []


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
        f"`{verb} …` would change rows of {table}, which is under FORCE ROW LEVEL SECURITY: without a tenant it fails, "
        f"or changes nothing and reports success. Say whose rows you mean. For each tenant by itself:\n\n"
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


def _lines_around_key(tables: Sequence[Table]) -> str:
    def lines(verb: str) -> str:
        schemas = [f', schema="{table.schema}"' if table.schema else "" for table in tables]
        pairs = zip(tables, schemas, strict=True)
        return "".join(f'    op.{verb}_row_security("{table.name}"{schema})\n' for table, schema in pairs)

    return (
        f"A foreign key is checked by a query of the owner's, and {' and '.join(table.fullname for table in tables)} "
        f"under FORCE ROW LEVEL SECURITY shows the owner no rows to check. Take FORCE off meanwhile; the lock keeps "
        f"everybody else out until the end of the transaction:\n\n"
        f"{lines('no_force')}    op.create_foreign_key(...)\n{lines('force')}"
    )
