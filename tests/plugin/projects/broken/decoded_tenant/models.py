"""Tenants whose ids are texts."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import tenancy


class Base(DeclarativeBase):
    metadata = tenancy.metadata(tenant_type=Text)


class Project(tenancy.TenantScoped, Base):
    __tablename__ = "project"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]
