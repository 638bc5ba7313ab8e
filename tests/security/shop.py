"""A small schema with every kind of table that a scope can make; each call declares it anew."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import Enum, ForeignKey, Identity, Integer, MetaData, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import tenancy
from tenancy import Access, Private, Shared, TenantForeignKey, TenantRoot, TenantScoped, UserScoped
from tenancy.schema import is_null, parent, tenant, user


class Status(StrEnum):
    OPEN = "open"
    DONE = "done"


def shop(schema: str | None = "shop") -> MetaData:
    """The metadata: tenants and users are UUIDs."""
    prefix = f"{schema}." if schema else ""

    class Base(DeclarativeBase):
        metadata = tenancy.metadata(tenant_type=Uuid, schema=schema)

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
        project_id: Mapped[UUID | None] = mapped_column(TenantForeignKey(f"{prefix}project.id", ondelete="SET NULL"))
        status: Mapped[Status] = mapped_column(
            Enum(Status, name="status", schema=schema, values_callable=lambda members: [one.value for one in members])
        )

    class Step(Base):
        """No tenant column: visible where its task is, and a step's note where the step is."""

        __tablename__ = "step"
        __scope__ = parent("task_id")
        id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
        task_id: Mapped[UUID] = mapped_column(ForeignKey(f"{prefix}task.id"), index=True)

    class Note(Base):
        __tablename__ = "note"
        __scope__ = parent("step_id")
        id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
        step_id: Mapped[UUID] = mapped_column(ForeignKey(f"{prefix}step.id"), index=True)

    class Invoice(TenantScoped, Base):
        """Its id is a SERIAL, whose sequence the application must be granted."""

        __tablename__ = "invoice"
        __table_args__ = (UniqueConstraint("organization_id", "number"),)
        id: Mapped[int] = mapped_column(primary_key=True)
        number: Mapped[int]

    class Receipt(TenantScoped, Base):
        """Its id is an identity column, which needs no grant."""

        __tablename__ = "receipt"
        id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)

    class Event(TenantScoped, Base):
        __tablename__ = "event"
        __access__ = Access.APPEND_ONLY
        id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)

    class Report(TenantScoped, Base):
        __tablename__ = "report"
        __access__ = Access.READ_ONLY
        id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)

    class Preference(UserScoped, Base):
        __tablename__ = "preference"
        id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)

    class Credit(Base):
        """Of an organization, or, where it names none, of a user."""

        __tablename__ = "credit"
        __scope__ = tenant("org_id") | (is_null("org_id") & user("user_id"))
        id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
        org_id: Mapped[UUID | None] = mapped_column(index=True)
        user_id: Mapped[UUID] = mapped_column(index=True)

    class Order(Base):
        """Names that need quotes: a reserved word, capitals, a space, a quote and a percent sign."""

        __tablename__ = "Order"
        __scope__ = tenant("Org ID") & user('the "user" %')
        id: Mapped[UUID] = mapped_column("select", primary_key=True, default=uuid4)
        organization: Mapped[UUID] = mapped_column("Org ID", index=True)
        user: Mapped[UUID] = mapped_column('the "user" %')

    class Country(Shared, Base):
        __tablename__ = "country"
        code: Mapped[str] = mapped_column(Text, primary_key=True)

    class SignIn(Private, Base):
        __tablename__ = "sign_in"
        id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)

    return Base.metadata
