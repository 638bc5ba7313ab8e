"""Declared functions as what they become in the database."""

from __future__ import annotations

from tenancy.errors import ConfigurationError
from tenancy.schema.function import DeclaredFunction
from tenancy.schema.query import ScopedQuery
from tenancy.schema.resolver import Resolver
from tenancy.security.querying import query_function
from tenancy.security.resolving import resolver_function
from tenancy.security.roles import Roles
from tenancy.security.values import Function


def function_of(declared: DeclaredFunction, roles: Roles, *, default_schema: str = "public") -> Function:
    """The function that a resolver or a scoped query asks for.

    Raises:
        ConfigurationError: a scoped query contains what it may not.
    """
    match declared:
        case Resolver():
            return resolver_function(declared, roles, default_schema=default_schema)
        case ScopedQuery():
            return query_function(declared, roles, default_schema=default_schema)
    raise ConfigurationError(f"{declared!r} is neither a resolver nor a scoped query.")
