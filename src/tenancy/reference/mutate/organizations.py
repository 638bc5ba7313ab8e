"""Organizations, which are the tenants, and who belongs to them. The tables of Better Auth's organization plugin."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.mutate.base import Base, utc_now
from tenancy.reference.mutate.enums import InvitationStatus, MemberRole
from tenancy.schema import TenantRoot, TenantScoped, TextEnum

if TYPE_CHECKING:
    from tenancy.reference.mutate.integrations import OrganizationWebhook


class Organization(TenantRoot, Base):
    """A tenant; sees its own row only. The slug is unique across tenants by nature: it stands in addresses."""

    __tablename__ = "organization"

    name: Mapped[str]
    slug: Mapped[str | None] = mapped_column(unique=True)
    logo: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    metadata_: Mapped[str | None] = mapped_column("metadata")

    members: Mapped[list[Member]] = relationship(
        back_populates="organization", cascade="all, delete-orphan", passive_deletes=True
    )
    invitations: Mapped[list[Invitation]] = relationship(
        back_populates="organization", cascade="all, delete-orphan", passive_deletes=True
    )
    webhooks: Mapped[list[OrganizationWebhook]] = relationship(
        back_populates="organization", cascade="all, delete-orphan", passive_deletes=True
    )


class Member(TenantScoped, Base):
    """A user in an organization, seen by the organization. Which organizations a user has is asked before the tenant is
    known, and so of a resolver and not of this table; the index led by the user, which the source lacks, is for it.
    """

    __tablename__ = "member"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    role: Mapped[MemberRole] = mapped_column(TextEnum(MemberRole), server_default=MemberRole.MEMBER.value)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    organization: Mapped[Organization] = relationship(back_populates="members")


class Invitation(TenantScoped, Base):
    """An organization's invitation to an e-mail address; the organization's until it is accepted.

    Its id is what the invited person presents, who belongs to no tenant yet.
    """

    __tablename__ = "invitation"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), index=True)
    email: Mapped[str]
    role: Mapped[str | None]
    status: Mapped[InvitationStatus] = mapped_column(
        TextEnum(InvitationStatus), server_default=InvitationStatus.PENDING.value
    )
    expires_at: Mapped[datetime]
    inviter_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))

    organization: Mapped[Organization] = relationship(back_populates="invitations")
