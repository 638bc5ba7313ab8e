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
from tenancy.security.quoting import identifier, literal
from tenancy.security.statements import execute
from tenancy.security.values import DatabaseSecurity, Function, Policy, TableSecurity

_SCRATCH = "tenancy_scratch"

#: How many tables are copied at a time: each copy is locked, and a server has room for some thousands of locks.
_AT_ONCE = 100

#: Undefined column, function, table, schema or type, and so also the comparison of a column whose type will change.
_NOT_THERE_YET = ("42703", "42883", "42P01", "3F000", "42704")


def canonical(connection: Connection, want: DatabaseSecurity, have: DatabaseSecurity) -> DatabaseSecurity:
    """`want` with every policy and function that `have` spells otherwise in PostgreSQL's spelling.

    Args:
        connection: of a role that may create a schema in the database, inside a transaction; nothing is left behind.
        want: what the models ask for.
        have: what the catalog says; decides what needs to be asked at all.
    """
    with printing_full_names(connection):
        spelled = _spelled_policies(connection, list(_doubtful(want, have)))
    tables = {key: _respelled(table, spelled.get(key, set())) for key, table in want.tables.items()}
    functions = _canonical_functions(connection, want.functions, have.functions)
    return replace(want, tables=tables, functions=functions)


def _doubtful(want: DatabaseSecurity, have: DatabaseSecurity) -> Iterator[TableSecurity]:
    """The tables, each with those of its policies alone that are installed, but not in these words."""
    for key in want.tables.keys() & have.tables.keys():
        installed = {policy.name for policy in have.tables[key].policies}
        changed = want.tables[key].policies - have.tables[key].policies
        if policies := frozenset(policy for policy in changed if policy.name in installed):
            yield replace(want.tables[key], policies=policies)


def _respelled(table: TableSecurity, spelled: set[Policy]) -> TableSecurity:
    by_name = {policy.name: policy for policy in spelled}
    return replace(table, policies=frozenset(by_name.get(policy.name, policy) for policy in table.policies))


def _spelled_policies(connection: Connection, tables: list[TableSecurity]) -> dict[tuple[str, str], set[Policy]]:
    spelled: dict[tuple[str, str], set[Policy]] = {}
    # One schema after the other: tables of two may have the same name.
    for schema in {table.schema for table in tables}:
        of_schema = [table for table in tables if table.schema == schema]
        for first in range(0, len(of_schema), _AT_ONCE):
            copies = " ".join(_copy(table) for table in of_schema[first : first + _AT_ONCE])
            with _scratch_schema(connection):
                execute(connection, f"DO {literal(f'BEGIN {copies} END')}")
                found = read_policies(connection, [_SCRATCH])
            spelled |= {(schema, name): policies for (_, name), policies in found.items()}
    return spelled


def _copy(table: TableSecurity) -> str:
    """A block of PL/pgSQL that makes a copy with the policies; or none, where the table lacks what they name.

    Then they are different, whatever their spelling.
    """
    # The same name as the table's: PostgreSQL prints it where an expression needs to name its table.
    copied = f"CREATE TABLE {identifier(_SCRATCH, table.name)} (LIKE {identifier(*table.key)});"
    policies = "".join(f" {CreatePolicy(_SCRATCH, table.name, policy).sql()};" for policy in table.policies)
    missing = " OR ".join(f"SQLSTATE '{state}'" for state in _NOT_THERE_YET)
    return f"BEGIN {copied}{policies} EXCEPTION WHEN {missing} THEN NULL; END;"


@contextmanager
def _scratch_schema(connection: Connection) -> Iterator[None]:
    savepoint = connection.begin_nested()
    try:
        execute(connection, f"CREATE SCHEMA {_SCRATCH}")
        yield
    finally:
        savepoint.rollback()


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
        if getattr(error.orig, "sqlstate", None) in _NOT_THERE_YET:
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
