"""`t_policies`: what an agent may do with a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.agenthifive.agents import Agent
from tenancy.reference.agenthifive.base import AuditColumns, Base
from tenancy.reference.agenthifive.connections import Connection
from tenancy.reference.agenthifive.enums import (
    DefaultMode,
    ExecutionModel,
    PolicyStatus,
    SecurityPreset,
    StepUpApproval,
)
from tenancy.reference.agenthifive.shapes import (
    AllowlistEntry,
    PolicyRules,
    ProviderConstraints,
    RateLimits,
    TimeWindow,
)
from tenancy.schema import Json, Scope, TextEnum, parent

if TYPE_CHECKING:
    from tenancy.reference.agenthifive.approval_requests import ApprovalRequest


class Policy(AuditColumns, Base):
    """What one agent may do with one connection; visible where both are, and so written within one workspace only.

    It has no `workspace_id`, hence no composite keys: that both parents lie in the same workspace is held by the
    scope. The document's example of a check, on `rate_limit`, is of a column that is `rate_limits` and has none.
    """

    __tablename__ = "t_policies"
    __scope__: ClassVar[Scope] = parent("agent_id") & parent("connection_id")

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("t_agents.id", ondelete="CASCADE"), index=True)
    connection_id: Mapped[UUID] = mapped_column(ForeignKey("t_connections.id", ondelete="CASCADE"), index=True)
    action_template_id: Mapped[str | None]
    security_preset: Mapped[SecurityPreset | None] = mapped_column(TextEnum(SecurityPreset))
    status: Mapped[PolicyStatus] = mapped_column(server_default=PolicyStatus.ACTIVE.value)
    allowed_models: Mapped[list[ExecutionModel]] = mapped_column(ARRAY(TextEnum(ExecutionModel)))
    default_mode: Mapped[DefaultMode] = mapped_column(server_default=DefaultMode.READ_ONLY.value)
    step_up_approval: Mapped[StepUpApproval] = mapped_column(server_default=StepUpApproval.RISK_BASED.value)
    allowlists: Mapped[list[AllowlistEntry]] = mapped_column(
        Json(list[AllowlistEntry]), server_default=text("'[]'::jsonb")
    )
    rate_limits: Mapped[RateLimits | None] = mapped_column(Json(RateLimits))
    time_windows: Mapped[list[TimeWindow]] = mapped_column(Json(list[TimeWindow]), server_default=text("'[]'::jsonb"))
    rules: Mapped[PolicyRules] = mapped_column(
        Json(PolicyRules), server_default=text("""'{"request": [], "response": []}'::jsonb""")
    )
    provider_constraints: Mapped[ProviderConstraints | None] = mapped_column(Json(ProviderConstraints))

    agent: Mapped[Agent] = relationship(back_populates="policies")
    connection: Mapped[Connection] = relationship(back_populates="policies")
    approval_requests: Mapped[list[ApprovalRequest]] = relationship(
        back_populates="policy", cascade="all, delete-orphan", passive_deletes=True
    )
