"""Billing: the plans, what each organization has subscribed to, and what it used."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, func, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.mutate.base import Base, utc_now
from tenancy.reference.mutate.shapes import ConversionCounts, Document
from tenancy.schema import Access, Json, Shared, TenantForeignKey, TenantScoped

if TYPE_CHECKING:
    from tenancy.reference.mutate.core import TransformationJob


class SubscriptionPlan(Shared, Base):
    """A plan; reference data that every tenant reads, also a plan that `is_public` keeps out of the price list.

    At most one is the default: the partial unique index, which the source has in its migrations only, sees to it.
    """

    __tablename__ = "subscription_plan"
    __table_args__ = (
        Index("idx_only_one_default_plan", "is_default", unique=True, postgresql_where=text("is_default = true")),
    )

    name: Mapped[str] = mapped_column(String(100))
    monthly_conversion_limit: Mapped[int | None]
    concurrent_conversion_limit: Mapped[int | None]
    max_file_size_mb: Mapped[int | None]
    price_cents: Mapped[int]
    billing_interval: Mapped[str] = mapped_column(String(20))
    overage_price_cents: Mapped[int | None]
    features: Mapped[Document | None] = mapped_column(Json(Document))
    active: Mapped[bool] = mapped_column(server_default=true())
    is_default: Mapped[bool] = mapped_column(server_default=false())
    is_public: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=utc_now)


class OrganizationSubscription(TenantScoped, Base):
    """What an organization has subscribed to, and the limits agreed with it.

    The organization reads them. The payment provider's events and the platform's staff change them, in system
    sessions: no statement of the application raises its own tenant's limits. Those events name Stripe's id, which a
    resolver looks up by an index that the source lacks.
    """

    __tablename__ = "organization_subscription"
    __access__: ClassVar[Access] = Access.READ_ONLY

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id"), index=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("subscription_plan.id"))
    stripe_subscription_id: Mapped[str | None] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(String(50))
    current_period_start: Mapped[datetime]
    current_period_end: Mapped[datetime]
    override_monthly_limit: Mapped[int | None]
    override_concurrent_limit: Mapped[int | None]
    override_max_file_size_mb: Mapped[int | None]
    override_overage_price_cents: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    #: One way only: a plan is everybody's, its subscriptions are not.
    plan: Mapped[SubscriptionPlan] = relationship()


class UsageRecord(TenantScoped, Base):
    """How much an organization converted in a month; one row per month, counted up by an upsert."""

    __tablename__ = "usage_record"
    __table_args__ = (UniqueConstraint("organization_id", "month", "year"),)

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id"))
    month: Mapped[int]
    year: Mapped[int]
    conversion_count: Mapped[int] = mapped_column(server_default=text("0"))
    overage_count: Mapped[int] = mapped_column(server_default=text("0"))
    conversion_type_breakdown: Mapped[ConversionCounts | None] = mapped_column(Json(ConversionCounts))
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=utc_now)


class ActiveConversion(TenantScoped, Base):
    """A job that runs now; an organization's rows are counted against its limit.

    The unique constraint keeps the source's name and is led by the tenant. On `job_id` alone PostgreSQL would check it
    before the foreign key, and answer another tenant's running job otherwise than an unknown one. A job has one
    tenant, so it still runs at most once.
    """

    __tablename__ = "active_conversion"
    __table_args__ = (UniqueConstraint("organization_id", "job_id", name="active_conversion_job_id_unique"),)

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id"))
    job_id: Mapped[str] = mapped_column(TenantForeignKey("transformation_job.id", ondelete="CASCADE"))
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())

    job: Mapped[TransformationJob] = relationship(back_populates="active")


class BillingEvent(TenantScoped, Base):
    """What an organization will be billed for, and what the payment provider reported of it.

    The application only appends; a system session marks an event as processed.
    """

    __tablename__ = "billing_event"
    __access__: ClassVar[Access] = Access.APPEND_ONLY

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id"), index=True)
    event_type: Mapped[str] = mapped_column(String(50))
    event_data: Mapped[Document] = mapped_column(Json(Document))
    stripe_event_id: Mapped[str | None]
    processed: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
