"""Auth and users: who signs in, and by what. The tables of Better Auth.

Better Auth writes these rows, so their defaults are the application's and not the database's. All of them hold the
rows of one person, whatever the organization; none is a colleague's to see.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.mutate.base import Base, utc_now
from tenancy.schema import Access, Private, Scope, UserScoped, user


class User(Base):
    """A person; sees their own row only, in whatever organization they work.

    So tenant tables refer to users by id and have no relationship to them, which would look empty for colleagues. The
    e-mail address is unique across organizations by nature. `active_organization_id` is a pointer without a foreign
    key, which the user may set to anything: it owns nothing, and a request that follows it must check the membership.
    """

    __tablename__ = "user"
    # Deleting a person reaches the rows of every organization they worked in: db.system() does that.
    __access__: ClassVar[Access] = Access.NO_DELETE
    __scope__: ClassVar[Scope] = user("id")

    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    email_verified: Mapped[bool] = mapped_column(default=False)
    image: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
    active_organization_id: Mapped[str | None]
    two_factor_enabled: Mapped[bool] = mapped_column(default=False)

    sessions: Mapped[list[Session]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )
    accounts: Mapped[list[Account]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )
    passkeys: Mapped[list[Passkey]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )


class Session(UserScoped, Base):
    """A sign-in of one user, who sees it among their own and ends it.

    The token is unique across users by nature: it is presented before anybody knows whose it is.
    `active_organization_id` is a pointer, as in `User`; the resolver that follows it checks the membership.
    """

    __tablename__ = "session"

    expires_at: Mapped[datetime]
    token: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
    ip_address: Mapped[str | None]
    user_agent: Mapped[str | None]
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    active_organization_id: Mapped[str | None]

    user: Mapped[User] = relationship(back_populates="sessions")


class Account(UserScoped, Base):
    """A way for one user to sign in: a provider's tokens, or a password hash; that user's only.

    A resolver looks the provider's account up, by an index that the source lacks.
    """

    __tablename__ = "account"
    __table_args__ = (Index(None, "provider_id", "account_id"),)

    account_id: Mapped[str]
    provider_id: Mapped[str]
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    access_token: Mapped[str | None]
    refresh_token: Mapped[str | None]
    id_token: Mapped[str | None]
    access_token_expires_at: Mapped[datetime | None]
    refresh_token_expires_at: Mapped[datetime | None]
    scope: Mapped[str | None]
    password: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)

    user: Mapped[User] = relationship(back_populates="accounts")


class Verification(Private, Base):
    """A code on its way to someone who has not signed in yet: nobody's row, so only system sessions reach it."""

    __tablename__ = "verification"

    identifier: Mapped[str]
    value: Mapped[str]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class Passkey(UserScoped, Base):
    """A public key by which one user signs in; that user names and removes it.

    The credential's id is unique across users by nature: an authenticator gives it.
    """

    __tablename__ = "passkey"

    name: Mapped[str | None]
    public_key: Mapped[str]
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[str] = mapped_column(unique=True)
    counter: Mapped[int]
    device_type: Mapped[str]
    backed_up: Mapped[bool]
    transports: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    aaguid: Mapped[str | None]

    user: Mapped[User] = relationship(back_populates="passkeys")


class TwoFactor(Private, Base):
    """The secret behind one user's second factor; nobody's to see, although the source counts it as the user's.

    A row is nothing but secrets. Whoever takes over a session must not learn from it what guards the next sign-in, so
    codes are made and checked in system sessions.
    """

    __tablename__ = "two_factor"

    secret: Mapped[str]
    backup_codes: Mapped[str]
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
