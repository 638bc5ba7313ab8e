"""Calling a resolver: a read that needs no tenant, because it finds out which one it is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, Text, Uuid, func, literal, select
from sqlalchemy.types import TypeEngine

from tenancy.errors import ConfigurationError
from tenancy.schema.identity import IdentityType
from tenancy.schema.resolver import Resolver

_TYPES: dict[IdentityType, TypeEngine[Any]] = {
    IdentityType.UUID: Uuid(),
    IdentityType.TEXT: Text(),
    IdentityType.BIGINT: BigInteger(),
}


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
    namespace = getattr(func, resolver.metadata.schema or "public")
    arguments = [literal(secrets[name], parameter.type) for name, parameter in taken.items()]
    return select(getattr(namespace, resolver.name)(*arguments, type_=ARRAY(type_) if resolver.many else type_))
