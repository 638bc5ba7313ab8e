"""What every Mutate table has in common: the names, the Python types and the key.

The conventions are the document's ("Database Agent Guide"): text keys that the application gives, timestamps without
time zone, enums that the application checks and not the database. Names are those of its tool, Drizzle Kit.
"""

from __future__ import annotations

import secrets
import string
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, ForeignKeyConstraint, Integer, Table, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tenancy.schema import metadata

_ALPHABET = string.ascii_letters + string.digits + "_-"


def new_id() -> str:
    """A nanoid: 21 characters, 126 random bits.

    The document allows ULIDs as well; they tell when a row was made. A key that nobody can guess also keeps the primary
    key, which is unique across tenants, from telling one tenant anything about another.
    """
    return "".join(secrets.choice(_ALPHABET) for _ in range(21))


def utc_now() -> datetime:
    """The present in UTC, for a column without time zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def _referred_column(key: ForeignKeyConstraint, _: Table) -> str:
    # SQLAlchemy's own token asks for the parent table, which may be declared later.
    return key.elements[0].target_fullname.rsplit(".", 1)[-1]


#: The one index that the document's system names, idx_only_one_default_plan, gives indexes their prefix.
MUTATE_NAMING: dict[str, Any] = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_%(referred_table_name)s_%(referred_column)s_fk",
    "uq": "%(table_name)s_%(column_0_N_name)s_unique",
    "ix": "idx_%(table_name)s_%(column_0_N_name)s",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "referred_column": _referred_column,
}


class Base(DeclarativeBase):
    """A Mutate table: its key is text, given by the application and not by the database."""

    metadata = metadata(
        schema="mutate", tenant_type=Text, naming_convention=MUTATE_NAMING, policy_naming="{table}_{command}"
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: Text(),
        int: Integer(),
        # In UTC, as `utc_now` gives it.
        datetime: DateTime(),
    }

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id, sort_order=-2)
