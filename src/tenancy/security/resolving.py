"""A resolver as a function: definer rights of the system role, ids out, rows never.

It runs as the system role, since before the tenant is known no policy lets anybody see anything. What keeps it safe:
the body is SQL-standard, so its names are bound when it is made; its search_path is pinned; only the application role
may call it; it returns one value of one type, whatever it finds.
"""

from __future__ import annotations

import re
from typing import Any, cast

from sqlalchemy import BindParameter, Select, literal_column
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.visitors import replacement_traverse

from tenancy.schema.resolver import Resolver
from tenancy.security.functions import SCHEMA
from tenancy.security.quoting import identifier
from tenancy.security.roles import Roles
from tenancy.security.values import Function

_DIALECT = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
#: A quoted value or name, whose spaces are its own; or the space between words.
_QUOTED_OR_SPACE = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*")|\s+""")


def reads_tables(function: Function) -> bool:
    """Whether the function is a resolver, which stands on tables, and not a helper, on which tables stand."""
    return function.security_definer


def schema_of(resolver: Resolver) -> str:
    """Where the function is: beside its tables, or, where these name no schema, in `tenancy`.

    The owner can give a function to the system role only in a schema of its own, and `public` is not.
    """
    return resolver.metadata.schema or SCHEMA


def resolver_function(resolver: Resolver, roles: Roles, *, default_schema: str = "public") -> Function:
    """The function that a resolver asks for."""
    # Every name in it is quoted, and every value a literal of SQLAlchemy's.
    found = f"({_select(resolver, default_schema)}) AS found(id)"
    type_ = resolver.identity_type.value
    if resolver.many:
        ids = "SELECT DISTINCT found.id"
        body = f"RETURN ARRAY({ids} FROM {found} WHERE found.id IS NOT NULL ORDER BY found.id)"
    else:
        # Two different ids are nobody's: a secret that leads to two tenants must not choose one.
        only = "(array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1]"
        body = f"RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN {only} END FROM {found})"  # noqa: S608 - so
    arguments = ", ".join(f"{identifier(name)} {_type(secret)}" for name, secret in resolver.secrets.items())
    return Function(
        resolver.name,
        f"{type_}[]" if resolver.many else type_,
        body,
        arguments=arguments,
        parallel="RESTRICTED",
        security_definer=True,
        settings=("search_path=pg_catalog, pg_temp",),
        schema=schema_of(resolver),
        owner=roles.system,
        executors=(roles.application,),
    )


def _select(resolver: Resolver, default_schema: str) -> str:
    """The statement's SQL, with the function's arguments where the secrets stand, and all else as literals."""

    def argument(element: Any, **_: Any) -> Any:
        if isinstance(element, BindParameter) and element.required:
            # By the function's name: a column of the same name would hide the argument.
            return literal_column(identifier(resolver.name, str(element.key)), element.type)
        return None

    statement = cast("Select[object]", replacement_traverse(resolver.statement, {}, argument))
    # Every table with its schema, whatever search_path the function is created under.
    named = statement.compile(
        dialect=_DIALECT,
        schema_translate_map={None: default_schema},
        render_schema_translate=True,
        compile_kwargs={"literal_binds": True},
    )
    return _QUOTED_OR_SPACE.sub(lambda found: found[1] or " ", str(named))


def _type(secret: BindParameter[object]) -> str:
    """The type as PostgreSQL prints it in a function's signature, which keeps no length."""
    name = re.sub(r"\(.*?\)", "", secret.type.compile(dialect=_DIALECT).lower())
    return {"varchar": "character varying"}.get(name, name)
