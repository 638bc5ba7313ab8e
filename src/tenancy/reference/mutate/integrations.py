"""Integrations: webhooks and what was sent to them, the keys of other programs, and notifications."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.mutate.base import Base, utc_now
from tenancy.reference.mutate.enums import DeliveryStatus
from tenancy.reference.mutate.shapes import Document
from tenancy.schema import Json, Scope, TenantForeignKey, TenantScoped, TextEnum, is_null, tenant, user

if TYPE_CHECKING:
    from tenancy.reference.mutate.core import Configuration
    from tenancy.reference.mutate.organizations import Organization


def idempotency_key(organization_id: str, configuration_id: str, event_type: str, job_id: str, target_url: str) -> str:
    """The key under which an event about a job is sent to an address once."""
    sent = f"{organization_id}:{configuration_id}:{event_type}:{job_id}:{target_url}"
    return hashlib.sha256(sent.encode()).hexdigest()


class OrganizationWebhook(TenantScoped, Base):
    """An address to which an organization has its events sent; `secret` signs them and is the organization's own."""

    __tablename__ = "organization_webhook"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))
    url: Mapped[str]
    secret: Mapped[str | None]
    last_used_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=utc_now)

    organization: Mapped[Organization] = relationship(back_populates="webhooks")
    configurations: Mapped[list[Configuration]] = relationship(back_populates="webhook", passive_deletes="all")
    deliveries: Mapped[list[WebhookDelivery]] = relationship(back_populates="webhook", passive_deletes="all")


class WebhookDelivery(TenantScoped, Base):
    """An event that an organization is sent, once by its idempotency key.

    The unique constraint keeps the source's name and is led by the tenant. The key already contains the organization,
    so nothing else changes; but on the key alone, INSERT ... ON CONFLICT DO NOTHING would tell one organization what
    another has sent, and let it take the place of what the other is about to send.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("organization_id", "idempotency_key", name="webhook_delivery_idempotency_key_unique"),
    )

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id"))
    configuration_id: Mapped[str] = mapped_column(TenantForeignKey("configuration.id"))
    target_url: Mapped[str]
    webhook_url_id: Mapped[str | None] = mapped_column(TenantForeignKey("organization_webhook.id"))
    event_type: Mapped[str] = mapped_column(String(100))
    idempotency_key: Mapped[str] = mapped_column(String(128))
    payload: Mapped[Document] = mapped_column(Json(Document))
    payload_hash: Mapped[str] = mapped_column(String(128))
    signature: Mapped[str | None]
    signed_at: Mapped[datetime | None]
    status: Mapped[DeliveryStatus] = mapped_column(
        TextEnum(DeliveryStatus, 20), server_default=DeliveryStatus.PENDING.value
    )
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    last_attempt: Mapped[datetime | None]
    next_attempt: Mapped[datetime | None]
    response_status: Mapped[int | None]
    response_body: Mapped[str | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=utc_now)

    configuration: Mapped[Configuration] = relationship(back_populates="deliveries")
    webhook: Mapped[OrganizationWebhook | None] = relationship(back_populates="deliveries")


class ApiKey(TenantScoped, Base):
    """A key by which an organization's programs call; kept as a hash, presented before anybody knows whose it is.

    The source has the hash neither unique nor indexed. Here it is unique, across tenants by nature: otherwise a tenant
    that learned another's hash could enter it as its own, and receive what the other's programs send.
    """

    __tablename__ = "api_key"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id"), index=True)
    key_hash: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[str | None] = mapped_column(String(255))
    permissions: Mapped[Document | None] = mapped_column(Json(Document))
    last_used_at: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime | None]


def _everybody() -> None:
    """The default of `notification.user_id`: it must not fill itself with who is signed in."""


class Notification(Base):
    """What an organization is told: all of its members where `user_id` is empty, else that member only.

    The document does not name the table; the source has it. Whoever notifies one member does so in a session of that
    member, or in a system session.
    """

    __tablename__ = "notification"
    __table_args__ = (Index(None, "organization_id", "user_id"),)
    # The tenant stands outside as well: there it is demanded, while inside `|` a missing id is no error.
    __scope__: ClassVar[Scope] = tenant() & ((tenant() & is_null("user_id")) | user())

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), default=_everybody)
    type: Mapped[str] = mapped_column(String(50))
    title: Mapped[str] = mapped_column(String(255))
    message: Mapped[str]
    metadata_: Mapped[Document | None] = mapped_column("metadata", Json(Document))
    read: Mapped[bool] = mapped_column(server_default=false())
    email_sent: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
