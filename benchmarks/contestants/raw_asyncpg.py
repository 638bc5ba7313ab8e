"""The limit."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from benchmarks.contestant import Contestant


class RawAsyncpg(Contestant):
    """asyncpg by itself with a hand-written WHERE, in autocommit and without row-level security: the limit."""

    name = "raw asyncpg"
    login = "bench_plain"
    pool: asyncpg.Pool[asyncpg.Record]

    async def open(self, url: str, connections: int) -> None:
        self.pool = await asyncpg.create_pool(url, min_size=0, max_size=connections, reset=_nothing)

    async def get(self, tenant: UUID, key: UUID) -> object:
        return await self.pool.fetchrow("SELECT * FROM task WHERE id = $1 AND organization_id = $2", key, tenant)

    async def newest(self, tenant: UUID) -> object:
        return await self.pool.fetch(
            "SELECT * FROM task WHERE organization_id = $1 ORDER BY created_at DESC LIMIT 20", tenant
        )

    async def close(self) -> None:
        await self.pool.close()


async def _nothing(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """What autocommit leaves behind; the pool's own reset costs a round trip."""
