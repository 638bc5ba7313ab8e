"""`t_agent_bootstrap_secrets`: how an agent registers its key."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.agenthifive.agents import Agent
from tenancy.reference.agenthifive.base import Base, CreatedColumn
from tenancy.reference.agenthifive.enums import SecretType
from tenancy.schema import Scope, TextEnum, parent


class AgentBootstrapSecret(CreatedColumn, Base):
    """A secret, as its hash, with which an agent enrolls once; visible where the agent is."""

    __tablename__ = "t_agent_bootstrap_secrets"
    __table_args__ = (Index(None, "agent_id", "type"),)
    __scope__: ClassVar[Scope] = parent("agent_id")

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("t_agents.id", ondelete="CASCADE"))
    type: Mapped[SecretType] = mapped_column(TextEnum(SecretType))
    secret_hash: Mapped[str] = mapped_column(index=True)
    expires_at: Mapped[datetime]
    consumed_at: Mapped[datetime | None]

    agent: Mapped[Agent] = relationship(back_populates="bootstrap_secrets")
