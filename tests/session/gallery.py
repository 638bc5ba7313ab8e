"""Models with vectors, and rows of tenants of very different sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

import tenancy
from tenancy import HalfVector, Scope, TenantForeignKey, Vector, parent
from tenancy.security.statements import execute

HUGE, LARGE, SMALL = (UUID(int=number) for number in (1, 2, 3))
#: How many pictures they have. A hundred others share 4,000.
ROWS = {HUGE: 12_000, LARGE: 4_000, SMALL: 40}
#: Also in gallery.sql.
DIMENSIONS = 16


def index(name: str) -> Index:
    return Index(name, "look", postgresql_using="hnsw", postgresql_ops={"look": "halfvec_cosine_ops"})


class Base(DeclarativeBase):
    metadata = tenancy.metadata(tenant_type=Uuid, schema="gallery")


class Artist(tenancy.TenantScoped, Base):
    """Each tenant has three; the third made one picture in a hundred."""

    __tablename__ = "artist"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]


class Picture(tenancy.TenantScoped, Base):
    __tablename__ = "picture"
    __table_args__ = (index("picture_look"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    artist_id: Mapped[int] = mapped_column(TenantForeignKey("gallery.artist.id"), index=True)
    look: Mapped[list[float] | None] = mapped_column(HalfVector(DIMENSIONS))
    #: Without an index.
    colors: Mapped[list[float]] = mapped_column(Vector(3))
    artist: Mapped[Artist] = relationship()
    details: Mapped[list[Detail]] = relationship()


class Detail(Base):
    """Visible where its picture is. Each picture of the small tenant and some of the others' have two."""

    __tablename__ = "detail"
    __table_args__ = (index("detail_look"),)
    __scope__: ClassVar[Scope] = parent("picture_id")
    id: Mapped[int] = mapped_column(primary_key=True)
    picture_id: Mapped[int] = mapped_column(ForeignKey("gallery.picture.id"), index=True)
    look: Mapped[list[float]] = mapped_column(HalfVector(DIMENSIONS))


def fill(database: Any) -> None:
    """Fills a database as its superuser."""
    with database.connect() as connection:
        for statement in Path(__file__).with_suffix(".sql").read_text().split(";\n"):
            execute(connection, statement)
        connection.commit()
