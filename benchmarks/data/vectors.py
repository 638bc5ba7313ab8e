"""Chunks of documents with their vectors, in clusters as embeddings are, of tenants of very different sizes."""

from __future__ import annotations

from itertools import accumulate
from uuid import UUID

from sqlalchemy import Index, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import tenancy
from benchmarks.data.tasks import organization
from benchmarks.ground import OWNER, Ground, Place, Size
from tenancy import Settings
from tenancy.session.vectors.own_indexes import apply, surveyed

DIMENSIONS = 64
#: Tenants of so many rows get an index of their own.
OWN_INDEX = 5_000


class Base(DeclarativeBase):
    metadata = tenancy.metadata(tenant_type=Uuid)


class Chunk(tenancy.TenantScoped, Base):
    __tablename__ = "chunk"

    id: Mapped[int] = mapped_column(primary_key=True)
    embedding: Mapped[list[float]] = mapped_column(tenancy.HalfVector(DIMENSIONS))


HNSW = Index(
    "chunk_embedding", Chunk.embedding, postgresql_using="hnsw", postgresql_ops={"embedding": "halfvec_cosine_ops"}
)


def rows(size: Size) -> int:
    return size.rows(100_000, 2_000)


def tenants(size: Size) -> dict[int, UUID]:
    """The tenants that are asked for, by how many chunks they have; the others have a thousand each."""
    counts = [count for count in (100, 500, 5_000, 50_000) if count <= rows(size) // 2]
    return {count: organization(number) for number, count in enumerate(counts, start=1)}


async def vectors(ground: Ground) -> Place:
    """The database, for `Ground.once`."""
    place = await ground.place("vectors", extensions=["vector"])
    await place.push(Base.metadata)
    # The number of each tenant's first row, and of the first that is none of theirs.
    *starts, rest = accumulate(tenants(ground.size), initial=1)
    bounds = "{" + ",".join(map(str, starts)) + "}"
    await place.fill("vectors.sql", rows=rows(ground.size), starts=bounds, rest=rest, dimensions=DIMENSIONS)
    await place.vacuum()
    return place


async def index_large_tenants(place: Place) -> None:
    """As `tenancy vectors --apply` does."""
    settings = Settings(owner_url=place.url(OWNER))
    # What statistics say of a tenant is not exact.
    async for _ in apply(await surveyed([Base.metadata], settings, OWN_INDEX * 8 // 10), settings):
        pass
