"""The agent: its runs on behalf of a user, and the tools that it called."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.connectors.auth import User
from tenancy.reference.connectors.base import Base, Created, UuidKey, Varchar100, varchar_enum
from tenancy.reference.connectors.enums import AgentRunStatus, ToolCallStatus
from tenancy.reference.connectors.shapes import Record
from tenancy.schema import Access, Json, Scope, UserScoped, parent


class AgentRun(UserScoped, UuidKey, Created, Base):
    """A prompt and its answer; belongs to the user who asked, whose connections it used."""

    __tablename__ = "agent_runs"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    status: Mapped[AgentRunStatus | None] = mapped_column(
        varchar_enum(AgentRunStatus, 50), server_default=AgentRunStatus.PENDING.value, index=True
    )
    prompt: Mapped[str]
    response: Mapped[str | None]
    input_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    model: Mapped[Varchar100 | None]
    tools_used: Mapped[list[str] | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    error_message: Mapped[str | None]

    user: Mapped[User] = relationship(back_populates="agent_runs")
    tool_calls: Mapped[list[ToolCall]] = relationship(
        back_populates="agent_run", passive_deletes="all", order_by="ToolCall.created_at"
    )


class ToolCall(UuidKey, Created, Base):
    """A call of a tool, and which scopes were checked: visible where its run is.

    An audit log, so it is appended to when the call is over and not changed by the application. A call without run is
    nobody's: only system sessions see it. `tool_name` is `tools.name`, without a foreign key.
    """

    __tablename__ = "tool_calls"
    __table_args__ = (Index("tool_calls_run_idx", "agent_run_id"),)
    __scope__: ClassVar[Scope] = parent("agent_run_id")
    __access__: ClassVar[Access] = Access.APPEND_ONLY

    agent_run_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent_runs.id"))
    tool_name: Mapped[Varchar100]
    parameters: Mapped[Record] = mapped_column(Json(Record))
    result: Mapped[Any | None] = mapped_column(Json(Any))
    status: Mapped[ToolCallStatus | None] = mapped_column(
        varchar_enum(ToolCallStatus, 50), server_default=ToolCallStatus.PENDING.value
    )
    error_message: Mapped[str | None]
    scopes_checked: Mapped[list[str] | None]
    scopes_passed: Mapped[bool | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]

    agent_run: Mapped[AgentRun | None] = relationship(back_populates="tool_calls")
