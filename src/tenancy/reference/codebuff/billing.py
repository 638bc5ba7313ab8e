"""Credits and what they are granted for: the ledger, subscriptions, referrals, advertisements, limits."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, Numeric, PrimaryKeyConstraint, false, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.codebuff import triggers
from tenancy.reference.codebuff.base import (
    Base,
    CreatedAt,
    OfOrganizationOrUser,
    UpdatedByTrigger,
    WithoutTimeZone,
)
from tenancy.reference.codebuff.enums import GrantType, ReferralStatus, SubscriptionStatus
from tenancy.reference.codebuff.organization import Org
from tenancy.schema import Access, Private, Scope, UserScoped, user


class CreditLedger(OfOrganizationOrUser, Base):
    """A grant of credits and what is left of it: the organization's where `org_id` is set, else the user's.

    `balance` is consumed, so rows are updated. The key is unique across organizations by nature: it names the operation
    that granted, and makes granting idempotent. `expires_at` has a time zone, and `idx_credit_ledger_active_balance`
    `created_at` and a predicate, in the source only.
    """

    __tablename__ = "credit_ledger"
    __table_args__ = (
        Index(
            "idx_credit_ledger_active_balance",
            "user_id",
            "balance",
            "expires_at",
            "priority",
            "created_at",
            postgresql_where=text("balance <> 0 AND expires_at IS NULL"),
        ),
        Index("idx_credit_ledger_org", "org_id"),
        Index("idx_credit_ledger_subscription", "user_id", "type", "created_at"),
    )

    operation_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    principal: Mapped[int]
    balance: Mapped[int]
    type: Mapped[GrantType]
    description: Mapped[str | None]
    priority: Mapped[int]
    expires_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
    org_id: Mapped[str | None] = mapped_column(ForeignKey("org.id", ondelete="CASCADE"))
    stripe_subscription_id: Mapped[str | None]

    org: Mapped[Org | None] = relationship(back_populates="credit_ledger")


class SyncFailure(Private, Base):
    """Work with a payment provider that failed and will be retried, for anybody; only system sessions reach it.

    The document does not mention the table; it is the source's.
    """

    __tablename__ = "sync_failure"
    __table_args__ = (
        Index("idx_sync_failure_retry", "retry_count", "last_attempt_at", postgresql_where=text("retry_count < 5")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str]
    created_at: Mapped[CreatedAt]
    last_attempt_at: Mapped[datetime] = mapped_column(server_default=func.now())
    retry_count: Mapped[int] = mapped_column(server_default=text("1"))
    last_error: Mapped[str]


class Referral(Base):
    """One user brought another: both see the row, and neither writes it.

    Whoever could write would name anyone as the other, and credits follow; redeeming a code is a system session's. The
    other user's own row stays invisible, so there are no relationships. `is_legacy` is false by default in the source's
    schema and true in its migrations; the schema holds. The index led by `referred_id` is ours.
    """

    __tablename__ = "referral"
    __table_args__ = (PrimaryKeyConstraint("referrer_id", "referred_id"), Index("idx_referral_referred", "referred_id"))
    __scope__: ClassVar[Scope] = user("referrer_id") | user("referred_id")
    __access__: ClassVar[Access] = Access.READ_ONLY

    referrer_id: Mapped[str] = mapped_column(ForeignKey("user.id"))
    referred_id: Mapped[str] = mapped_column(ForeignKey("user.id"))
    status: Mapped[ReferralStatus] = mapped_column(server_default=ReferralStatus.PENDING.value)
    credits: Mapped[int]
    is_legacy: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[WithoutTimeZone] = mapped_column(server_default=func.now())
    completed_at: Mapped[WithoutTimeZone | None]


class Subscription(UserScoped, Base):
    """A user's subscription as Stripe states it; without `user_id`, nobody's yet.

    Users read theirs. Stripe's messages, which name a customer and no user, are a system session's to write. The
    document lists five of the columns. `updated_at` is set by a trigger.
    """

    __tablename__ = "subscription"
    __table_args__ = (
        Index("idx_subscription_customer", "stripe_customer_id"),
        Index("idx_subscription_user", "user_id"),
        Index(None, "status", postgresql_where=text("status = 'active'")),
    )
    __access__: ClassVar[Access] = Access.READ_ONLY
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 - SQLAlchemy reads it from the class

    stripe_subscription_id: Mapped[str] = mapped_column(primary_key=True)
    stripe_customer_id: Mapped[str]
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    stripe_price_id: Mapped[str]
    tier: Mapped[int | None]
    scheduled_tier: Mapped[int | None]
    status: Mapped[SubscriptionStatus] = mapped_column(server_default=SubscriptionStatus.ACTIVE.value)
    billing_period_start: Mapped[datetime]
    billing_period_end: Mapped[datetime]
    cancel_at_period_end: Mapped[bool] = mapped_column(server_default=false())
    canceled_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedByTrigger]


class LimitOverride(UserScoped, Base):
    """Limits that were set for one user: theirs to read, and not theirs to change. `updated_at` is set by a trigger."""

    __tablename__ = "limit_override"
    __access__: ClassVar[Access] = Access.READ_ONLY
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 - SQLAlchemy reads it from the class

    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    credits_per_block: Mapped[int]
    block_duration_hours: Mapped[int]
    weekly_credit_limit: Mapped[int]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedByTrigger]


class AdImpression(UserScoped, Base):
    """An advertisement that a user was shown, and the credits for it.

    `imp_url` is unique across users by nature: it is the advertiser's address of one impression, and a second report of
    it is refused. `grant_operation_id` is `credit_ledger.operation_id`, without a foreign key.
    """

    __tablename__ = "ad_impression"
    __table_args__ = (Index(None, "imp_url"), Index("idx_ad_impression_user", "user_id", "served_at"))

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    ad_text: Mapped[str]
    title: Mapped[str]
    cta: Mapped[str] = mapped_column(server_default="")
    url: Mapped[str]
    favicon: Mapped[str]
    click_url: Mapped[str]
    imp_url: Mapped[str] = mapped_column(unique=True)
    payout: Mapped[Decimal] = mapped_column(Numeric(10, 6))
    credits_granted: Mapped[int]
    grant_operation_id: Mapped[str | None]
    served_at: Mapped[datetime] = mapped_column(server_default=func.now())
    impression_fired_at: Mapped[datetime | None]
    clicked_at: Mapped[datetime | None]


triggers.attach(Base.metadata)
