"""Ours, by its public face only."""

from __future__ import annotations

from sqlalchemy import select

from benchmarks.data.vectors import Chunk
from benchmarks.search import LIMIT, Search
from tenancy.session.async_session import AsyncTenantSession


class TenancyNearest(Search):
    """`session.nearest(...)`: the exact scan or the HNSW index, by the statistics."""

    name = "tenancy's helper"

    async def nearest(self, session: AsyncTenantSession, vector: list[float]) -> list[Chunk]:
        return await session.nearest(select(Chunk), Chunk.embedding.cosine_distance(vector), limit=LIMIT)
