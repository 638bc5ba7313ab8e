"""`t_approval_requests`: step-up approval, what an agent may do only when a person says so."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.agenthifive.agents import Agent
from tenancy.reference.agenthifive.base import AuditColumns, Base
from tenancy.reference.agenthifive.connections import Connection
from tenancy.reference.agenthifive.enums import ApprovalStatus
from tenancy.reference.agenthifive.policies import Policy
from tenancy.reference.agenthifive.shapes import Record
from tenancy.schema import Json, Scope, TenantForeignKey, parent, tenant


class ApprovalRequest(AuditColumns, Base):
    """A request that waits for a person; the workspace's whose policy held it back.

    The source has no foreign key on `workspace_id`. The policy has no workspace for a composite key to carry, so the
    scope asks that it is visible: nobody refers to another workspace's policy, nor learns that it exists.
    A resolver looks `quick_action_token` up, by an index that the source lacks.
    """

    __tablename__ = "t_approval_requests"
    __scope__: ClassVar[Scope] = tenant() & parent("policy_id")

    policy_id: Mapped[UUID] = mapped_column(ForeignKey("t_policies.id", ondelete="CASCADE"))
    agent_id: Mapped[UUID] = mapped_column(TenantForeignKey("t_agents.id", ondelete="CASCADE"))
    connection_id: Mapped[UUID] = mapped_column(TenantForeignKey("t_connections.id", ondelete="CASCADE"))
    workspace_id: Mapped[UUID] = mapped_column(index=True)
    actor: Mapped[str]
    status: Mapped[ApprovalStatus] = mapped_column(server_default=ApprovalStatus.PENDING.value)
    request_details: Mapped[Record] = mapped_column(Json(Record))
    reason: Mapped[str | None]
    quick_action_token: Mapped[str | None] = mapped_column(index=True)
    telegram_message_id: Mapped[int | None]
    telegram_chat_id: Mapped[str | None]
    expires_at: Mapped[datetime]

    policy: Mapped[Policy] = relationship(back_populates="approval_requests")
    agent: Mapped[Agent] = relationship(back_populates="approval_requests")
    connection: Mapped[Connection] = relationship(back_populates="approval_requests")
