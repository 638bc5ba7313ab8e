"""A schema that has one of everything: each scope, each access, each kind of relationship and of inheritance."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from pydantic import BaseModel, Field
from sqlalchemy import Column, ForeignKey, Index, Table, Text, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from tenancy import (
    Access,
    Json,
    Private,
    Scope,
    Shared,
    SoftDeleted,
    TenantForeignKey,
    TenantRoot,
    TenantScoped,
    Timestamped,
    UserScoped,
    is_null,
    metadata,
    parent,
    scoped,
    tenant,
    user,
)


class Base(DeclarativeBase):
    metadata = metadata(tenant_type=Uuid)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, sort_order=-2)


class Step(BaseModel):
    title: str
    labels: list[str] = Field(default_factory=list)


class Details(BaseModel):
    note: str = ""
    labels: list[str] = Field(default_factory=list)
    steps: list[Step] = Field(default_factory=list)


class Organization(TenantRoot, Base):
    __tablename__ = "organization"

    name: Mapped[str]


class Project(TenantScoped, Timestamped, Base):
    __tablename__ = "project"

    name: Mapped[str]

    tasks: Mapped[list[Task]] = relationship(back_populates="project", order_by="Task.title", passive_deletes=True)


task_tag = Table(
    "task_tag",
    Base.metadata,
    Column("organization_id", Uuid, nullable=False),
    Column("task_id", Uuid, TenantForeignKey("task.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", Uuid, TenantForeignKey("tag.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "organization_id"),
    info=scoped(tenant()),
)


class Task(TenantScoped, Base):
    __tablename__ = "task"

    title: Mapped[str]
    project_id: Mapped[UUID | None] = mapped_column(TenantForeignKey("project.id", ondelete="SET NULL"))
    parent_id: Mapped[UUID | None] = mapped_column(TenantForeignKey("task.id", ondelete="CASCADE"))
    details: Mapped[Details | None] = mapped_column(Json(Details))

    project: Mapped[Project | None] = relationship(back_populates="tasks")
    parent: Mapped[Task | None] = relationship(back_populates="children", remote_side="Task.id")
    children: Mapped[list[Task]] = relationship(back_populates="parent", passive_deletes=True)
    tags: Mapped[list[Tag]] = relationship(secondary=task_tag, back_populates="tasks")


class Tag(TenantScoped, Base):
    __tablename__ = "tag"

    name: Mapped[str]

    tasks: Mapped[list[Task]] = relationship(secondary=task_tag, back_populates="tags")


class Link(TenantScoped, Base):
    """Two foreign keys to the same parent."""

    __tablename__ = "link"

    source_id: Mapped[UUID] = mapped_column(TenantForeignKey("project.id", ondelete="CASCADE"))
    target_id: Mapped[UUID] = mapped_column(TenantForeignKey("project.id", ondelete="CASCADE"))

    source: Mapped[Project] = relationship(foreign_keys=[source_id])
    target: Mapped[Project] = relationship(foreign_keys=[target_id])


class Draft(TenantScoped, SoftDeleted, Base):
    __tablename__ = "draft"

    title: Mapped[str]


class AuditEvent(TenantScoped, Base):
    __tablename__ = "audit_event"
    __access__: ClassVar[Access] = Access.APPEND_ONLY

    what: Mapped[str]


class CreditEntry(Base):
    """An existing column name, a nullable tenant, and the user where there is none."""

    __tablename__ = "credit_entry"
    __scope__: ClassVar[Scope] = tenant("org_id") | (is_null("org_id") & user("owner_id"))

    org_id: Mapped[UUID | None] = mapped_column(index=True)
    owner_id: Mapped[UUID] = mapped_column(index=True)
    amount: Mapped[int]


class Setting(UserScoped, Base):
    __tablename__ = "setting"

    value: Mapped[str]


class AgentRun(TenantScoped, Base):
    __tablename__ = "agent_run"

    name: Mapped[str]

    steps: Mapped[list[AgentStep]] = relationship(back_populates="run", order_by="AgentStep.title")


class AgentStep(Base):
    """No tenant of its own: visible where its run is."""

    __tablename__ = "agent_step"
    __scope__: ClassVar[Scope] = parent("agent_run_id")

    agent_run_id: Mapped[UUID] = mapped_column(ForeignKey("agent_run.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]

    run: Mapped[AgentRun] = relationship(back_populates="steps")


class Document(TenantScoped, Base):
    """The base of a joined-table inheritance."""

    __tablename__ = "document"
    __mapper_args__: ClassVar[dict[str, object]] = {"polymorphic_on": "kind", "polymorphic_identity": "document"}

    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str]


class Report(Document):
    """The part that the subclass adds is visible where the base row is."""

    __tablename__ = "report"
    __scope__: ClassVar[Scope] = parent("id")
    __mapper_args__: ClassVar[dict[str, object]] = {"polymorphic_identity": "report"}

    id: Mapped[UUID] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"), primary_key=True)
    summary: Mapped[str]


class Channel(TenantScoped, Base):
    """The base of a single-table inheritance."""

    __tablename__ = "channel"
    __mapper_args__: ClassVar[dict[str, object]] = {"polymorphic_on": "kind", "polymorphic_identity": "channel"}

    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str]


class EmailChannel(Channel):
    __mapper_args__: ClassVar[dict[str, object]] = {"polymorphic_identity": "email"}

    address: Mapped[str | None]


class Country(Shared, Base):
    __tablename__ = "country"

    name: Mapped[str]


class SignInToken(Private, Base):
    __tablename__ = "sign_in_token"

    value: Mapped[str]
