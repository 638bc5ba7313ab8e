"""The HNSW index, whatever the planner thinks of it."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.data.vectors import Chunk
from benchmarks.searches.default import Default

# Nothing but the HNSW index gives the order without a sort.
FORCED = "SELECT set_config('enable_sort', 'off', true)"


class Hnsw(Default):
    """HNSW forced, ef_search 40, no iterative scan."""

    name = "HNSW, ef 40"
    settings = FORCED

    async def nearest(self, session: AsyncSession, vector: list[float]) -> list[Chunk]:
        await session.execute(text(self.settings))
        return await super().nearest(session, vector)


class HnswIterative(Hnsw):
    """HNSW forced, ef_search 40, with pgvector's iterative scan in relaxed order."""

    name = "HNSW, iterative"
    settings = f"{FORCED}, set_config('hnsw.iterative_scan', 'relaxed_order', true)"


class HnswWide(Hnsw):
    """HNSW forced, ef_search 400, iterative: as wide as finds nearly all in a large part of a shared index."""

    name = "HNSW, ef 400"
    settings = (
        f"{FORCED}, set_config('hnsw.iterative_scan', 'strict_order', true), set_config('hnsw.ef_search', '400', true)"
    )
