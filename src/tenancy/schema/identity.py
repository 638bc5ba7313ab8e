"""The types a tenant's or a user's id may have."""

from __future__ import annotations

import uuid
from enum import Enum
from typing import Any

from sqlalchemy import Integer, String
from sqlalchemy.types import TypeDecorator, TypeEngine, Uuid

from tenancy.errors import InvalidScope, InvalidTenant

#: What a tenant's or a user's id may be in Python.
Identity = uuid.UUID | int | str


def implementation_of(column_type: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type that the database sees: what a `TypeDecorator` stands on, and any other type itself."""
    return column_type.impl_instance if isinstance(column_type, TypeDecorator) else column_type


class IdentityType(Enum):
    """The PostgreSQL type of an id, by the name that casts use."""

    UUID = "uuid"
    TEXT = "text"
    BIGINT = "bigint"

    @classmethod
    def of(cls, column_type: TypeEngine[object], where: str) -> IdentityType:
        """The identity type of a column.

        Args:
            column_type: a SQLAlchemy type.
            where: the column's name, for the error.

        Raises:
            InvalidScope: the type is none of UUID, text and integer.
        """
        implementation = implementation_of(column_type)
        for sqlalchemy_type, identity_type in (
            (Uuid, cls.UUID),
            (String, cls.TEXT),
            (Integer, cls.BIGINT),
        ):
            if isinstance(implementation, sqlalchemy_type):
                return identity_type
        raise InvalidScope(
            f"{where} has type {column_type!r}. A tenant's or a user's id is a Uuid, a String/Text or an "
            f"Integer/BigInteger; give the column one of these types."
        )

    @property
    def python_type(self) -> type[Identity]:
        types: dict[IdentityType, type[Identity]] = {
            IdentityType.UUID: uuid.UUID,
            IdentityType.TEXT: str,
            IdentityType.BIGINT: int,
        }
        return types[self]


def valid_identity(value: object, what: str = "tenant") -> Identity:
    """The id itself, if it is one; ids reach SQL text, so nothing else passes.

    Raises:
        InvalidTenant: not a UUID, an integer of 64 bits or a non-empty text without NUL.
    """
    # Plain values: a subclass, such as an enum of texts, may print as something else than it compares as.
    if isinstance(value, uuid.UUID):
        # Itself where it can be: the very same object is compared faster, with each of many rows.
        return value if type(value) is uuid.UUID else uuid.UUID(int=value.int)
    if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        return int(value)
    # An empty text would be a working tenant of its own, shared by everyone who forgot theirs.
    if isinstance(value, str) and value != "" and "\0" not in value and value.isprintable():
        return str.__str__(value)
    raise InvalidTenant(
        f"{value!r} is no {what} id: it must be a UUID, an integer of at most 64 bits, or a non-empty text of "
        f"printable characters."
    )
