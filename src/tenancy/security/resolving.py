"""A resolver as a function: ids out, rows never.

Before the tenant is known no policy lets anybody see anything. What keeps it safe beside all that holds declared
functions (`tenancy.security.definer`): the body is SQL-standard, so its names are bound when it is made, and it returns
one value of one type, whatever it finds.
"""

from __future__ import annotations

import re
from typing import Any, cast

from sqlalchemy import BindParameter, Select, literal_column
from sqlalchemy.sql.visitors import replacement_traverse

from tenancy.schema.resolver import Resolver
from tenancy.security.definer import DIALECT, argument, definer_function
from tenancy.security.roles import Roles
from tenancy.security.values import Function

#: A quoted value or name, whose spaces are its own; or the space between words.
_QUOTED_OR_SPACE = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*")|\s+""")


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
    returns = f"{type_}[]" if resolver.many else type_
    return definer_function(resolver, returns, body, roles, default_schema=default_schema)


def _select(resolver: Resolver, default_schema: str) -> str:
    """The statement's SQL, with the function's arguments where the secrets stand, and all else as literals."""

    def named_argument(element: Any, **_: Any) -> Any:
        if isinstance(element, BindParameter) and element.required:
            return literal_column(argument(resolver, str(element.key)), element.type)
        return None

    statement = cast("Select[object]", replacement_traverse(resolver.statement, {}, named_argument))
    # Every table with its schema, whatever search_path the function is created under.
    named = statement.compile(
        dialect=DIALECT,
        schema_translate_map={None: default_schema},
        render_schema_translate=True,
        compile_kwargs={"literal_binds": True},
    )
    return _QUOTED_OR_SPACE.sub(lambda found: found[1] or " ", str(named))
