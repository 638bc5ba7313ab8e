"""Who signs in: `t_users`, `t_sessions`, `t_accounts`, `t_verifications`.

Better Auth works on these tables before it knows a user, in system sessions; the application sees what its user owns.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.agenthifive.base import AuditColumns, Base
from tenancy.reference.agenthifive.enums import PlatformRole
from tenancy.schema import Access, Private, Scope, TextEnum, UserScoped, user


class User(AuditColumns, Base):
    """A person, who sees their own row only. `platform_role` and `disabled_at` are from the source.

    The application may not write it: whoever can write the row can make themselves a superadmin. The e-mail address is
    unique across workspaces by nature: a person has one account.
    """

    __tablename__ = "t_users"
    __scope__: ClassVar[Scope] = user("id")
    __access__: ClassVar[Access] = Access.READ_ONLY

    email: Mapped[str] = mapped_column(unique=True)
    email_verified: Mapped[bool] = mapped_column(server_default=false())
    name: Mapped[str]
    image: Mapped[str | None]
    platform_role: Mapped[PlatformRole] = mapped_column(TextEnum(PlatformRole), server_default=PlatformRole.USER.value)
    disabled_at: Mapped[datetime | None]

    sessions: Mapped[list[Session]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )
    accounts: Mapped[list[Account]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )


class Session(UserScoped, AuditColumns, Base):
    """A sign-in of one user. The token is unique across users by nature: it is looked up before anyone is known."""

    __tablename__ = "t_sessions"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("t_users.id", ondelete="CASCADE"), index=True)
    token: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    ip_address: Mapped[str | None]
    user_agent: Mapped[str | None]

    user: Mapped[User] = relationship(back_populates="sessions")


class Account(UserScoped, AuditColumns, Base):
    """A way for one user to sign in: a provider's tokens, or a password hash. `account_id` is the provider's."""

    __tablename__ = "t_accounts"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("t_users.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[str]
    provider_id: Mapped[str]
    access_token: Mapped[str | None]
    refresh_token: Mapped[str | None]
    access_token_expires_at: Mapped[datetime | None]
    refresh_token_expires_at: Mapped[datetime | None]
    id_token: Mapped[str | None]
    scope: Mapped[str | None]
    password: Mapped[str | None]

    user: Mapped[User] = relationship(back_populates="accounts")


class Verification(Private, AuditColumns, Base):
    """A code on its way to someone who has not signed in yet: nobody's row, so only system sessions reach it."""

    __tablename__ = "t_verifications"

    identifier: Mapped[str]
    value: Mapped[str]
    expires_at: Mapped[datetime]
