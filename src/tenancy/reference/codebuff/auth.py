"""Who signs in, and with what: the tables of NextAuth, and the keys and devices of users.

NextAuth's columns are camelCase in SQL and snake_case here; its timestamps have no time zone, the application writes
them in UTC. Rows belong to users, whatever organization they work in: a tenant sees none of another member's.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, false, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.codebuff.base import Base, WithoutTimeZone, new_id
from tenancy.reference.codebuff.enums import ApiKeyType, SessionType
from tenancy.schema import Access, Private, Scope, UserScoped, user


class User(Base):
    """A person, who sees their own row only: it holds a password hash and what Stripe and Discord call them.

    Its unique columns are so across organizations by nature: one account per address, handle, Discord or Stripe
    identity. The document's table lacks `auto_topup_threshold` and `auto_topup_amount`; the source has them.
    """

    __tablename__ = "user"
    # Deleting a person reaches the rows of every organization they worked in: db.system() does that.
    __access__: ClassVar[Access] = Access.NO_DELETE
    __scope__: ClassVar[Scope] = user("id")

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str | None]
    email: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str | None]
    email_verified: Mapped[WithoutTimeZone | None] = mapped_column("emailVerified")
    image: Mapped[str | None]
    stripe_customer_id: Mapped[str | None] = mapped_column(unique=True)
    next_quota_reset: Mapped[WithoutTimeZone | None] = mapped_column(
        server_default=text("(now() + '1 month'::interval)")
    )
    created_at: Mapped[WithoutTimeZone] = mapped_column(server_default=func.now())
    referral_code: Mapped[str | None] = mapped_column(
        unique=True, server_default=text("('ref-'::text || gen_random_uuid())")
    )
    referral_limit: Mapped[int] = mapped_column(server_default=text("5"))
    discord_id: Mapped[str | None] = mapped_column(unique=True)
    handle: Mapped[str | None] = mapped_column(unique=True)
    auto_topup_enabled: Mapped[bool] = mapped_column(server_default=false())
    auto_topup_threshold: Mapped[int | None]
    auto_topup_amount: Mapped[int | None]
    banned: Mapped[bool] = mapped_column(server_default=false())
    fallback_to_a_la_carte: Mapped[bool] = mapped_column(server_default=false())

    accounts: Mapped[list[Account]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )
    sessions: Mapped[list[Session]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )
    encrypted_api_keys: Mapped[list[EncryptedApiKeys]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )


class Account(Base):
    """A user's account at an OAuth provider, with the provider's tokens: the user's alone.

    The key is unique across organizations by nature: the provider chose it. The index led by the user is ours.
    """

    __tablename__ = "account"
    __table_args__ = (PrimaryKeyConstraint("provider", "providerAccountId"), Index("idx_account_user", "userId"))
    __scope__: ClassVar[Scope] = user("userId")

    user_id: Mapped[str] = mapped_column("userId", ForeignKey("user.id", ondelete="CASCADE"))
    type: Mapped[str]
    provider: Mapped[str]
    provider_account_id: Mapped[str] = mapped_column("providerAccountId")
    refresh_token: Mapped[str | None]
    access_token: Mapped[str | None]
    expires_at: Mapped[int | None]
    token_type: Mapped[str | None]
    scope: Mapped[str | None]
    id_token: Mapped[str | None]
    session_state: Mapped[str | None]

    user: Mapped[User] = relationship(back_populates="accounts")


class Session(Base):
    """A sign-in of one user, by browser, command line or personal access token; its key is the secret.

    To find whose a token is comes before any user is known: a question for a resolver, not for this scope. The device
    in `fingerprint_id` is nobody's row, so there is no relationship to it. The index led by the user is ours.
    """

    __tablename__ = "session"
    __table_args__ = (Index("idx_session_user", "userId"),)
    __scope__: ClassVar[Scope] = user("userId")

    session_token: Mapped[str] = mapped_column("sessionToken", primary_key=True)
    user_id: Mapped[str] = mapped_column("userId", ForeignKey("user.id", ondelete="CASCADE"))
    expires: Mapped[WithoutTimeZone]
    fingerprint_id: Mapped[str | None] = mapped_column(ForeignKey("fingerprint.id"))
    type: Mapped[SessionType] = mapped_column(server_default=SessionType.WEB.value)
    created_at: Mapped[WithoutTimeZone] = mapped_column(server_default=func.now())

    user: Mapped[User] = relationship(back_populates="sessions")


class VerificationToken(Private, Base):
    """A token on its way to someone who has not signed in yet: nobody's row, so only system sessions reach it."""

    __tablename__ = "verificationToken"
    __table_args__ = (PrimaryKeyConstraint("identifier", "token"),)

    identifier: Mapped[str]
    token: Mapped[str]
    expires: Mapped[WithoutTimeZone]


class EncryptedApiKeys(UserScoped, Base):
    """A key that a user brought for one provider, encrypted by the application; never another member's to see."""

    __tablename__ = "encrypted_api_keys"
    __table_args__ = (PrimaryKeyConstraint("user_id", "type"),)

    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    type: Mapped[ApiKeyType]
    api_key: Mapped[str]

    user: Mapped[User] = relationship(back_populates="encrypted_api_keys")


class Fingerprint(Private, Base):
    """A device, known before anybody signs in on it and perhaps shared: nobody's row; only system sessions reach it."""

    __tablename__ = "fingerprint"

    id: Mapped[str] = mapped_column(primary_key=True)
    sig_hash: Mapped[str | None]
    created_at: Mapped[WithoutTimeZone] = mapped_column(server_default=func.now())
