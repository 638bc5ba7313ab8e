"""What every declared function is: definer rights of the system role, pinned names, and the application as its caller.

It runs as the system role, which no policy holds. What keeps it safe: its search_path is pinned, every table in it
stands with its schema, and only the application role may call it.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Enum
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from tenancy.schema.function import DeclaredFunction
from tenancy.schema.identity import implementation_of
from tenancy.security.quoting import identifier
from tenancy.security.roles import Roles
from tenancy.security.values import Function

DIALECT = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
SEARCH_PATH = "search_path=pg_catalog, pg_temp"


def reads_tables(function: Function) -> bool:
    """Whether the function is a declared one, which stands on tables, and not a helper, on which tables stand."""
    return function.security_definer


def definer_function(
    declared: DeclaredFunction,
    returns: str,
    body: str,
    roles: Roles,
    *,
    default_schema: str,
    language: str = "sql",
    settings: tuple[str, ...] = (),
) -> Function:
    """A declared function with its body."""
    parameters = declared.parameters.items()
    return Function(
        declared.name,
        returns,
        body,
        language=language,
        arguments=", ".join(f"{signature_name(name)} {sql_type(one.type, default_schema)}" for name, one in parameters),
        parallel="RESTRICTED",
        security_definer=True,
        settings=(SEARCH_PATH, *settings),
        schema=declared.schema,
        owner=roles.system,
        executors=(roles.application,),
    )


def signature_name(name: str) -> str:
    """A name in a function's signature, where more words are reserved than elsewhere."""
    return f'"{name}"' if name in _RESERVED_IN_SIGNATURES else identifier(name)


#: PostgreSQL's key words that cannot be a function's or type's name (documentation, appendix C).
_RESERVED_IN_SIGNATURES = frozenset(
    {
        "between", "bigint", "bit", "boolean", "char", "character", "coalesce", "dec", "decimal", "exists", "extract",
        "float", "greatest", "grouping", "inout", "int", "integer", "interval", "json", "json_array", "json_arrayagg",
        "json_exists", "json_object", "json_objectagg", "json_query", "json_scalar", "json_serialize", "json_table",
        "json_value", "least", "merge_action", "national", "nchar", "none", "normalize", "nullif", "numeric", "out",
        "overlay", "position", "precision", "real", "row", "setof", "smallint", "substring", "time", "timestamp",
        "treat", "trim", "values", "varchar", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest",
        "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable",
    }
)  # fmt: skip


def argument(declared: DeclaredFunction, name: str) -> str:
    """An argument in the body: by the function's name, since a column of the same name would hide it."""
    return identifier(declared.name, name)


def sql_type(type_: TypeEngine[Any], default_schema: str) -> str:
    """The type as PostgreSQL prints it in a function's signature, which keeps no length."""
    implementation = implementation_of(type_)
    if isinstance(implementation, Enum) and implementation.native_enum and implementation.name:
        return identifier(implementation.schema or default_schema, implementation.name)
    name = re.sub(r" ?\(.*?\)", "", type_.compile(dialect=DIALECT).lower())
    return _PRINTED.get(name, name)


#: Types that PostgreSQL prints by another name than SQLAlchemy.
_PRINTED = {"varchar": "character varying", "char": "character", "float": "double precision"}
