"""`t_notification_channels`: where a workspace hears of what happens."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.agenthifive.base import AuditColumns, Base, WorkspaceScopedByUnique
from tenancy.reference.agenthifive.connections import Connection
from tenancy.reference.agenthifive.enums import VerificationStatus
from tenancy.reference.agenthifive.shapes import Record
from tenancy.reference.agenthifive.workspaces import Workspace
from tenancy.schema import Json, TenantForeignKey, TextEnum


class NotificationChannel(WorkspaceScopedByUnique, AuditColumns, Base):
    """A way to reach the workspace's people, one of each type. The types are an open set."""

    __tablename__ = "t_notification_channels"
    __table_args__ = (UniqueConstraint("workspace_id", "channel_type"),)

    channel_type: Mapped[str]
    enabled: Mapped[bool] = mapped_column(server_default=true())
    connection_id: Mapped[UUID | None] = mapped_column(TenantForeignKey("t_connections.id", ondelete="SET NULL"))
    config: Mapped[Record] = mapped_column(Json(Record))
    verification_status: Mapped[VerificationStatus] = mapped_column(
        TextEnum(VerificationStatus), server_default=VerificationStatus.PENDING.value
    )

    workspace: Mapped[Workspace] = relationship(back_populates="notification_channels")
    connection: Mapped[Connection | None] = relationship(back_populates="notification_channels")
