"""A small shop: two tenants' projects, their tasks, and notes that are a user's own or everybody's in the tenant."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import tenancy
from tenancy import TenantForeignKey, TenantRoot, TenantScoped, is_null, tenant, user


class Base(DeclarativeBase):
    metadata = tenancy.metadata(tenant_type=Uuid)


class Organization(TenantRoot, Base):
    __tablename__ = "organization"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]


class Project(TenantScoped, Base):
    __tablename__ = "project"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]


class Task(TenantScoped, Base):
    __tablename__ = "task"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    project_id: Mapped[UUID] = mapped_column(TenantForeignKey("project.id", ondelete="CASCADE"))
    title: Mapped[str]


class Note(Base):
    __tablename__ = "note"
    __scope__ = tenant() & (user() | is_null("user_id"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organization_id: Mapped[UUID] = mapped_column(index=True)
    user_id: Mapped[UUID | None]
    text: Mapped[str]
