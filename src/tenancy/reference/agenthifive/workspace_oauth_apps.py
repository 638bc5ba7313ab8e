"""`t_workspace_oauth_apps`: a workspace's own registrations at providers."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, relationship

from tenancy.reference.agenthifive.base import AuditColumns, Base, WorkspaceScopedByUnique
from tenancy.reference.agenthifive.enums import ProviderType
from tenancy.reference.agenthifive.workspaces import Workspace


class WorkspaceOauthApp(WorkspaceScopedByUnique, AuditColumns, Base):
    """An OAuth app of the workspace, one for each provider; its secret is encrypted by the application.

    `tenant_id` is the app's tenant in Azure and says nothing about whose the row is: that is `workspace_id`.
    """

    __tablename__ = "t_workspace_oauth_apps"
    __table_args__ = (Index(None, "workspace_id", "provider", unique=True),)

    provider: Mapped[ProviderType]
    client_id: Mapped[str]
    encrypted_client_secret: Mapped[str]
    tenant_id: Mapped[str | None]
    label: Mapped[str]

    workspace: Mapped[Workspace] = relationship(back_populates="oauth_apps")
