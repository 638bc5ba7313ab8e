"""What every Codebuff table has in common: the names, the Python types, the timestamps and the three kinds of owner.

The document gives tables and columns; the conventions behind them are the source's (Drizzle): snake_case but for the
columns of NextAuth, which are camelCase and quoted, and text keys that the application gives, or a natural key. There
is no `id` for all tables, and no tenant column for all either: most rows belong to a user.
"""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import uuid4

from sqlalchemy import (
    DateTime,
    Enum,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    func,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tenancy.reference.codebuff.enums import NATIVE_ENUMS
from tenancy.schema import Scope, TenantScoped, is_null, metadata, tenant, user

#: The older tables keep UTC without saying so.
WithoutTimeZone = Annotated[datetime, "without time zone"]

#: Every table has it, older ones without time zone.
CreatedAt = Annotated[datetime, mapped_column(server_default=func.now())]
#: The application sets it; where a trigger does, the model says `UpdatedByTrigger`.
UpdatedAt = Annotated[datetime, mapped_column(server_default=func.now(), onupdate=func.now())]
UpdatedByTrigger = Annotated[datetime, mapped_column(server_default=func.now(), server_onupdate=FetchedValue())]


def new_id() -> str:
    """A key that the application gives: `crypto.randomUUID()`."""
    return str(uuid4())


def _primary_key_suffix(key: PrimaryKeyConstraint, _: Table) -> str:
    """A key of one column is PostgreSQL's `pkey`; a composite one is named after its columns."""
    names = [column.name for column in key.columns]
    return "pkey" if len(names) == 1 else "_".join([*names, "pk"])


def _referred_column(key: ForeignKeyConstraint, _: Table) -> str:
    # SQLAlchemy's own token asks for the parent table, which may be declared later.
    return key.elements[0].target_fullname.rsplit(".", 1)[-1]


#: An index whose purpose is not its columns is named where it is declared: `idx_{table}_{purpose}`.
CODEBUFF_NAMING: dict[str, Any] = {
    "pk": "%(table_name)s_%(primary_key_suffix)s",
    "fk": "%(table_name)s_%(column_0_name)s_%(referred_table_name)s_%(referred_column)s_fk",
    "uq": "%(table_name)s_%(column_0_N_name)s_unique",
    "ix": "idx_%(table_name)s_%(column_0_N_name)s",
    "ck": "%(table_name)s_%(constraint_name)s",
    "primary_key_suffix": _primary_key_suffix,
    "referred_column": _referred_column,
}

_METADATA = metadata(
    schema="codebuff",
    tenant_type=Text,
    tenant_column="org_id",
    naming_convention=CODEBUFF_NAMING,
    policy_naming="{table}_{command}",
)


class Base(DeclarativeBase):
    """A Codebuff table."""

    metadata = _METADATA
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        int: Integer(),
        datetime: DateTime(timezone=True),
        WithoutTimeZone: DateTime(),
        **{
            enum: Enum(enum, name=name, metadata=_METADATA, values_callable=lambda members: [m.value for m in members])
            for name, enum in NATIVE_ENUMS.items()
        },
    }


class OfOrganization(TenantScoped):
    """Rows of an organization, gone with it: `org_id`. An index or a key that it leads is the table's own."""

    org_id: Mapped[str] = mapped_column(ForeignKey("org.id", ondelete="CASCADE"), sort_order=-1)


class OfOrganizationOrUser:
    """Rows of an organization where `org_id` is set, else of the user in `user_id`.

    A member sees the organization's rows in a session for that organization, and users see their own in sessions for
    themselves. Who wrote a row of an organization, or left the organization since, does not matter: with `org_id` set
    the row is never the user's.
    """

    __scope__: ClassVar[Scope] = tenant("org_id") | (is_null("org_id") & user("user_id"))
