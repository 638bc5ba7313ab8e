"""What every Trovella table has in common: the names, the Python types, the key and the two column helpers.

The conventions are the document's ("Table Conventions"): text keys that the application gives, timestamps with time
zone, no trigger behind `updated_at`, names that embed the camelCase of the application's fields.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID, uuid4

from sqlalchemy import REAL, Date, DateTime, Enum, ForeignKeyConstraint, Index, Integer, Numeric, Table, Text, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tenancy.reference.trovella.enums import NATIVE_ENUMS
from tenancy.schema import TenantScoped, Timestamped, metadata

#: Timestamps of the tables that Better Auth writes.
WithoutTimeZone = Annotated[datetime, "without time zone"]


def new_id() -> str:
    """A key that nobody can guess.

    The document leaves keys to the application (Better Auth, nanoid). Random ones also keep the primary key, which is
    unique across tenants, from telling one tenant anything about another.
    """
    return uuid4().hex


def _columns_in_camel_case(index: Index, _: Table) -> str:
    first, *rest = "_".join(column.name for column in index.columns).split("_")
    return first + "".join(word.title() for word in rest)


def _referred_column(key: ForeignKeyConstraint, _: Table) -> str:
    # SQLAlchemy's own token asks for the parent table, which may be declared later.
    return key.elements[0].target_fullname.rsplit(".", 1)[-1]


def _index_suffix(index: Index, _: Table) -> str:
    return "uidx" if index.unique else "idx"


TROVELLA_NAMING: dict[str, Any] = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_%(referred_table_name)s_%(referred_column)s_fk",
    "uq": "%(table_name)s_%(column_0_N_name)s_unique",
    "ix": "%(table_name)s_%(columns_in_camel_case)s_%(index_suffix)s",
    "columns_in_camel_case": _columns_in_camel_case,
    "index_suffix": _index_suffix,
    "referred_column": _referred_column,
}

_METADATA = metadata(
    schema="trovella", tenant_type=Text, naming_convention=TROVELLA_NAMING, policy_naming="{table}_{command}"
)


class Base(DeclarativeBase):
    """A Trovella table: its key is text, given by the application and not by the database."""

    metadata = _METADATA
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: Text(),
        int: Integer(),
        float: REAL(),
        # Money.
        Decimal: Numeric(10, 6),
        date: Date(),
        datetime: DateTime(timezone=True),
        WithoutTimeZone: DateTime(),
        UUID: Uuid(),
        # Bound to the metadata: one of the types has no column, and exists all the same.
        **{
            enum: Enum(enum, name=name, metadata=_METADATA, values_callable=lambda members: [m.value for m in members])
            for name, enum in NATIVE_ENUMS.items()
        },
    }

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id, sort_order=-2)


class TenantColumns(TenantScoped, Timestamped):
    """`tenantColumns`: `organization_id` (without a foreign key, as in the document), `created_at`, `updated_at`."""


class BaseColumns(Timestamped):
    """`baseColumns`, of tables that belong to no tenant: `created_at`, `updated_at`."""
