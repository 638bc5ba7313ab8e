"""What every connectors table has in common: the names, the Python types, the two kinds of key and the timestamps.

The conventions are the document's ("Key Patterns"): uuid keys of the database for the application's own tables, text
keys of the application for those of Better Auth, timestamps without time zone, `varchar` for enums, `text[]` for
scopes. Names of constraints are Drizzle's, which the document leaves to its tool.
"""

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum as PythonEnum
from typing import Annotated, Any
from uuid import UUID, uuid4

from sqlalchemy import (
    Boolean,
    DateTime,
    Enum,
    ForeignKeyConstraint,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tenancy.schema import metadata

Varchar50 = Annotated[str, 50]
Varchar100 = Annotated[str, 100]
Varchar200 = Annotated[str, 200]
Varchar255 = Annotated[str, 255]
Varchar500 = Annotated[str, 500]


def new_id() -> str:
    """A key that nobody can guess, for a table of Better Auth: the database has no default there."""
    return uuid4().hex


def utc_now() -> datetime:
    """The present in UTC, for a column without time zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def varchar_enum(enum: type[PythonEnum], length: int) -> Enum:
    """`varchar` that holds an enum's values: checked in Python when written and when read, never by the database."""
    return Enum(
        enum,
        native_enum=False,
        length=length,
        validate_strings=True,
        values_callable=lambda members: [member.value for member in members],
    )


def _referred_column(key: ForeignKeyConstraint, _: Table) -> str:
    # SQLAlchemy's own token asks for the parent table, which may be declared later.
    return key.elements[0].target_fullname.rsplit(".", 1)[-1]


CONNECTORS_NAMING: dict[str, Any] = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_%(referred_table_name)s_%(referred_column)s_fk",
    "uq": "%(table_name)s_%(column_0_N_name)s_unique",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "referred_column": _referred_column,
}


class Base(DeclarativeBase):
    """A connectors table. Users and organizations have text ids, which Better Auth's side of the application gives."""

    metadata = metadata(
        schema="connectors",
        tenant_type=Text,
        user_type=Text,
        naming_convention=CONNECTORS_NAMING,
        policy_naming="{table}_{command}",
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: Text(),
        Varchar50: String(50),
        Varchar100: String(100),
        Varchar200: String(200),
        Varchar255: String(255),
        Varchar500: String(500),
        int: Integer(),
        bool: Boolean(),
        # Slack's timestamps: seconds with six decimals, exact, because they also are the ids of messages.
        Decimal: Numeric(16, 6),
        datetime: DateTime(),
        UUID: Uuid(),
        # Scopes and tags; a change in place marks the row as changed.
        list[str]: MutableList.as_mutable(ARRAY(Text())),
    }


class TextKey:
    """The key of a table of Better Auth."""

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id, sort_order=-2)


class UuidKey:
    """The key of one of the application's own tables; the default of the database serves other programs."""

    id: Mapped[UUID] = mapped_column(
        primary_key=True, default=uuid4, server_default=func.gen_random_uuid(), sort_order=-2
    )


class Created:
    """`created_at`, nullable as everywhere in the source.

    Python fills it in UTC: the database's `now()` would take the time zone of its connection.
    """

    created_at: Mapped[datetime | None] = mapped_column(default=utc_now, server_default=func.now(), sort_order=900)


class Timestamped(Created):
    """`created_at` and `updated_at`; nothing in the database touches the latter."""

    updated_at: Mapped[datetime | None] = mapped_column(
        default=utc_now, onupdate=utc_now, server_default=func.now(), sort_order=901
    )
