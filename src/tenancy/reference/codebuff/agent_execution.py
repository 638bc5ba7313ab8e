"""Agents at work: runs, each with the chain of runs that it came from, and their steps.

A run knows its whole descent (`ancestor_run_ids`, from the root), and PostgreSQL derives the rest. The document calls a
root's depth a nesting depth; the source counts ancestors and at least 1, so a root and its children have depth 1.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Computed, ForeignKey, Index, Numeric, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.codebuff.base import Base, CreatedAt, new_id
from tenancy.reference.codebuff.enums import AgentRunStatus, AgentStepStatus
from tenancy.schema import Scope, UserScoped, parent

_COMPLETED = text("status = 'completed'")
_DURATION = """\
(CASE WHEN completed_at IS NOT NULL
      THEN extract(epoch FROM (completed_at - created_at)) * 1000 ELSE NULL END)::integer"""


def _of_full_name(part: str, otherwise: str = "NULL") -> Computed:
    """A part of an agent's name, where it is a full one: `publisher/agent@version`."""
    return Computed(f"CASE WHEN agent_id ~ '^[^/@]+/[^/@]+@[^/@]+$' THEN {part} ELSE {otherwise} END", persisted=True)


def _of_ancestors(ancestor: str, otherwise: str = "NULL") -> Computed:
    """One of a run's ancestors, where it has any."""
    return Computed(
        f"CASE WHEN array_length(ancestor_run_ids, 1) >= 1 THEN ancestor_run_ids[{ancestor}] ELSE {otherwise} END",
        persisted=True,
    )


class AgentRun(UserScoped, Base):
    """One execution of an agent, for the user who started it; without `user_id`, nobody's. Updated when it ends.

    `publisher_id` is what the agent's name says, and no foreign key. `total_credits` is numeric(10,6) in the source,
    which also has the columns of steps, direct credits, errors and times.
    """

    __tablename__ = "agent_run"
    __table_args__ = (
        Index("idx_agent_run_agent_id", "agent_id", "created_at"),
        Index("idx_agent_run_ancestors_gin", "ancestor_run_ids", postgresql_using="gin"),
        Index("idx_agent_run_completed_publisher_agent", "publisher_id", "agent_name", postgresql_where=_COMPLETED),
        Index(
            "idx_agent_run_completed_recent",
            "created_at",
            "publisher_id",
            "agent_name",
            postgresql_where=_COMPLETED,
        ),
        Index("idx_agent_run_completed_user", "user_id", postgresql_where=_COMPLETED),
        Index(
            "idx_agent_run_completed_version",
            "publisher_id",
            "agent_name",
            "agent_version",
            "created_at",
            postgresql_where=_COMPLETED,
        ),
        Index("idx_agent_run_parent", "parent_run_id"),
        Index("idx_agent_run_publisher", "publisher_id", "created_at"),
        Index("idx_agent_run_root", "root_run_id"),
        Index(None, "status", postgresql_where=text("status = 'running'")),
        Index("idx_agent_run_user_id", "user_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    agent_id: Mapped[str]
    publisher_id: Mapped[str | None] = mapped_column(_of_full_name("split_part(agent_id, '/', 1)"))
    agent_name: Mapped[str | None] = mapped_column(
        _of_full_name("split_part(split_part(agent_id, '/', 2), '@', 1)", otherwise="agent_id")
    )
    agent_version: Mapped[str | None] = mapped_column(_of_full_name("split_part(agent_id, '@', 2)"))
    ancestor_run_ids: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(ARRAY(Text)))
    root_run_id: Mapped[str | None] = mapped_column(_of_ancestors("1", otherwise="id"))
    parent_run_id: Mapped[str | None] = mapped_column(_of_ancestors("array_length(ancestor_run_ids, 1)"))
    depth: Mapped[int | None] = mapped_column(
        Computed("COALESCE(array_length(ancestor_run_ids, 1), 1)", persisted=True)
    )
    duration_ms: Mapped[int | None] = mapped_column(Computed(_DURATION, persisted=True))
    total_steps: Mapped[int | None] = mapped_column(server_default=text("0"))
    direct_credits: Mapped[Decimal | None] = mapped_column(Numeric(10, 6), server_default="0")
    total_credits: Mapped[Decimal | None] = mapped_column(Numeric(10, 6), server_default="0")
    status: Mapped[AgentRunStatus] = mapped_column(server_default=AgentRunStatus.RUNNING.value)
    error_message: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    completed_at: Mapped[datetime | None]

    steps: Mapped[list[AgentStep]] = relationship(
        back_populates="run", cascade="all, delete-orphan", passive_deletes=True, order_by="AgentStep.step_number"
    )


class AgentStep(Base):
    """A step of a run, counted within it; visible where its run is. `message_id` is no foreign key."""

    __tablename__ = "agent_step"
    __table_args__ = (
        Index("idx_agent_step_children_gin", "child_run_ids", postgresql_using="gin"),
        Index("idx_agent_step_run_id", "agent_run_id"),
        Index("unique_step_number_per_run", "agent_run_id", "step_number", unique=True),
    )
    __scope__: ClassVar[Scope] = parent("agent_run_id")

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    agent_run_id: Mapped[str] = mapped_column(ForeignKey("agent_run.id", ondelete="CASCADE"))
    step_number: Mapped[int]
    duration_ms: Mapped[int | None] = mapped_column(Computed(_DURATION, persisted=True))
    credits: Mapped[Decimal] = mapped_column(Numeric(10, 6), server_default="0")
    child_run_ids: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(ARRAY(Text)))
    spawned_count: Mapped[int | None] = mapped_column(Computed("array_length(child_run_ids, 1)", persisted=True))
    message_id: Mapped[str | None]
    status: Mapped[AgentStepStatus] = mapped_column(server_default=AgentStepStatus.COMPLETED.value)
    error_message: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    completed_at: Mapped[datetime] = mapped_column(server_default=func.now())

    run: Mapped[AgentRun] = relationship(back_populates="steps")
