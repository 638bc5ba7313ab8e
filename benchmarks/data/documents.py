"""Documents with a column for each operator that is not leakproof, each with the index that would serve it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, Numeric, Select, Text, Uuid, func, select, text
from sqlalchemy.dialects.postgresql import ENUM, INT4RANGE, JSONB, TSQUERY, TSVECTOR, Range
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import tenancy
from benchmarks.data.tasks import organization
from benchmarks.ground import Ground, Place, Size, section


class Base(DeclarativeBase):
    metadata = tenancy.metadata(tenant_type=Uuid)


class Status(Enum):
    draft = "draft"
    sent = "sent"
    paid = "paid"
    overdue = "overdue"


class Document(tenancy.TenantScoped, Base):
    """The same indexes stand on the table without row-level security."""

    __tablename__ = "document"
    __table_args__ = (
        Index("document_title", "organization_id", text("title text_pattern_ops")),
        Index("document_labels", "labels", postgresql_using="gin"),
        Index("document_words", "words", postgresql_using="gin"),
        Index("document_pages", "pages", postgresql_using="gist"),
        Index("document_amount", "organization_id", "amount"),
        Index("document_status", "organization_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    labels: Mapped[dict[str, Any]] = mapped_column(JSONB)
    words: Mapped[str] = mapped_column(TSVECTOR)
    pages: Mapped[Range[int]] = mapped_column(INT4RANGE)
    amount: Mapped[Decimal] = mapped_column(Numeric)
    status: Mapped[Status] = mapped_column(ENUM(Status))


@dataclass(frozen=True)
class Search:
    """Documents are counted by one operator.

    Attributes:
        condition: of what is searched for: a value, or a parameter.
        query: the same as a scoped query, whose parameter is `wanted`.
    """

    condition: Callable[[Any], ColumnElement[bool]]
    query: tenancy.ScopedQuery

    @classmethod
    def declared(cls, name: str, type_: Any, condition: Callable[[Any], ColumnElement[bool]]) -> Search:
        return cls(condition, tenancy.scoped_query(name, counted(condition(tenancy.parameter("wanted", type_)))))

    def by_hand(self, wanted: object, *where: ColumnElement[bool]) -> Select[Any]:
        return counted(self.condition(wanted), *where)


def counted(*where: ColumnElement[bool]) -> Select[Any]:
    """How many documents meet the conditions."""
    return select(func.count().label("number")).select_from(Document).where(*where)


SEARCHES = {
    "LIKE prefix": Search.declared("by_title", Text, lambda prefix: Document.title.like(prefix + "%")),
    "jsonb @>": Search.declared("by_label", JSONB, Document.labels.contains),
    "tsvector @@": Search.declared("by_word", TSQUERY, Document.words.bool_op("@@")),
    "range &&": Search.declared("by_page", INT4RANGE, Document.pages.overlaps),
    "numeric >": Search.declared("by_amount", Numeric, lambda least: Document.amount > least),
    "enum =": Search.declared("by_status", Document.status.type, lambda status: Document.status == status),
}

LARGE: UUID = organization(1)


async def documents(ground: Ground) -> Place:
    """The database: half of the documents are one tenant's, the others a hundred tenants'; for `Ground.once`."""
    place = await ground.place("documents")
    await place.push(Base.metadata)
    await place.fill("documents.sql", rows=rows(ground.size))
    await place.run(*section("documents.sql", "plain"))
    await place.load("plain", *section("documents.sql", "copy"))
    await place.vacuum()
    return place


def rows(size: Size) -> int:
    return size.rows(200_000, 2_000)
