"""A library of documents, with a scoped query for each kind of scope and of operator that is not leakproof."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    Computed,
    DateTime,
    Enum,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Text,
    Uuid,
    any_,
    exists,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import INT4RANGE, JSONB, TSQUERY, TSVECTOR, Range
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column, relationship

import tenancy
from tenancy import TenantForeignKey, is_null, parameter, parent, scoped_query, tenant, user


class Status(StrEnum):
    DRAFT = "draft"
    FINAL = "final"


class Base(DeclarativeBase):
    metadata = tenancy.metadata(tenant_type=Uuid, schema="library")


class Organization(tenancy.TenantRoot, Base):
    __tablename__ = "organization"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


class Language(tenancy.Shared, Base):
    __tablename__ = "language"
    code: Mapped[str] = mapped_column(Text, primary_key=True)


class Secret(tenancy.Private, Base):
    __tablename__ = "secret"
    id: Mapped[int] = mapped_column(primary_key=True)


class Document(tenancy.TenantScoped, Base):
    __tablename__ = "document"
    __table_args__ = (
        Index(None, "organization_id", "title", postgresql_ops={"title": "text_pattern_ops"}),
        Index(None, "details", postgresql_using="gin"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    title: Mapped[str] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(ForeignKey("library.language.code"))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    words: Mapped[str] = mapped_column(TSVECTOR, Computed("to_tsvector('english', title)", persisted=True))
    pages: Mapped[Range[int] | None] = mapped_column(INT4RANGE)
    price: Mapped[Decimal] = mapped_column(Numeric, default=Decimal(0))
    status: Mapped[Status] = mapped_column(
        Enum(Status, name="status", schema="library", values_callable=lambda members: [one.value for one in members]),
        default=Status.DRAFT,
    )
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    lines: Mapped[list[Line]] = relationship(back_populates="document", order_by="Line.position")


class Line(Base):
    """Visible where its document is."""

    __tablename__ = "line"
    __scope__ = parent("document_id")
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("library.document.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    words: Mapped[str] = mapped_column(Text)
    document: Mapped[Document] = relationship(back_populates="lines")


class Note(tenancy.UserScoped, Base):
    """A user's own, whatever the tenant."""

    __tablename__ = "note"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    body: Mapped[str] = mapped_column(Text)


class Shelf(Base):
    """An organization's, or a user's own."""

    __tablename__ = "shelf"
    __scope__ = tenant() | (is_null("organization_id") & user())
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organization_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    label: Mapped[str] = mapped_column(Text)


class Loan(tenancy.TenantScoped, Base):
    __tablename__ = "loan"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    document_id: Mapped[UUID] = mapped_column(TenantForeignKey("library.document.id"))
    reader: Mapped[str] = mapped_column(Text)


find_documents = scoped_query(
    "find_documents",
    select(Document)
    .where(Document.title.like(parameter("prefix", Text) + "%"))
    .order_by(Document.created_at.desc(), Document.id)
    .limit(parameter("count", Integer)),
)
documents_about = scoped_query(
    "documents_about",
    select(Document.id, Document.title)
    .where(Document.words.bool_op("@@")(parameter("question", TSQUERY)))
    .order_by(Document.title, Document.id),
)
documents_with = scoped_query(
    "documents_with", select(Document).where(Document.details.contains(parameter("part", JSONB)))
)
documents_covering = scoped_query(
    "documents_covering", select(Document).where(Document.pages.overlaps(parameter("wanted", INT4RANGE)))
)
documents_above = scoped_query(
    "documents_above",
    select(Document.id, Document.status.label("state")).where(
        Document.price > parameter("least", Numeric), Document.status == parameter("status", Document.status.type)
    ),
)
documents_by_id = scoped_query(
    "documents_by_id", select(Document).where(Document.id == any_(parameter("ids", ARRAY(Uuid))))
)
number_of_documents = scoped_query(
    "number_of_documents",
    select(func.count().label("number"))
    .select_from(Document)
    .where(Document.title.contains(parameter("part", Text)), Document.title.not_in(["\\", "' OR true --"])),
)
lines_like = scoped_query(
    "lines_like",
    select(Line).join(Line.document).where(Line.words.ilike("%" + parameter("part", Text) + "%"), Document.title != ""),
)
notes_like = scoped_query("notes_like", select(Note).where(Note.body.contains(parameter("part", Text))))
shelves_like = scoped_query("shelves_like", select(Shelf).where(Shelf.label.startswith(parameter("prefix", Text))))

_other = aliased(Document)
_lent = select(Loan.document_id).where(Loan.reader.like(parameter("reader", Text), escape="")).cte("lent")
#: A join, an outer join, a CTE, EXISTS over an alias, a shared table.
documents_lent = scoped_query(
    "documents_lent",
    select(Document.id, Document.title, Language.code, Line.words.label("first_line"))
    .join(_lent, _lent.c.document_id == Document.id)
    .outerjoin(Language, Language.code == Document.language)
    .outerjoin(Line, Line.document_id == Document.id)
    .where(exists().where(_other.title == Document.title, _other.price >= Document.price)),
)
titles_and_notes = scoped_query(
    "titles_and_notes",
    select(Document.title.label("found"))
    .where(Document.title.startswith(parameter("prefix", Text)))
    .union_all(select(Note.body)),
)
