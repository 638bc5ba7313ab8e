"""Events: what Slack and Linear sent, one row per webhook call.

An event belongs to the user whom it concerns. It arrives before anyone knows who that is, and workers look for the
unprocessed ones of all users: both in system sessions, which also note what became of it. The application may read and
append its user's events, no more; what is nobody's yet, nobody sees. The indexes on `user_id` are added: the document
wants them, the source lacks them.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from tenancy.reference.connectors.base import (
    Base,
    Created,
    UuidKey,
    Varchar50,
    Varchar100,
    Varchar255,
    Varchar500,
)
from tenancy.reference.connectors.shapes import Record
from tenancy.schema import Access, Json, UserScoped


class SlackEvent(UserScoped, UuidKey, Created, Base):
    """An event from Slack. `team_id` and `user_slack_id` are Slack's.

    `event_id` is Slack's as well and unique across users by nature: it keeps a repeated call from being taken twice.
    Its second, plain index is the source's.
    """

    __tablename__ = "slack_events"
    __table_args__ = (UniqueConstraint("event_id"), Index(None, "created_at"))
    __access__: ClassVar[Access] = Access.APPEND_ONLY

    team_id: Mapped[Varchar100] = mapped_column(index=True)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"), index=True)
    event_type: Mapped[Varchar100] = mapped_column(index=True)
    event_id: Mapped[Varchar255] = mapped_column(index=True)
    event_timestamp: Mapped[Decimal | None]
    channel_id: Mapped[Varchar100 | None]
    channel_type: Mapped[Varchar50 | None]
    user_slack_id: Mapped[Varchar100 | None]
    event_data: Mapped[Record] = mapped_column(Json(Record))
    processed: Mapped[bool | None] = mapped_column(server_default=false(), index=True)
    processed_at: Mapped[datetime | None]
    error_message: Mapped[str | None]


class LinearEvent(UserScoped, UuidKey, Created, Base):
    """An event from Linear; belongs to a user as Slack's do.

    `organization_id` is Linear's organization, in spite of its name no tenant of ours: it comes with the payload.
    `project_id`, `team_id`, `issue_id` and `actor_id` are Linear's as well. `webhook_id` is not unique, as in the
    source.
    """

    __tablename__ = "linear_events"
    __table_args__ = (Index(None, "created_at"),)
    __access__: ClassVar[Access] = Access.APPEND_ONLY

    organization_id: Mapped[Varchar100] = mapped_column(index=True)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"), index=True)
    event_type: Mapped[Varchar100] = mapped_column(index=True)
    webhook_id: Mapped[Varchar255] = mapped_column(index=True)
    event_timestamp: Mapped[datetime]
    actor_id: Mapped[Varchar100 | None]
    actor_name: Mapped[Varchar255 | None]
    issue_id: Mapped[Varchar100 | None] = mapped_column(index=True)
    issue_identifier: Mapped[Varchar100 | None]
    issue_title: Mapped[Varchar500 | None]
    project_id: Mapped[Varchar100 | None]
    project_name: Mapped[Varchar255 | None]
    team_id: Mapped[Varchar100 | None]
    team_name: Mapped[Varchar255 | None]
    event_data: Mapped[Record] = mapped_column(Json(Record))
    processed: Mapped[bool | None] = mapped_column(server_default=false(), index=True)
    processed_at: Mapped[datetime | None]
    should_ai_react: Mapped[bool | None] = mapped_column(server_default=false(), index=True)
    ai_reaction_triggered: Mapped[bool | None] = mapped_column(server_default=false())
    ai_reaction_result: Mapped[Any | None] = mapped_column(Json(Any))
    error_message: Mapped[str | None]
