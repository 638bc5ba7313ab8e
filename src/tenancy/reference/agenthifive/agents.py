"""`t_agents`: the AI agents that act for a workspace."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.agenthifive.base import AuditColumns, Base, WorkspaceScopedByUnique
from tenancy.reference.agenthifive.enums import AgentStatus
from tenancy.reference.agenthifive.shapes import Record
from tenancy.reference.agenthifive.workspaces import Workspace
from tenancy.schema import Json

if TYPE_CHECKING:
    from tenancy.reference.agenthifive.agent_access_tokens import AgentAccessToken
    from tenancy.reference.agenthifive.agent_bootstrap_secrets import AgentBootstrapSecret
    from tenancy.reference.agenthifive.agent_permission_requests import AgentPermissionRequest
    from tenancy.reference.agenthifive.approval_requests import ApprovalRequest
    from tenancy.reference.agenthifive.policies import Policy


class Agent(WorkspaceScopedByUnique, AuditColumns, Base):
    """A registered agent or app, known by its public key; belongs to the workspace that registered it.

    The unique constraint that composite keys need is led by the workspace.
    """

    __tablename__ = "t_agents"

    name: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    icon_url: Mapped[str | None]
    status: Mapped[AgentStatus] = mapped_column(server_default=AgentStatus.CREATED.value)
    public_key_jwk: Mapped[Record | None] = mapped_column(Json(Record))
    enrolled_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]

    workspace: Mapped[Workspace] = relationship(back_populates="agents")
    policies: Mapped[list[Policy]] = relationship(
        back_populates="agent", cascade="all, delete-orphan", passive_deletes=True
    )
    bootstrap_secrets: Mapped[list[AgentBootstrapSecret]] = relationship(
        back_populates="agent", cascade="all, delete-orphan", passive_deletes=True
    )
    access_tokens: Mapped[list[AgentAccessToken]] = relationship(
        back_populates="agent", cascade="all, delete-orphan", passive_deletes=True
    )
    permission_requests: Mapped[list[AgentPermissionRequest]] = relationship(
        back_populates="agent", cascade="all, delete-orphan", passive_deletes=True
    )
    approval_requests: Mapped[list[ApprovalRequest]] = relationship(
        back_populates="agent", cascade="all, delete-orphan", passive_deletes=True
    )
