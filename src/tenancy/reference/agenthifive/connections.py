"""`t_connections`: a workspace's access to a service of a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.agenthifive.base import AuditColumns, Base, WorkspaceScopedByUnique
from tenancy.reference.agenthifive.enums import ConnectionStatus, ProviderType, Service
from tenancy.reference.agenthifive.shapes import Record
from tenancy.reference.agenthifive.workspaces import Workspace
from tenancy.schema import Json

if TYPE_CHECKING:
    from tenancy.reference.agenthifive.agent_permission_requests import AgentPermissionRequest
    from tenancy.reference.agenthifive.approval_requests import ApprovalRequest
    from tenancy.reference.agenthifive.notification_channels import NotificationChannel
    from tenancy.reference.agenthifive.policies import Policy


class Connection(WorkspaceScopedByUnique, AuditColumns, Base):
    """Tokens for a service, encrypted by the application; the workspace's, which lends them to its agents.

    `oauth_app_id` means a row of `t_workspace_oauth_apps`; the source says so in a comment and declares no foreign key,
    so ask for it in the workspace's session. The unique constraint that composite keys need is led by the workspace.
    """

    __tablename__ = "t_connections"

    provider: Mapped[ProviderType]
    service: Mapped[Service]
    label: Mapped[str]
    status: Mapped[ConnectionStatus] = mapped_column(server_default=ConnectionStatus.HEALTHY.value)
    oauth_app_id: Mapped[UUID | None]
    encrypted_tokens: Mapped[str | None]
    granted_scopes: Mapped[list[str]]
    metadata_: Mapped[Record | None] = mapped_column("metadata", Json(Record))

    workspace: Mapped[Workspace] = relationship(back_populates="connections")
    policies: Mapped[list[Policy]] = relationship(
        back_populates="connection", cascade="all, delete-orphan", passive_deletes=True
    )
    approval_requests: Mapped[list[ApprovalRequest]] = relationship(
        back_populates="connection", cascade="all, delete-orphan", passive_deletes=True
    )
    # These outlive the connection; PostgreSQL empties their reference.
    permission_requests: Mapped[list[AgentPermissionRequest]] = relationship(
        back_populates="connection", passive_deletes="all"
    )
    notification_channels: Mapped[list[NotificationChannel]] = relationship(
        back_populates="connection", passive_deletes="all"
    )
