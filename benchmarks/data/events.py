"""Events, to be loaded by the thousand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import DateTime, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import tenancy
from benchmarks.ground import Ground, Place
from benchmarks.loader import Row


class Base(DeclarativeBase):
    metadata = tenancy.metadata(tenant_type=Uuid)
    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012 - SQLAlchemy's


class Event(tenancy.TenantScoped, Base):
    __tablename__ = "event"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    amount: Mapped[int]
    created_at: Mapped[datetime]


async def events(ground: Ground) -> Place:
    """The database: the table under row-level security, and one without that has the same indexes."""
    place = await ground.place("events")
    await place.push(Base.metadata)
    await place.run(
        "CREATE SCHEMA plain AUTHORIZATION bench_plain",
        "CREATE TABLE plain.event (LIKE public.event INCLUDING ALL)",
        "ALTER TABLE plain.event OWNER TO bench_plain",
    )
    return place


def rows(tenant: UUID, count: int) -> list[Row]:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [(uuid4(), tenant, f"kind {i % 20}", i, start + timedelta(seconds=i)) for i in range(count)]
