"""Who signs in, and how: the core tables of Better Auth, its second factor and its signing keys.

Better Auth names the columns, so they are written out. What a person owns is user-scoped, secrets included: a sign-in
knows its user before it reads them, so it needs no system session, which would see everybody's.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.connectors.base import Base, Created, TextKey, Timestamped
from tenancy.reference.connectors.enums import UserRole
from tenancy.schema import Access, Private, Scope, TextEnum, UserScoped, user

if TYPE_CHECKING:
    from tenancy.reference.connectors.ai import AgentRun
    from tenancy.reference.connectors.connections import GithubInstallation, LinearConnection, SlackConnection
    from tenancy.reference.connectors.tools import UserTool


class User(TextKey, Timestamped, Base):
    """A person; sees their own row only, in whatever organization they work.

    Read only for the application: `role`, `banned` and `email` decide what a person may do in the whole installation,
    and a grant is for whole rows. Signing up and changing a profile are for system sessions. The e-mail address is
    unique across organizations by nature: a person has one account.
    """

    __tablename__ = "users"
    __scope__: ClassVar[Scope] = user("id")
    __access__: ClassVar[Access] = Access.READ_ONLY

    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str | None]
    email_verified: Mapped[bool | None] = mapped_column(server_default=false())
    image: Mapped[str | None]
    role: Mapped[UserRole | None] = mapped_column(TextEnum(UserRole), server_default=UserRole.USER.value)
    banned: Mapped[bool | None] = mapped_column(server_default=false())
    ban_reason: Mapped[str | None]
    ban_expires: Mapped[datetime | None]
    two_factor_enabled: Mapped[bool | None] = mapped_column(server_default=false())

    # No foreign key of this schema acts on delete: PostgreSQL refuses to delete a user who still owns rows.
    sessions: Mapped[list[Session]] = relationship(back_populates="user", passive_deletes="all")
    accounts: Mapped[list[Account]] = relationship(back_populates="user", passive_deletes="all")
    two_factors: Mapped[list[TwoFactor]] = relationship(back_populates="user", passive_deletes="all")
    github_installations: Mapped[list[GithubInstallation]] = relationship(back_populates="user", passive_deletes="all")
    slack_connections: Mapped[list[SlackConnection]] = relationship(back_populates="user", passive_deletes="all")
    linear_connections: Mapped[list[LinearConnection]] = relationship(back_populates="user", passive_deletes="all")
    tools: Mapped[list[UserTool]] = relationship(back_populates="user", passive_deletes="all")
    agent_runs: Mapped[list[AgentRun]] = relationship(back_populates="user", passive_deletes="all")


class Session(UserScoped, TextKey, Timestamped, Base):
    """A sign-in of one user. `active_organization_id` chooses the tenant of a request; it does not own the row.

    The token is unique across users by nature: it is what tells whose session it is.
    """

    __tablename__ = "sessions"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    token: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    ip_address: Mapped[str | None]
    user_agent: Mapped[str | None]
    impersonated_by: Mapped[str | None]
    active_organization_id: Mapped[str | None]

    user: Mapped[User] = relationship(back_populates="sessions")


class Account(UserScoped, TextKey, Timestamped, Base):
    """A way for one user to sign in: a provider's tokens, or a password hash. Nobody else's, in any organization.

    A resolver looks the provider's account up, by an index that the source lacks.
    """

    __tablename__ = "accounts"
    __table_args__ = (Index(None, "provider_id", "account_id"),)

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    account_id: Mapped[str]
    provider_id: Mapped[str]
    access_token: Mapped[str | None]
    refresh_token: Mapped[str | None]
    access_token_expires_at: Mapped[datetime | None]
    refresh_token_expires_at: Mapped[datetime | None]
    scope: Mapped[str | None]
    id_token: Mapped[str | None]
    password: Mapped[str | None]

    user: Mapped[User] = relationship(back_populates="accounts")


class TwoFactor(UserScoped, TextKey, Base):
    """One user's second factor: its secret and backup codes. `secret` has an index, as in the source."""

    __tablename__ = "two_factors"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    secret: Mapped[str] = mapped_column(index=True)
    backup_codes: Mapped[str]

    user: Mapped[User] = relationship(back_populates="two_factors")


class Verification(Private, TextKey, Timestamped, Base):
    """A code on its way to someone who has not signed in yet: nobody's row, so only system sessions reach it."""

    __tablename__ = "verifications"

    identifier: Mapped[str] = mapped_column(index=True)
    value: Mapped[str]
    expires_at: Mapped[datetime]


class Jwks(Private, TextKey, Created, Base):
    """A key pair that signs everyone's tokens: whoever reads the private half is everyone. System sessions only.

    Not named in the document; from the source.
    """

    __tablename__ = "jwks"

    public_key: Mapped[str]
    private_key: Mapped[str]
    expires_at: Mapped[datetime | None] = mapped_column(sort_order=901)
