"""What AgentHiFive's tables have in common: prefixes, names, Python types, keys and the standard audit columns.

The conventions are the document's ("Database"). A table's name says its category: `t_` transactional, `d_` dictionary,
`l_` log, `r_` relationship; there are no `d_` and `r_` tables yet. `updated_at` is set by the application, not by a
trigger.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    Boolean,
    DateTime,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    event,
    func,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tenancy.reference.agenthifive.enums import NATIVE_ENUMS
from tenancy.schema import SoftDeleted, TenantScoped, Timestamped, metadata


def _name_without_prefix(_: Index, table: Table) -> str:
    return table.name.split("_", 1)[1]


AGENTHIFIVE_NAMING: dict[str, Any] = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_unique",
    # The document's example, `idx_connections_workspace_id`, leaves the prefix out; those of constraints keep it.
    "ix": "idx_%(name_without_prefix)s_%(column_0_N_name)s",
    "ck": "%(table_name)s_%(column_0_N_name)s_check",
    "name_without_prefix": _name_without_prefix,
}

_METADATA = metadata(
    schema="agenthifive",
    tenant_type=Uuid,
    tenant_column="workspace_id",
    naming_convention=AGENTHIFIVE_NAMING,
    policy_naming="{table}_{command}",
)


class Base(DeclarativeBase):
    """An AgentHiFive table."""

    metadata = _METADATA
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: Text(),
        int: Integer(),
        bool: Boolean(),
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        list[str]: ARRAY(Text()),
        # Bound to the metadata: one of the types has no column, and exists all the same.
        **{
            enum: Enum(enum, name=name, metadata=_METADATA, values_callable=lambda members: [m.value for m in members])
            for name, enum in NATIVE_ENUMS.items()
        },
    }


class _Key:
    """`id`: the database can make it; the application does, so that it knows it before it inserts, and many at once."""

    id: Mapped[UUID] = mapped_column(
        primary_key=True, default=uuid4, server_default=func.gen_random_uuid(), sort_order=-2
    )


class AuditColumns(_Key, Timestamped):
    """`id` and the standard audit columns of transactional tables: `created_at`, `updated_at`."""


class CreatedColumn(_Key):
    """`id` and `created_at`, of tables whose rows are hardly changed: the source leaves `updated_at` out."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=900)


class SoftDeleteColumns(SoftDeleted):
    """`deleted_at` and `deleted_by`: the row is gone for the workspace and stays for system sessions.

    The document's convention for tables with soft deletion; the source has no such table yet.
    """

    deleted_by: Mapped[UUID | None] = mapped_column(sort_order=903)


class WorkspaceScoped(TenantScoped):
    """Rows of one workspace, with an index for it, which the document shows and the source lacks."""

    workspace_id: Mapped[UUID] = mapped_column(
        ForeignKey("t_workspaces.id", ondelete="CASCADE"), index=True, sort_order=-1
    )


class WorkspaceScopedByUnique(TenantScoped):
    """Rows of one workspace where a unique constraint or index is led by the workspace: no second index."""

    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("t_workspaces.id", ondelete="CASCADE"), sort_order=-1)


def unchecked_reference(columns: Sequence[str], referred: Sequence[str]) -> ForeignKeyConstraint:
    """A reference that PostgreSQL is not told of, because the row outlives what it refers to.

    Scopes and relationships find it where they look for foreign keys. `CREATE TABLE` and Alembic look among the table's
    constraints, and it does not stay there.
    """
    key = ForeignKeyConstraint(columns, referred)
    event.listen(key, "after_parent_attach", lambda key, table: table.constraints.discard(key))
    return key
