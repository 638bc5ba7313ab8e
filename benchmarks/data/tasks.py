"""Projects and their tasks, skewed: every tenth project is the first tenant's, the others thin out towards the last.

The same rows stand in four schemas of one database: protected by tenancy (`public`), without row-level security
(`plain`), protected in the usual way by a setting (`usual`), and as the peer sqlalchemy-tenants wants them (`peer`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import md5
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, MetaData, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import tenancy
from benchmarks.ground import Ground, Place, section

TASKS_PER_PROJECT = 20


class Base(DeclarativeBase):
    metadata = tenancy.metadata(tenant_type=Uuid)
    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012 - SQLAlchemy's


class Project(tenancy.TenantScoped, Base):
    __tablename__ = "project"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]


class Task(tenancy.TenantScoped, Base):
    __tablename__ = "task"
    __table_args__ = (Index("task_newest", "organization_id", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(tenancy.TenantForeignKey("project.id"), index=True)
    title: Mapped[str]
    created_at: Mapped[datetime]


@dataclass(frozen=True)
class Models:
    """The two mapped classes, as one contestant maps them."""

    project: Any
    task: Any

    @property
    def metadata(self) -> MetaData:
        metadata: MetaData = self.task.metadata
        return metadata


def declare(tenant_column: str) -> Models:
    """The same models as somebody without tenancy writes them; a login's search_path says in which schema they are."""

    class Base(DeclarativeBase):
        type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012 - SQLAlchemy's

    class Project(Base):
        __tablename__ = "project"

        id: Mapped[UUID] = mapped_column(primary_key=True)
        organization_id: Mapped[UUID] = mapped_column(tenant_column, index=True)
        name: Mapped[str]

    class Task(Base):
        __tablename__ = "task"
        __table_args__ = (Index("task_newest", tenant_column, "created_at"),)

        id: Mapped[UUID] = mapped_column(primary_key=True)
        organization_id: Mapped[UUID] = mapped_column(tenant_column, index=True)
        project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id"), index=True)
        title: Mapped[str]
        created_at: Mapped[datetime]

    return Models(Project, Task)


PROTECTED = Models(Project, Task)
PLAIN = declare("organization_id")
PEER = declare("tenant")


def organization(number: int) -> UUID:
    """The id of a tenant: 1 is the largest, with a tenth of all rows."""
    return UUID(md5(f"organization {number}".encode(), usedforsecurity=False).hexdigest())


def task_key(number: int) -> UUID:
    """The id of a task."""
    return UUID(md5(f"task {number}".encode(), usedforsecurity=False).hexdigest())


def spread(tenants: int, count: int) -> list[UUID]:
    """Tenants from the largest to the smallest, evenly by rank."""
    count = min(count, tenants)
    return [organization(1 + rank * (tenants - 1) // max(1, count - 1)) for rank in range(count)]


def by_size(tenants: int) -> dict[str, UUID]:
    """The largest tenant, one in the middle and the smallest."""
    return {"large": organization(1), "middle": organization(max(2, tenants // 50)), "small": organization(tenants)}


async def tasks(ground: Ground) -> Place:
    """The database, for `Ground.once`."""
    return await fill(await ground.place("tasks"), rows=ground.size.rows(1_000_000, 2_000), tenants=ground.size.tenants)


async def fill(
    place: Place, *, rows: int, tenants: int, largest: int = 10, copies: Sequence[str] = ("plain", "usual", "peer")
) -> Place:
    """Makes the schemas and their rows.

    Args:
        place: an empty database.
        rows: how many tasks.
        tenants: among how many.
        largest: every which project is the first tenant's; 0 for tenants of equal size.
        copies: the schemas beside `public`.
    """
    await place.push(Base.metadata)
    await place.fill("tasks.sql", projects=rows // TASKS_PER_PROJECT, tenants=tenants, largest=largest)
    for schema in copies:
        models = PEER if schema == "peer" else PLAIN
        names = {"schema": schema, "tenant": models.task.__table__.columns[1].name}
        await place.run(*(part.format(**names) for part in section("tasks.sql", "schema")))
        async with place.connect(f"bench_{schema}") as connection:
            # Not asked whether they exist: those of `public` would pass for them.
            await connection.run_sync(models.metadata.create_all, checkfirst=False)
            await connection.commit()
        await place.load(schema, *(part.format(**names) for part in section("tasks.sql", "copy")))
    if "usual" in copies:
        await place.run(*section("tasks.sql", "usual"))
    await place.vacuum()
    return place
