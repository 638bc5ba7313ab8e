"""Calls to language models: the models and their prices, which all tenants share, and what each tenant used."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, false, func, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.trovella.base import Base, BaseColumns, TenantColumns
from tenancy.reference.trovella.enums import AiBatchStatus, AiPricingType, AiPricingUnit, AiProvider, AiStopReason
from tenancy.reference.trovella.shapes import Record, SupportedFeatures, SystemPrompt, ThinkingBlock
from tenancy.schema import Access, Json, Shared, TenantForeignKey


class AiModel(Shared, BaseColumns, Base):
    """A language model; reference data that every tenant reads. `active` retires it softly."""

    __tablename__ = "ai_model"

    provider: Mapped[AiProvider]
    api_model_id: Mapped[str] = mapped_column(unique=True, index=True)
    display_name: Mapped[str]
    context_window: Mapped[int]
    max_output_tokens: Mapped[int]
    supported_features: Mapped[SupportedFeatures] = mapped_column(
        Json(SupportedFeatures), server_default=text("'{}'::jsonb")
    )
    active: Mapped[bool] = mapped_column(server_default=true())

    prices: Mapped[list[AiModelPricing]] = relationship(
        back_populates="model", cascade="all, delete-orphan", passive_deletes=True
    )


class AiModelPricing(Shared, BaseColumns, Base):
    """A price of a model between two dates; reference data that every tenant reads."""

    __tablename__ = "ai_model_pricing"

    model_id: Mapped[str] = mapped_column(ForeignKey("ai_model.id", ondelete="CASCADE"), index=True)
    pricing_type: Mapped[AiPricingType]
    unit: Mapped[AiPricingUnit]
    price: Mapped[Decimal]
    effective_from: Mapped[date] = mapped_column(index=True)
    effective_to: Mapped[date | None]

    model: Mapped[AiModel] = relationship(back_populates="prices")


class AiBatch(TenantColumns, Base):
    """Calls that an organization sent to a provider together; belongs to the organization that pays for them."""

    __tablename__ = "ai_batch"

    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"), index=True)
    provider_batch_id: Mapped[str | None]
    model: Mapped[str]
    status: Mapped[AiBatchStatus] = mapped_column(server_default=AiBatchStatus.PENDING.value, index=True)
    request_count: Mapped[int] = mapped_column(server_default=text("0"))
    succeeded_count: Mapped[int] = mapped_column(server_default=text("0"))
    errored_count: Mapped[int] = mapped_column(server_default=text("0"))
    submitted_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]

    usages: Mapped[list[AiUsage]] = relationship(back_populates="batch", passive_deletes="all")


class AiUsage(TenantColumns, Base):
    """One call, also a failed one: the organization's bill, so it is only ever appended to, and users cannot vanish
    from under it (NO ACTION). `model` is `ai_model.id`, without a foreign key.
    """

    __tablename__ = "ai_usage"
    __table_args__ = (Index(None, "created_at"), Index(None, "organization_id", "created_at"))
    __access__: ClassVar[Access] = Access.APPEND_ONLY

    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"), index=True)
    batch_id: Mapped[str | None] = mapped_column(TenantForeignKey("ai_batch.id"), index=True)
    model: Mapped[str] = mapped_column(index=True)
    feature: Mapped[str] = mapped_column(index=True)
    input_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    output_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    cache_read_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    cache_write_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    web_search_requests: Mapped[int] = mapped_column(server_default=text("0"))
    web_fetch_requests: Mapped[int] = mapped_column(server_default=text("0"))
    cost: Mapped[Decimal | None]
    latency_ms: Mapped[int | None]
    time_to_first_token_ms: Mapped[int | None]
    streaming: Mapped[bool] = mapped_column(server_default=false())
    stop_reason: Mapped[AiStopReason | None]
    correlation_id: Mapped[UUID] = mapped_column(server_default=func.gen_random_uuid())

    batch: Mapped[AiBatch | None] = relationship(back_populates="usages")
    details: Mapped[AiCallDetails | None] = relationship(back_populates="usage", passive_deletes="all")


class AiCallDetails(TenantColumns, Base):
    """What was said in a call: one row per usage, appended in the same transaction.

    The unique index keeps the name of the facts, `ai_call_details_usageId_uidx`, but is led by the tenant. On
    `usage_id` alone PostgreSQL would check it before the foreign key, and answer another tenant's usage with 23505
    where it answers an unknown one with 23503. A usage has one tenant, so it still has at most one row here.
    """

    __tablename__ = "ai_call_details"
    __table_args__ = (Index("ai_call_details_usageId_uidx", "organization_id", "usage_id", unique=True),)
    __access__: ClassVar[Access] = Access.APPEND_ONLY

    usage_id: Mapped[str] = mapped_column(TenantForeignKey("ai_usage.id", ondelete="CASCADE"))
    system_prompt: Mapped[SystemPrompt | None] = mapped_column(Json(SystemPrompt))
    request_params: Mapped[Record] = mapped_column(Json(Record), server_default=text("'{}'::jsonb"))
    response_content: Mapped[list[Any] | None] = mapped_column(Json(list[Any]))
    thinking_blocks: Mapped[list[ThinkingBlock] | None] = mapped_column(
        Json(list[ThinkingBlock]), server_default=text("'[]'::jsonb")
    )
    tool_use_details: Mapped[list[Any] | None] = mapped_column(Json(list[Any]), server_default=text("'[]'::jsonb"))
    container_info: Mapped[Record | None] = mapped_column(Json(Record))

    usage: Mapped[AiUsage] = relationship(back_populates="details")
