"""Calling a resolver: a read that needs no tenant, because it finds out which one it is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Function, Select, Text, Uuid, literal, quoted_name, select
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.types import TypeEngine

from tenancy.errors import ConfigurationError
from tenancy.schema.identity import IdentityType
from tenancy.schema.resolver import Resolver
from tenancy.security.quoting import identifier
from tenancy.security.resolving import schema_of

#: The class of SQLSTATEs of values that are none of their type.
_DATA_EXCEPTION = "22"

_TYPES: dict[IdentityType, TypeEngine[Any]] = {
    IdentityType.UUID: Uuid(),
    IdentityType.TEXT: Text(),
    IdentityType.BIGINT: BigInteger(),
}


def is_malformed(error: DBAPIError) -> bool:
    """Whether a secret was no value of its type: it comes from whoever knocks, and then there is nothing to find."""
    sqlstate = getattr(error.orig, "sqlstate", None) or ""
    return sqlstate.startswith(_DATA_EXCEPTION) or (not sqlstate and isinstance(_cause(error), ValueError | DataError))


def _cause(error: DBAPIError) -> BaseException | None:
    return error if isinstance(error, DataError) else getattr(error.orig, "__cause__", None)


def call(resolver: Resolver, secrets: dict[str, Any]) -> Select[Any]:
    """The statement that calls the resolver's function.

    Raises:
        ConfigurationError: the secrets are not those that the resolver takes.
    """
    taken = resolver.secrets
    if secrets.keys() != taken.keys():
        raise ConfigurationError(
            f"Resolver {resolver.name} takes {', '.join(taken)}, and was given {', '.join(secrets) or 'nothing'}."
        )
    type_ = _TYPES[resolver.identity_type]
    arguments = [literal(secrets[name], parameter.type) for name, parameter in taken.items()]
    # Quoted here: SQLAlchemy leaves the names of functions as they are, and never quotes a capital in their schema's.
    # PostgreSQL would take upper case for lower.
    name, schema = (quoted_name(identifier(part), quote=False) for part in (resolver.name, schema_of(resolver)))
    return_type = ARRAY(type_) if resolver.many else type_
    return select(Function(name, *arguments, type_=return_type, packagenames=(schema,)))
