"""Tenants and users that nobody has used: attacker, victim, and a stranger who owns nothing."""

from __future__ import annotations

import secrets
import uuid
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, MetaData, SmallInteger
from sqlalchemy.types import TypeEngine

from tenancy.schema.identity import Identity, IdentityType, implementation_of
from tenancy.schema.metadata import conventions_of
from tenancy.session.principal import Principal


class Parties(NamedTuple):
    """Who takes part in the attacks on the tables of one metadata."""

    attacker: Principal
    victim: Principal
    #: Has a tenant and a user as everybody does, and no row.
    stranger: Principal


def new_parties(metadata: MetaData) -> Parties:
    """Three principals whose ids have the types that the metadata says."""
    conventions = conventions_of(metadata)

    def principal() -> Principal:
        return Principal(_new_id(conventions.tenant_type), _new_id(conventions.user_type))

    return Parties(principal(), principal(), principal())


#: Lower case only: near misses of an id are tried, one in upper case among them, and some that separators tempt to.
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_ROOM_FOR_A_SEPARATOR = 8


def _new_id(type_: TypeEngine[Any]) -> Identity:
    implementation: Any = implementation_of(type_)
    match IdentityType.of(type_, "the metadata's id"):
        case IdentityType.UUID:
            return uuid.uuid4()
        case IdentityType.TEXT:
            length = min(int(implementation.length or 64), 24)
            letters = [secrets.choice(_LETTERS) for _ in range(length)]
            if length > _ROOM_FOR_A_SEPARATOR:
                letters[length // 2] = "_"
            return "".join(letters)
    bits = 62 if isinstance(implementation, BigInteger) else 14 if isinstance(implementation, SmallInteger) else 30
    # Far from where sequences begin.
    return int(2**bits + secrets.randbelow(2**bits))
