"""Documents with a column for each operator that is not leakproof, each with the index that would serve it."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Numeric, Uuid, text
from sqlalchemy.dialects.postgresql import ENUM, INT4RANGE, JSONB, TSVECTOR, Range
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import tenancy
from benchmarks.data.tasks import organization
from benchmarks.ground import Ground, Place, Size


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


LARGE: UUID = organization(1)


async def documents(ground: Ground) -> Place:
    """The database: half of the documents are one tenant's, the others a hundred tenants'; for `Ground.once`."""
    place = await ground.place("documents")
    await place.push(Base.metadata)
    await place.fill("documents.sql", rows=rows(ground.size))
    await place.vacuum()
    return place


def rows(size: Size) -> int:
    return size.rows(200_000, 2_000)
