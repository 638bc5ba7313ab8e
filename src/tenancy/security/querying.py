"""A scoped query as a function: rows of the current tenant, found without policies in the way.

What keeps it safe beside all that holds declared functions (`tenancy.security.definer`): every table in it is narrowed
by the very condition of its policies; a transaction without the tenant or user that these ask for is refused before
anything is read; and it contains nothing that could tell about a row which is left out (`query_compiler`).
"""

from __future__ import annotations

import re

from sqlalchemy import Column, Label, Table
from sqlalchemy.sql.visitors import iterate

from tenancy.errors import ConfigurationError
from tenancy.schema.classification import classification_of
from tenancy.schema.query import ScopedQuery
from tenancy.schema.scope import Everyone
from tenancy.security.definer import definer_function, signature_name, sql_type
from tenancy.security.functions import SCHEMA
from tenancy.security.predicate import helpers_of
from tenancy.security.query_compiler import CALLER, QueryCompiler
from tenancy.security.quoting import identifier
from tenancy.security.roles import Roles
from tenancy.security.values import Function

#: Each call is planned for its own tenant and arguments: a plan made for a small tenant would be slow for a large one.
_PLANNED_EACH_TIME = "plan_cache_mode=force_custom_plan"

#: A quoted value or name, whose spaces are its own; or the space that SQLAlchemy leaves at the end of a line.
_QUOTED_OR_LINE_END = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*")| (?=\n)""")


def query_function(
    query: ScopedQuery, roles: Roles, *, default_schema: str = "public", narrowed: bool = True
) -> Function:
    """The function that a scoped query asks for.

    Args:
        query: the query.
        roles: the names of the three roles.
        default_schema: the PostgreSQL schema of tables that name none.
        narrowed: False leaves the tables open, which is for the proof of the proof.

    Raises:
        ConfigurationError: the query contains what it may not, or reads no tenant's table.
    """
    tables = tables_of(query, default_schema)
    compiled = str(QueryCompiler(query, default_schema, tables, narrowed=narrowed))
    ids = {name: type_ for table in tables if _is_scoped(table) for name, type_ in helpers_of(table).items()}
    if not ids:
        raise ConfigurationError(f"Scoped query {query.name} reads shared tables only: an ordinary statement does.")
    both = query.parameters.keys() & query.columns.keys()
    if both:
        raise ConfigurationError(
            f"Scoped query {query.name} is refused: {', '.join(sorted(both))} is the name of a parameter and of a "
            f"column that is returned, which PostgreSQL takes for one. Name the parameter otherwise."
        )
    types = {name: sql_type(column.type, default_schema) for name, column in query.columns.items()}
    lines = [
        "",
        # The names of the returned columns are variables too; and a column is never meant to be one.
        "#variable_conflict use_column",
        # Ahead of the query, in which a condition that finds nothing might be asked before, and tell that by no error;
        # and as values, since planning a call of a helper takes as long as all the rest of a short query.
        f"<<{CALLER}>>",
        "DECLARE",
        *(f"{name} CONSTANT {type_.value} := {SCHEMA}.{name}();" for name, type_ in ids.items()),
        "BEGIN",
        f"RETURN QUERY {_with_types(_QUOTED_OR_LINE_END.sub(lambda found: found[1] or '', compiled), query, types)};",
        "END",
        "",
    ]
    returned = ", ".join(f"{signature_name(name)} {type_}" for name, type_ in types.items())
    return definer_function(
        query,
        f"TABLE({returned})",
        "\n".join(lines),
        roles,
        default_schema=default_schema,
        language="plpgsql",
        settings=(_PLANNED_EACH_TIME,),
    )


def _with_types(select: str, query: ScopedQuery, types: dict[str, str]) -> str:
    """The SELECT; where it computes, with the types that SQLAlchemy gives what is computed: count() is no integer."""
    selected = query.returning.selected_columns
    if all(isinstance(one.element if isinstance(one, Label) else one, Column) for one in selected):
        return select
    names = {name: identifier(name) for name in types}
    casts = ", ".join(f"CAST(found.{names[name]} AS {type_})" for name, type_ in types.items())
    return f"SELECT {casts}\nFROM ({select}) AS found({', '.join(names.values())})"


def tables_of(query: ScopedQuery, default_schema: str = "public") -> dict[Table, set[str]]:
    """The tables that a scoped query reads, and of each the columns that it names.

    Raises:
        ConfigurationError: the query contains what it may not.
    """
    for element in iterate(query.returning):
        if hasattr(type(element), "_compiler_dispatcher"):
            raise ConfigurationError(
                f"Scoped query {query.name} is refused: it contains {type(element).__name__}, which compiles itself by "
                f"@compiles. Write it with SQLAlchemy's expressions."
            )
    return dict(QueryCompiler(query, default_schema).tables)


def _is_scoped(table: Table) -> bool:
    return not isinstance(classification_of(table).scope, Everyone)
