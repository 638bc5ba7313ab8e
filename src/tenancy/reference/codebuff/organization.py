"""Organizations: the tenants, their members, invitations, repositories and features."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, false, func, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.codebuff.base import Base, CreatedAt, OfOrganization, UpdatedAt, new_id
from tenancy.reference.codebuff.enums import OrgRole
from tenancy.reference.codebuff.shapes import Record
from tenancy.schema import Access, Json, TenantRoot

if TYPE_CHECKING:
    from tenancy.reference.codebuff.agent_store import Publisher
    from tenancy.reference.codebuff.billing import CreditLedger
    from tenancy.reference.codebuff.usage import Message


class Org(TenantRoot, Base):
    """A tenant: an organization that pays for its members; sees its own row only.

    The slug and Stripe's customer are unique across tenants by nature: one stands in addresses, the other is Stripe's.
    The document's table lacks the columns of the billing period, of top-ups and of alerts.
    """

    __tablename__ = "org"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str | None]
    owner_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    stripe_customer_id: Mapped[str | None] = mapped_column(unique=True)
    stripe_subscription_id: Mapped[str | None]
    current_period_start: Mapped[datetime | None]
    current_period_end: Mapped[datetime | None]
    auto_topup_enabled: Mapped[bool] = mapped_column(server_default=false())
    auto_topup_threshold: Mapped[int]
    auto_topup_amount: Mapped[int]
    credit_limit: Mapped[int | None]
    billing_alerts: Mapped[bool] = mapped_column(server_default=true())
    usage_alerts: Mapped[bool] = mapped_column(server_default=true())
    weekly_reports: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    members: Mapped[list[OrgMember]] = relationship(
        back_populates="org", cascade="all, delete-orphan", passive_deletes=True
    )
    repos: Mapped[list[OrgRepo]] = relationship(
        back_populates="org", cascade="all, delete-orphan", passive_deletes=True
    )
    invites: Mapped[list[OrgInvite]] = relationship(
        back_populates="org", cascade="all, delete-orphan", passive_deletes=True
    )
    # What the application may not change is left to PostgreSQL when the organization is deleted.
    features: Mapped[list[OrgFeature]] = relationship(back_populates="org", passive_deletes="all")
    credit_ledger: Mapped[list[CreditLedger]] = relationship(back_populates="org", passive_deletes="all")
    messages: Mapped[list[Message]] = relationship(back_populates="org", passive_deletes="all")
    publishers: Mapped[list[Publisher]] = relationship(back_populates="org", passive_deletes="all")


class OrgMember(OfOrganization, Base):
    """A user in an organization; the organization's row.

    Not the user's as well: whoever may write rows of their own would add themselves to any organization. Which
    organizations a user belongs to, asked before one is chosen, is a question for a resolver. The index led by the user
    is ours, for it.
    """

    __tablename__ = "org_member"
    __table_args__ = (PrimaryKeyConstraint("org_id", "user_id"), Index("idx_org_member_user", "user_id"))

    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    role: Mapped[OrgRole]
    joined_at: Mapped[datetime] = mapped_column(server_default=func.now())

    org: Mapped[Org] = relationship(back_populates="members")


class OrgRepo(OfOrganization, Base):
    """A repository that an organization approved; the organization's.

    `idx_org_repo_unique` is unique in the source's comment and not in the source; the source holds.
    """

    __tablename__ = "org_repo"
    __table_args__ = (
        Index("idx_org_repo_active", "org_id", "is_active"),
        Index("idx_org_repo_unique", "org_id", "repo_url"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    repo_url: Mapped[str]
    repo_name: Mapped[str]
    repo_owner: Mapped[str | None]
    approved_by: Mapped[str] = mapped_column(ForeignKey("user.id"))
    approved_at: Mapped[datetime] = mapped_column(server_default=func.now())
    is_active: Mapped[bool] = mapped_column(server_default=true())

    org: Mapped[Org] = relationship(back_populates="repos")


class OrgInvite(OfOrganization, Base):
    """An organization's invitation to an address; the organization's until it is accepted.

    The token is unique across organizations by nature: it alone is what the invited person brings, before they are a
    member of anything, and a resolver turns it into the organization.
    """

    __tablename__ = "org_invite"
    __table_args__ = (
        Index("idx_org_invite_email", "org_id", "email"),
        Index("idx_org_invite_expires", "expires_at"),
        Index(None, "token"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str]
    role: Mapped[OrgRole]
    token: Mapped[str] = mapped_column(unique=True)
    invited_by: Mapped[str] = mapped_column(ForeignKey("user.id"))
    expires_at: Mapped[datetime]
    created_at: Mapped[CreatedAt]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None] = mapped_column(ForeignKey("user.id"))

    org: Mapped[Org] = relationship(back_populates="invites")


class OrgFeature(OfOrganization, Base):
    """What an organization is allowed to use: its own to read, and the platform's to write."""

    __tablename__ = "org_feature"
    __table_args__ = (
        PrimaryKeyConstraint("org_id", "feature"),
        Index("idx_org_feature_active", "org_id", "is_active"),
    )
    __access__: ClassVar[Access] = Access.READ_ONLY

    feature: Mapped[str]
    config: Mapped[Record | None] = mapped_column(Json(Record))
    is_active: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    org: Mapped[Org] = relationship(back_populates="features")
