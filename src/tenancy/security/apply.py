"""Brings a database to what the models ask for in one step: for development servers and tests, without migrations."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, MetaData, Table

from tenancy.schema.metadata import conventions_of
from tenancy.security.canonical import canonical
from tenancy.security.catalog import read
from tenancy.security.changes import Change, CreateFunction, CreateSchema
from tenancy.security.declared import function_of
from tenancy.security.definer import reads_tables
from tenancy.security.derive import derive
from tenancy.security.diff import diff
from tenancy.security.functions import installed
from tenancy.security.roles import Roles
from tenancy.security.statements import execute
from tenancy.security.values import DatabaseSecurity


def compare(connection: Connection, metadata: Sequence[MetaData], roles: Roles) -> list[Change]:
    """The changes that would bring the database to what the models ask for; empty where it is there.

    Args:
        connection: of the owner, inside a transaction; nothing is left behind.
        metadata: made by `tenancy.metadata()`.
        roles: the names of the three roles.
    """
    want = derive(metadata, roles)
    have = read(connection, {schema for schema, _ in want.tables})
    return diff(canonical(connection, want, have), have)


def push(
    connection: Connection, metadata: Sequence[MetaData], roles: Roles, tables: Sequence[Table] | None = None
) -> None:
    """Creates schemas, tables and their security straight from the models.

    Args:
        connection: of the owner, inside a transaction.
        metadata: made by `tenancy.metadata()`.
        roles: the names of the three roles.
        tables: only these; by default all.
    """
    want = derive(metadata, roles)
    if tables is not None:
        chosen = {(table.schema or "public", table.name) for table in tables}
        kept = {key: table for key, table in want.tables.items() if key in chosen or key[0] == installed.schema}
        # A declared function may read a table that is left out.
        left_out = {
            function_of(declared, roles).signature
            for one in metadata
            for declared in conventions_of(one).functions
            if not declared.tables <= set(tables)
        }
        functions = {key: function for key, function in want.functions.items() if key not in left_out}
        want = DatabaseSecurity(want.schemas, kept, functions)
    have = read(connection, {*want.schemas, *(schema for schema, _ in want.tables)})
    # Schemas and functions before the tables that stand in them, policies after.
    first = [
        change
        for change in diff(want, have)
        if isinstance(change, CreateSchema)
        or (isinstance(change, CreateFunction) and not reads_tables(change.function))
    ]
    run(connection, first)
    installed.create_all(connection)
    for one in metadata:
        one.create_all(connection, tables=None if tables is None else [t for t in tables if t.metadata is one])
    have = read(connection, {schema for schema, _ in want.tables})
    run(connection, diff(canonical(connection, want, have), have))


def run(connection: Connection, changes: Sequence[Change]) -> None:
    """Makes the changes, in order."""
    for change in changes:
        for statement in change.statements():
            execute(connection, statement)
