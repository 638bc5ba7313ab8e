"""What is wanted, in PostgreSQL's own spelling, so that comparing text compares meaning.

PostgreSQL stores an expression as a tree and prints it in its own way. Comparing after stripping parentheses or casts
calls different things equal; so where the texts differ, the wanted policy is created on a scratch copy of the table,
and what PostgreSQL then prints is compared. The copy lives in a schema of its own inside a savepoint that is rolled
back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from tenancy.security.catalog import printing_full_names, read_functions, read_policies
from tenancy.security.changes import CreatePolicy, function_sql
from tenancy.security.quoting import identifier
from tenancy.security.statements import execute
from tenancy.security.values import DatabaseSecurity, Function, Policy, TableSecurity

_SCRATCH = "tenancy_scratch"


def canonical(connection: Connection, want: DatabaseSecurity, have: DatabaseSecurity) -> DatabaseSecurity:
    """`want` with every policy and function that `have` spells otherwise in PostgreSQL's spelling.

    Args:
        connection: of a role that may create a schema in the database, inside a transaction; nothing is left behind.
        want: what the models ask for.
        have: what the catalog says; decides what needs to be asked at all.
    """
    with printing_full_names(connection):
        tables = {
            key: _canonical_table(connection, table, have.tables[key]) if key in have.tables else table
            for key, table in want.tables.items()
        }
    functions = _canonical_functions(connection, want.functions, have.functions)
    return replace(want, tables=tables, functions=functions)


def _canonical_table(connection: Connection, want: TableSecurity, have: TableSecurity) -> TableSecurity:
    installed = {policy.name for policy in have.policies}
    doubtful = [policy for policy in want.policies - have.policies if policy.name in installed]
    if not doubtful:
        return want
    spelled = _spelled(connection, want, doubtful)
    return replace(want, policies=frozenset(spelled.get(policy.name, policy) for policy in want.policies))


def _spelled(connection: Connection, table: TableSecurity, policies: list[Policy]) -> dict[str, Policy]:
    try:
        with _scratch_schema(connection):
            # The same name as the table's: PostgreSQL prints it where an expression needs to name its table.
            copy = identifier(_SCRATCH, table.name)
            execute(connection, f"CREATE TABLE {copy} (LIKE {identifier(*table.key)})")
            for policy in policies:
                execute(connection, CreatePolicy(_SCRATCH, table.name, policy).sql())
            return {policy.name: policy for policy in read_policies(connection, [_SCRATCH])[_SCRATCH, table.name]}
    except DBAPIError as error:
        # The wanted policy names what this table does not have yet: then it is different, whatever its spelling.
        if _not_there_yet(error):
            return {}
        raise


@contextmanager
def _scratch_schema(connection: Connection) -> Iterator[None]:
    savepoint = connection.begin_nested()
    try:
        execute(connection, f"CREATE SCHEMA {_SCRATCH}")
        yield
    finally:
        savepoint.rollback()


def _not_there_yet(error: DBAPIError) -> bool:
    """Undefined column, function, table, schema, type, or comparing a column whose type will change."""
    return getattr(error.orig, "sqlstate", None) in {"42703", "42883", "42P01", "3F000", "42704"}


def _canonical_functions(
    connection: Connection, want: Mapping[str, Function], have: Mapping[str, Function]
) -> dict[str, Function]:
    there = {(function.schema, function.name) for function in have.values()}
    # The types of arguments have spellings too, so that the signatures may differ.
    doubtful = [one for key, one in want.items() if have.get(key) != one and (one.schema, one.name) in there]
    spelled = {function: function for function in want.values()}
    # One schema after the other: functions of two may have the same name.
    for schema in {function.schema for function in doubtful}:
        of_schema = [function for function in doubtful if function.schema == schema]
        spelled.update(zip(of_schema, _spelled_functions(connection, of_schema), strict=True))
    return {function.signature: function for function in spelled.values()}


def _spelled_functions(connection: Connection, functions: list[Function]) -> list[Function]:
    try:
        with _scratch_schema(connection):
            for function in functions:
                execute(connection, function_sql(function, schema=_SCRATCH))
            with printing_full_names(connection):
                copies = {one.name: one for one in read_functions(connection, [_SCRATCH]).values()}
    except DBAPIError as error:
        # The body names another function, or a table, that is missing as well.
        if _not_there_yet(error):
            return functions
        raise
    # Who owns and who calls the copy says nothing.
    return [
        replace(
            copies[function.name],
            schema=function.schema,
            owner=function.owner,
            executors=function.executors,
        )
        for function in functions
    ]
