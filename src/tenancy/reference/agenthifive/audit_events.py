"""`l_audit_events`: who did what, and whether it was allowed."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.agenthifive.agents import Agent
from tenancy.reference.agenthifive.base import Base, CreatedColumn, unchecked_reference
from tenancy.reference.agenthifive.connections import Connection
from tenancy.reference.agenthifive.enums import AuditDecision
from tenancy.reference.agenthifive.shapes import Record
from tenancy.schema import Access, Json, Scope, is_null, parent


class AuditEvent(CreatedColumn, Base):
    """What an agent did, or what was done to it or to a connection; only ever appended to.

    It has no `workspace_id`: an event is visible where all that it refers to is, so that nobody writes into another
    workspace's trail. Where it refers to nothing, or to what was deleted since, system sessions alone see it. The
    references are unchecked, as in the source: a trail outlives what it tells of. `audit_id` is unique across
    workspaces by nature: the application gives it, and nobody can guess it.
    """

    __tablename__ = "l_audit_events"
    __table_args__ = (
        unchecked_reference(["agent_id"], ["t_agents.id"]),
        unchecked_reference(["connection_id"], ["t_connections.id"]),
    )
    __scope__: ClassVar[Scope] = (
        (parent("agent_id") & parent("connection_id"))
        | (parent("agent_id") & is_null("connection_id"))
        | (is_null("agent_id") & parent("connection_id"))
    )
    __access__: ClassVar[Access] = Access.APPEND_ONLY

    audit_id: Mapped[UUID] = mapped_column(unique=True)
    timestamp: Mapped[datetime] = mapped_column(server_default=func.now())
    actor: Mapped[str]
    agent_id: Mapped[UUID | None] = mapped_column(index=True)
    connection_id: Mapped[UUID | None] = mapped_column(index=True)
    action: Mapped[str]
    decision: Mapped[AuditDecision]
    metadata_: Mapped[Record] = mapped_column("metadata", Json(Record), server_default=text("'{}'::jsonb"))

    agent: Mapped[Agent | None] = relationship()
    connection: Mapped[Connection | None] = relationship()
