"""Who signs in, and the organizations they belong to: the tables of Better Auth.

Better Auth's plugin generates this schema, so columns are written out and timestamps have no time zone; the
application writes them in UTC. The document protects only `member` and `invitation` by row-level security; here the
other tables say whose their rows are as well, and the database holds everyone to it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, false, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.trovella.base import Base, WithoutTimeZone
from tenancy.reference.trovella.enums import InvitationStatus, MemberRole, TenantType
from tenancy.schema import Access, Private, Scope, TenantRoot, TenantScoped, TextEnum, UserScoped, user


def utc_now() -> datetime:
    """The present in UTC, for a column without time zone."""
    return datetime.now(UTC).replace(tzinfo=None)


class User(Base):
    """A person; sees their own row only, in whatever organization they work.

    So tenant tables refer to users by id and have no relationship to them, which would look empty for colleagues. The
    e-mail address is unique across organizations by nature: a person has one account.
    """

    __tablename__ = "user"
    # Deleting a person reaches the rows of every organization they worked in: db.system() does that.
    __access__: ClassVar[Access] = Access.NO_DELETE
    __scope__: ClassVar[Scope] = user("id")

    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    email_verified: Mapped[bool] = mapped_column(server_default=false())
    image: Mapped[str | None]
    created_at: Mapped[WithoutTimeZone] = mapped_column(server_default=func.now())
    updated_at: Mapped[WithoutTimeZone] = mapped_column(server_default=func.now(), onupdate=utc_now)

    sessions: Mapped[list[Session]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )
    accounts: Mapped[list[Account]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )


class Session(UserScoped, Base):
    """A sign-in of one user. `active_organization_id` chooses the tenant of a request; it does not own the row."""

    __tablename__ = "session"

    expires_at: Mapped[WithoutTimeZone]
    token: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[WithoutTimeZone] = mapped_column(server_default=func.now())
    updated_at: Mapped[WithoutTimeZone] = mapped_column(default=utc_now, onupdate=utc_now)
    ip_address: Mapped[str | None]
    user_agent: Mapped[str | None]
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    active_organization_id: Mapped[str | None]

    user: Mapped[User] = relationship(back_populates="sessions")


class Account(UserScoped, Base):
    """A way for one user to sign in: a provider's tokens, or a password hash."""

    __tablename__ = "account"

    account_id: Mapped[str]
    provider_id: Mapped[str]
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    access_token: Mapped[str | None]
    refresh_token: Mapped[str | None]
    id_token: Mapped[str | None]
    access_token_expires_at: Mapped[WithoutTimeZone | None]
    refresh_token_expires_at: Mapped[WithoutTimeZone | None]
    scope: Mapped[str | None]
    password: Mapped[str | None]
    created_at: Mapped[WithoutTimeZone] = mapped_column(server_default=func.now())
    updated_at: Mapped[WithoutTimeZone] = mapped_column(default=utc_now, onupdate=utc_now)

    user: Mapped[User] = relationship(back_populates="accounts")


class Verification(Private, Base):
    """A code on its way to someone who has not signed in yet: nobody's row, so only system sessions reach it."""

    __tablename__ = "verification"

    identifier: Mapped[str] = mapped_column(index=True)
    value: Mapped[str]
    expires_at: Mapped[WithoutTimeZone]
    created_at: Mapped[WithoutTimeZone] = mapped_column(server_default=func.now())
    updated_at: Mapped[WithoutTimeZone] = mapped_column(server_default=func.now(), onupdate=utc_now)


class Organization(TenantRoot, Base):
    """A tenant; sees its own row only, where the document leaves the table open.

    The slug is unique across tenants by nature: it stands in addresses. `type` is text although the enum exists,
    because Better Auth owns the table.
    """

    __tablename__ = "organization"

    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    logo: Mapped[str | None]
    created_at: Mapped[WithoutTimeZone] = mapped_column(default=utc_now)
    metadata_: Mapped[str | None] = mapped_column("metadata")
    type: Mapped[TenantType | None] = mapped_column(TextEnum(TenantType), server_default=TenantType.PERSONAL.value)

    members: Mapped[list[Member]] = relationship(
        back_populates="organization", cascade="all, delete-orphan", passive_deletes=True
    )
    invitations: Mapped[list[Invitation]] = relationship(
        back_populates="organization", cascade="all, delete-orphan", passive_deletes=True
    )


class Member(TenantScoped, Base):
    """A user in an organization. All organizations of one user are a question for a system session."""

    __tablename__ = "member"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    role: Mapped[MemberRole] = mapped_column(TextEnum(MemberRole), server_default=MemberRole.MEMBER.value)
    created_at: Mapped[WithoutTimeZone] = mapped_column(default=utc_now)

    organization: Mapped[Organization] = relationship(back_populates="members")


class Invitation(TenantScoped, Base):
    """An organization's invitation to an e-mail address; belongs to the organization until it is accepted."""

    __tablename__ = "invitation"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(index=True)
    role: Mapped[str | None]
    status: Mapped[InvitationStatus] = mapped_column(
        TextEnum(InvitationStatus), server_default=InvitationStatus.PENDING.value
    )
    expires_at: Mapped[WithoutTimeZone]
    created_at: Mapped[WithoutTimeZone] = mapped_column(server_default=func.now())
    inviter_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))

    organization: Mapped[Organization] = relationship(back_populates="invitations")
