"""`t_workspaces`: the tenants."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.agenthifive.base import AuditColumns, Base
from tenancy.schema import TenantRoot

if TYPE_CHECKING:
    from tenancy.reference.agenthifive.agents import Agent
    from tenancy.reference.agenthifive.connections import Connection
    from tenancy.reference.agenthifive.notification_channels import NotificationChannel
    from tenancy.reference.agenthifive.notifications import Notification
    from tenancy.reference.agenthifive.workspace_oauth_apps import WorkspaceOauthApp


class Workspace(TenantRoot, AuditColumns, Base):
    """A tenant; sees its own row only.

    `owner_id` is a user, without a foreign key in the source. It is unique across workspaces by nature: a user has one
    workspace.
    """

    __tablename__ = "t_workspaces"

    name: Mapped[str]
    owner_id: Mapped[UUID] = mapped_column(unique=True)

    agents: Mapped[list[Agent]] = relationship(
        back_populates="workspace", cascade="all, delete-orphan", passive_deletes=True
    )
    connections: Mapped[list[Connection]] = relationship(
        back_populates="workspace", cascade="all, delete-orphan", passive_deletes=True
    )
    oauth_apps: Mapped[list[WorkspaceOauthApp]] = relationship(
        back_populates="workspace", cascade="all, delete-orphan", passive_deletes=True
    )
    notification_channels: Mapped[list[NotificationChannel]] = relationship(
        back_populates="workspace", cascade="all, delete-orphan", passive_deletes=True
    )
    notifications: Mapped[list[Notification]] = relationship(
        back_populates="workspace", cascade="all, delete-orphan", passive_deletes=True
    )
