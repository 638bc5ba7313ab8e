"""`t_personal_access_tokens`: tokens of people who use the API."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tenancy.reference.agenthifive.base import Base, CreatedColumn, WorkspaceScoped
from tenancy.schema import Scope, tenant, user


class PersonalAccessToken(WorkspaceScoped, CreatedColumn, Base):
    """A token, as its hash, of one user in one workspace; visible to that user there, and to no agent.

    The hash is unique across workspaces by nature: it is looked up before anyone is known.
    """

    __tablename__ = "t_personal_access_tokens"
    __table_args__ = (Index(None, "token_hash"), Index(None, "user_id", "workspace_id"))
    __scope__: ClassVar[Scope] = tenant() & user()

    user_id: Mapped[UUID] = mapped_column(ForeignKey("t_users.id", ondelete="CASCADE"))
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
