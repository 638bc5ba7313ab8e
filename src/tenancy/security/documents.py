"""`policies/`: what protects each table, as SQL with a heading in words, for reviewers who read no Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import MetaData

from tenancy.schema.access import Command
from tenancy.schema.classification import Classification, classification_of
from tenancy.schema.metadata import conventions_of
from tenancy.schema.query import ScopedQuery
from tenancy.schema.resolver import Resolver
from tenancy.schema.scope import AllOf, AnyOf, Everyone, IsNull, Nobody, ParentRow, Scope, TenantColumn, UserColumn
from tenancy.security.changes import CreateFunction, function_sql
from tenancy.security.declared import function_of
from tenancy.security.derive import derive
from tenancy.security.diff import diff_table
from tenancy.security.functions import SCHEMA, helpers, installed_tables
from tenancy.security.querying import tables_of
from tenancy.security.roles import Roles
from tenancy.security.values import TableSecurity

_HEADING = (
    "-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`."
)


def documents(metadata: Sequence[MetaData], roles: Roles, default_schema: str = "public") -> dict[str, str]:
    """The files of `policies/`: relative path to text, one per table, and one for the functions that policies call.

    Raises:
        UnclassifiedTable: a table does not say who may see its rows.
        InvalidScope: a scope does not fit its table.
    """
    want = derive(metadata, roles, default_schema=default_schema)
    files = {f"{SCHEMA}/functions.sql": _functions()}
    for security in installed_tables(roles):
        words = ["The record of system sessions. Only the system role reads and appends."]
        files[f"{SCHEMA}/{security.name}.sql"] = _document(security, words)
    for one in metadata:
        for table in one.tables.values():
            security = want.tables[table.schema or default_schema, table.name]
            classification = classification_of(table)
            words = [scope_in_words(classification.scope), access_in_words(classification)]
            files[f"{security.schema}/{security.name}.sql"] = _document(security, words)
        if resolvers := conventions_of(one).resolvers:
            name = f"{one.schema or SCHEMA}/resolvers.sql"
            files[name] = _resolvers(resolvers, roles, default_schema)
        if queries := conventions_of(one).queries:
            name = f"{one.schema or SCHEMA}/queries.sql"
            files[name] = _queries(queries, roles, default_schema)
    return dict(sorted(files.items()))


def _document(security: TableSecurity, words: Sequence[str]) -> str:
    lines = [_HEADING, "--", f"-- {security.schema}.{security.name}", *(f"-- {sentence}" for sentence in words), ""]
    bare = TableSecurity(*security.key)
    lines += [f"{change.sql()};" for change in diff_table(security, bare)]
    return "\n".join(lines) + "\n"


def _resolvers(resolvers: Sequence[Resolver], roles: Roles, default_schema: str) -> str:
    words = (
        "-- Reads that come before the tenant is known. Each takes a secret and returns ids, never a row; it runs as\n"
        f"-- the system role, and only {roles.application} may call it."
    )
    functions = [function_of(one, roles, default_schema=default_schema) for one in resolvers]
    return "\n\n".join([f"{_HEADING}\n--\n{words}", *(f"{CreateFunction(one).sql()};" for one in functions)]) + "\n"


def _queries(queries: Sequence[ScopedQuery], roles: Roles, default_schema: str) -> str:
    words = (
        "-- Searches that row-level security would keep from their indexes. Each runs as the system role, which no\n"
        "-- policy holds, so every table in it says whose rows are seen, by the condition of its policies. A call\n"
        "-- without the ids that these ask for is refused before anything is read, and only\n"
        f"-- {roles.application} may call it."
    )
    texts = []
    for query in queries:
        scopes = {table.fullname: classification_of(table).scope for table in tables_of(query, default_schema)}
        reads = [f"-- Of {name}: {scope_in_words(scope)}" for name, scope in scopes.items()]
        function = function_of(query, roles, default_schema=default_schema)
        texts.append("\n".join([f"-- {query.name}", *reads, f"{CreateFunction(function).sql()};"]))
    return "\n\n".join([f"{_HEADING}\n--\n{words}", *texts]) + "\n"


def _functions() -> str:
    return "\n\n".join([_HEADING, *(f"{function_sql(function)};" for function in helpers(Roles()))]) + "\n"


def scope_in_words(scope: Scope) -> str:
    """Who sees a row, as a sentence."""
    match scope:
        case Everyone():
            return "Everybody sees every row."
        case Nobody():
            return "Private: the application role sees nothing."
    return f"A row is seen where {' '.join(_words(scope))}."


def _words(scope: Scope) -> Iterator[str]:
    match scope:
        case TenantColumn(column):
            yield f"{column} is the current tenant"
        case UserColumn(column):
            yield f"{column} is the current user"
        case ParentRow(columns):
            yield f"the row that {', '.join(columns)} refers to is seen"
        case IsNull(column):
            yield f"{column} is empty"
        case AllOf(scopes):
            yield " and ".join(" ".join(_words(inner)) for inner in scopes)
        case AnyOf(scopes):
            yield ", or ".join(" ".join(_words(inner)) for inner in scopes)


def access_in_words(classification: Classification) -> str:
    """What the application may do, as a sentence."""
    if isinstance(classification.scope, Nobody):
        return "Only migrations and the system role reach it."
    verbs = {Command.SELECT: "read", Command.INSERT: "insert", Command.UPDATE: "update", Command.DELETE: "delete"}
    allowed = [verbs[command] for command in classification.access.commands]
    return f"The application may {', '.join(allowed)}{'' if len(allowed) == len(verbs) else ', and nothing else'}."
