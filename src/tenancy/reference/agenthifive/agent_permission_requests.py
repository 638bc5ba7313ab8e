"""`t_agent_permission_requests`: agents that ask for more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.agenthifive.agents import Agent
from tenancy.reference.agenthifive.base import Base, CreatedColumn, WorkspaceScoped
from tenancy.reference.agenthifive.connections import Connection
from tenancy.reference.agenthifive.enums import ApprovalStatus
from tenancy.schema import TenantForeignKey


class AgentPermissionRequest(WorkspaceScoped, CreatedColumn, Base):
    """An agent's request for a permission, which the agent's workspace grants or refuses."""

    __tablename__ = "t_agent_permission_requests"

    agent_id: Mapped[UUID] = mapped_column(TenantForeignKey("t_agents.id", ondelete="CASCADE"))
    action_template_id: Mapped[str]
    reason: Mapped[str]
    status: Mapped[ApprovalStatus] = mapped_column(server_default=ApprovalStatus.PENDING.value)
    connection_id: Mapped[UUID | None] = mapped_column(TenantForeignKey("t_connections.id", ondelete="SET NULL"))
    resolved_at: Mapped[datetime | None]

    agent: Mapped[Agent] = relationship(back_populates="permission_requests")
    connection: Mapped[Connection | None] = relationship(back_populates="permission_requests")
