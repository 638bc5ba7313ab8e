"""Organizations, the tenants: Better Auth's plugin. They own their members and invitations, and nothing else here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.connectors.base import Base, Created, TextKey
from tenancy.reference.connectors.enums import InvitationStatus, MemberRole
from tenancy.schema import TenantRoot, TenantScoped, TextEnum


class Organization(TenantRoot, TextKey, Created, Base):
    """A tenant; sees its own row only.

    The slug is unique across tenants by nature: it stands in addresses. Its second, plain index is the source's.
    """

    __tablename__ = "organizations"
    __table_args__ = (UniqueConstraint("slug"),)

    name: Mapped[str]
    slug: Mapped[str | None] = mapped_column(index=True)
    logo: Mapped[str | None]
    metadata_: Mapped[str | None] = mapped_column("metadata", sort_order=901)

    members: Mapped[list[Member]] = relationship(back_populates="organization", passive_deletes="all")
    invitations: Mapped[list[Invitation]] = relationship(back_populates="organization", passive_deletes="all")


class Member(TenantScoped, TextKey, Created, Base):
    """A user in an organization, which owns the row: what shows it to its user would also let them join any other.

    All organizations of one user are a question for a resolver. As in the source, nothing keeps a user from being a
    member twice. `users` has no relationship to it, which would look empty for colleagues.
    """

    __tablename__ = "members"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    role: Mapped[MemberRole] = mapped_column(TextEnum(MemberRole), server_default=MemberRole.MEMBER.value)

    organization: Mapped[Organization] = relationship(back_populates="members")


class Invitation(TenantScoped, TextKey, Base):
    """An organization's invitation to an e-mail address; belongs to the organization, also once it is accepted.

    The document wants an index on every foreign key; the source has none on `inviter_id`, and isolation needs none.
    """

    __tablename__ = "invitations"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id"), index=True)
    email: Mapped[str] = mapped_column(index=True)
    role: Mapped[str | None]
    status: Mapped[InvitationStatus] = mapped_column(
        TextEnum(InvitationStatus), server_default=InvitationStatus.PENDING.value
    )
    expires_at: Mapped[datetime]
    inviter_id: Mapped[str] = mapped_column(ForeignKey("users.id"))

    organization: Mapped[Organization] = relationship(back_populates="invitations")
