"""What an ORM statement does by itself."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.data.vectors import Chunk
from benchmarks.search import LIMIT, Search


class Default(Search):
    """ORDER BY distance as it stands; the planner chooses between HNSW (ef_search 40) and the tenant's index."""

    name = "as it stands"

    async def nearest(self, session: AsyncSession, vector: list[float]) -> list[Chunk]:
        return list(await session.scalars(select(Chunk).order_by(Chunk.embedding.cosine_distance(vector)).limit(LIMIT)))
