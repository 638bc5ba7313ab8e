"""Admin: the platform's own staff, what they did, and what every organization's members did."""

from __future__ import annotations

from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import ClassVar

from sqlalchemy import ARRAY, ForeignKey, String, Text, func, true
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenancy.reference.mutate.base import Base, utc_now
from tenancy.reference.mutate.enums import PlatformRole
from tenancy.reference.mutate.shapes import Document
from tenancy.schema import Access, Json, Private, TenantScoped, TextEnum


class PlatformAdmin(Private, Base):
    """A member of the platform's staff; outside tenancy, so only system sessions reach the row.

    Who they are and from where they may sign in is nobody else's to know, not even by trying whether a user is one.
    """

    __tablename__ = "platform_admin"

    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), unique=True)
    role: Mapped[PlatformRole] = mapped_column(TextEnum(PlatformRole, 50), server_default=PlatformRole.ADMIN.value)
    permissions: Mapped[Document | None] = mapped_column(Json(Document))
    require_2fa: Mapped[bool] = mapped_column(server_default=true())
    last_2fa_verified_at: Mapped[datetime | None]
    trusted_ips: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_by: Mapped[str | None] = mapped_column(ForeignKey("user.id"))
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=utc_now)

    audit_logs: Mapped[list[PlatformAuditLog]] = relationship(back_populates="admin", passive_deletes="all")


class PlatformAuditLog(Private, Base):
    """What the platform's staff did, across all tenants; only ever appended to, by system sessions."""

    __tablename__ = "platform_audit_logs"

    admin_id: Mapped[str | None] = mapped_column(ForeignKey("platform_admin.id"))
    action: Mapped[str] = mapped_column(String(100))
    resource_type: Mapped[str | None] = mapped_column(String(50))
    resource_id: Mapped[str | None]
    changes: Mapped[Document | None] = mapped_column(Json(Document))
    ip_address: Mapped[IPv4Address | IPv6Address | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    admin: Mapped[PlatformAdmin | None] = relationship(back_populates="audit_logs")


class AuditLog(TenantScoped, Base):
    """What was done in an organization, by whom and from where; the organization's, and only ever appended to.

    Users cannot vanish from under it (NO ACTION).
    """

    __tablename__ = "audit_log"
    __access__: ClassVar[Access] = Access.APPEND_ONLY

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id"), index=True)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user.id"))
    action: Mapped[str] = mapped_column(String(100))
    resource_type: Mapped[str | None] = mapped_column(String(50))
    resource_id: Mapped[str | None]
    ip_address: Mapped[IPv4Address | IPv6Address | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    request_body: Mapped[Document | None] = mapped_column(Json(Document))
    response_status: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
