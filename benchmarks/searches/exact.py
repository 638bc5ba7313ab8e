"""Every vector of the tenant is compared."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.data.vectors import Chunk
from benchmarks.search import LIMIT, Search


class Exact(Search):
    """Exact: the tenant's rows by the index of its column, all of them compared."""

    name = "exact"

    async def nearest(self, session: AsyncSession, vector: list[float]) -> list[Chunk]:
        # An expression that is not the column itself: the HNSW index cannot serve it.
        distance = Chunk.embedding.cosine_distance(vector) + text("0")
        return list(await session.scalars(select(Chunk).order_by(distance).limit(LIMIT)))
