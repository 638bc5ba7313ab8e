"""Access by other programs over the Model Context Protocol: their tokens, and what they called."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.trovella.base import Base, BaseColumns, TenantColumns
from tenancy.reference.trovella.identity import User
from tenancy.reference.trovella.shapes import Record
from tenancy.schema import Access, Json, UserScoped


class PersonalAccessToken(UserScoped, BaseColumns, Base):
    """A token of one user, kept as a SHA-256 hash.

    The hash is unique across users by nature: it is looked up before anybody knows whose it is.
    """

    __tablename__ = "personal_access_token"

    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True, index=True)
    token_prefix: Mapped[str]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class McpToolCallLog(TenantColumns, Base):
    """Every tool call that another program made for an organization; only ever appended to."""

    __tablename__ = "mcp_tool_call_log"
    __table_args__ = (Index(None, "created_at"), Index(None, "organization_id", "created_at"))
    __access__: ClassVar[Access] = Access.APPEND_ONLY

    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"), index=True)
    tool_name: Mapped[str] = mapped_column(index=True)
    duration_ms: Mapped[int | None]
    is_error: Mapped[bool] = mapped_column(server_default=false())
    error_message: Mapped[str | None]
    request_metadata: Mapped[Record | None] = mapped_column(Json(Record))
    response_metadata: Mapped[Record | None] = mapped_column(Json(Record))
