"""Calling a resolver: a read that needs no tenant, because it finds out which one it is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, Text, Uuid, select
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.types import TypeEngine

from tenancy.schema.identity import IdentityType
from tenancy.schema.resolver import Resolver

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
    type_ = _TYPES[resolver.identity_type]
    return select(resolver.call(secrets, ARRAY(type_) if resolver.many else type_))
