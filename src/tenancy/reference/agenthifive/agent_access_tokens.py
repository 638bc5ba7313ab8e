"""`t_agent_access_tokens`: what agents show at each request."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.agenthifive.agents import Agent
from tenancy.reference.agenthifive.base import Base, CreatedColumn, WorkspaceScoped
from tenancy.schema import TenantForeignKey


class AgentAccessToken(WorkspaceScoped, CreatedColumn, Base):
    """A short-lived token, as its hash, of one of the workspace's agents.

    The hash is unique across workspaces by nature: it is looked up before anyone is known.
    """

    __tablename__ = "t_agent_access_tokens"
    __table_args__ = (Index(None, "token_hash"),)

    agent_id: Mapped[UUID] = mapped_column(TenantForeignKey("t_agents.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    last_used_at: Mapped[datetime | None]

    agent: Mapped[Agent] = relationship(back_populates="access_tokens")
