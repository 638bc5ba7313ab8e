"""Core business: how files are to be transformed, and each transformation."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import ForeignKey, String, false, func, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.mutate.base import Base, utc_now
from tenancy.reference.mutate.enums import ConversionType, JobStatus
from tenancy.reference.mutate.shapes import Document
from tenancy.schema import Access, Json, Scope, TenantForeignKey, TenantScoped, TextEnum, parent

if TYPE_CHECKING:
    from tenancy.reference.mutate.billing import ActiveConversion
    from tenancy.reference.mutate.integrations import OrganizationWebhook, WebhookDelivery


class Configuration(TenantScoped, Base):
    """How an organization wants its files transformed.

    Nothing in the source keeps `webhook_url_id` within the organization; here the foreign key does.
    """

    __tablename__ = "configuration"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id"))
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None]
    conversion_type: Mapped[ConversionType] = mapped_column(
        TextEnum(ConversionType, 50), server_default=ConversionType.XLSX_TO_CSV.value
    )
    input_format: Mapped[str] = mapped_column(String(20), server_default="XLSX")
    output_format: Mapped[Document] = mapped_column(Json(Document))
    rules: Mapped[Document] = mapped_column(Json(Document))
    output_validation: Mapped[Document | None] = mapped_column(Json(Document))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    is_active: Mapped[bool] = mapped_column(server_default=true())
    callback_url: Mapped[str | None]
    webhook_url_id: Mapped[str | None] = mapped_column(TenantForeignKey("organization_webhook.id"))
    created_by: Mapped[str] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=utc_now)

    webhook: Mapped[OrganizationWebhook | None] = relationship(back_populates="configurations")
    versions: Mapped[list[ConfigurationVersion]] = relationship(
        back_populates="configuration", order_by="ConfigurationVersion.version", passive_deletes="all"
    )
    jobs: Mapped[list[TransformationJob]] = relationship(back_populates="configuration", passive_deletes="all")
    deliveries: Mapped[list[WebhookDelivery]] = relationship(back_populates="configuration", passive_deletes="all")


class ConfigurationVersion(Base):
    """A configuration as it was; visible where the configuration is, for the table has no column of the tenant.

    Only ever appended to. The source does not make (configuration, version) unique.
    """

    __tablename__ = "configuration_version"
    __scope__: ClassVar[Scope] = parent("configuration_id")
    __access__: ClassVar[Access] = Access.APPEND_ONLY

    configuration_id: Mapped[str] = mapped_column(ForeignKey("configuration.id"), index=True)
    version: Mapped[int]
    rules: Mapped[Document] = mapped_column(Json(Document))
    output_format: Mapped[Document] = mapped_column(Json(Document))
    created_by: Mapped[str] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    configuration: Mapped[Configuration] = relationship(back_populates="versions")


class TransformationJob(TenantScoped, Base):
    """One transformation of an organization's file, by one of its configurations; `uid` is the caller's name for it."""

    __tablename__ = "transformation_job"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id"))
    configuration_id: Mapped[str] = mapped_column(TenantForeignKey("configuration.id"))
    status: Mapped[JobStatus] = mapped_column(TextEnum(JobStatus, 50), server_default=JobStatus.PENDING.value)
    input_file_url: Mapped[str | None]
    input_file_key: Mapped[str | None]
    output_file_url: Mapped[str | None]
    output_file_key: Mapped[str | None]
    original_file_name: Mapped[str | None] = mapped_column(String(255))
    file_size: Mapped[int | None]
    error_message: Mapped[str | None]
    validation_result: Mapped[Document | None] = mapped_column(Json(Document))
    execution_log: Mapped[Document | None] = mapped_column(Json(Document))
    callback_url: Mapped[str | None]
    uid: Mapped[str | None]
    webhook_delivered: Mapped[bool | None] = mapped_column(server_default=false())
    webhook_attempts: Mapped[int | None] = mapped_column(server_default=text("0"))
    webhook_last_attempt: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    configuration: Mapped[Configuration] = relationship(back_populates="jobs")
    active: Mapped[ActiveConversion | None] = relationship(
        back_populates="job", cascade="all, delete-orphan", passive_deletes=True
    )
