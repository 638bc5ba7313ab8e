"""Tools: the catalog, which everyone shares, and what each user lets the agent call."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text, true
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from tenancy.reference.connectors.auth import User
from tenancy.reference.connectors.base import Base, Created, UuidKey, Varchar50, Varchar100, Varchar200
from tenancy.reference.connectors.shapes import Record
from tenancy.schema import Json, Shared, UserScoped


class Tool(Shared, UuidKey, Created, Base):
    """A tool that the agent can call, and the OAuth scopes that it needs: reference data, the same for everyone.

    The name is unique by nature: it is what the language model calls.
    """

    __tablename__ = "tools"

    name: Mapped[Varchar100] = mapped_column(unique=True)
    display_name: Mapped[Varchar200]
    description: Mapped[str]
    provider: Mapped[Varchar50]
    category: Mapped[Varchar50]
    required_scopes: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    parameters: Mapped[Record] = mapped_column(Json(Record))
    is_active: Mapped[bool | None] = mapped_column(server_default=true())


class UserTool(UserScoped, UuidKey, Created, Base):
    """An entry of one user's allowlist. As in the source it is not unique, and `tool_name` has no foreign key."""

    __tablename__ = "user_tools"
    __table_args__ = (Index("user_tools_user_tool_idx", "user_id", "tool_name"),)

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    tool_name: Mapped[Varchar100]
    is_enabled: Mapped[bool | None] = mapped_column(server_default=true())

    user: Mapped[User] = relationship(back_populates="tools")
    tool: Mapped[Tool | None] = relationship(
        primaryjoin=lambda: foreign(UserTool.tool_name) == Tool.name, viewonly=True
    )
