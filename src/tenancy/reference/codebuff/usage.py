"""What was asked of language models, and what it cost."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Computed, ForeignKey, Index, Numeric, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.codebuff.base import Base, OfOrganizationOrUser, WithoutTimeZone
from tenancy.reference.codebuff.organization import Org
from tenancy.reference.codebuff.shapes import LastMessage, Payload
from tenancy.schema import Access, Json


class Message(OfOrganizationOrUser, Base):
    """One call of a model: the organization's where `org_id` is set, else the user's; without both, nobody's.

    It holds what was said, so a colleague sees what was asked for the organization and nothing that was asked in
    private. Only ever appended to. The document's table lacks the columns of caching, reasoning and origin, and
    `finished_at`; its indexes are named `message_{columns}_idx`, unlike all others.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("message_finished_at_user_id_idx", "finished_at", "user_id"),
        Index("message_org_id_finished_at_idx", "org_id", "finished_at"),
        Index("message_org_id_idx", "org_id"),
        Index("message_user_id_idx", "user_id"),
    )
    __access__: ClassVar[Access] = Access.APPEND_ONLY

    id: Mapped[str] = mapped_column(primary_key=True)
    finished_at: Mapped[WithoutTimeZone]
    client_id: Mapped[str | None]
    client_request_id: Mapped[str | None]
    model: Mapped[str]
    agent_id: Mapped[str | None]
    request: Mapped[Payload | None] = mapped_column(Json(Payload))
    last_message: Mapped[LastMessage | None] = mapped_column(
        Json(LastMessage), Computed("request -> -1", persisted=True)
    )
    reasoning_text: Mapped[str | None]
    response: Mapped[Payload] = mapped_column(Json(Payload))
    input_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    cache_creation_input_tokens: Mapped[int | None]
    cache_read_input_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    reasoning_tokens: Mapped[int | None]
    output_tokens: Mapped[int]
    cost: Mapped[Decimal] = mapped_column(Numeric(100, 20))
    credits: Mapped[int]
    byok: Mapped[bool] = mapped_column(server_default=false())
    latency_ms: Mapped[int | None]
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    org_id: Mapped[str | None] = mapped_column(ForeignKey("org.id", ondelete="CASCADE"))
    repo_url: Mapped[str | None]

    org: Mapped[Org | None] = relationship(back_populates="messages")
