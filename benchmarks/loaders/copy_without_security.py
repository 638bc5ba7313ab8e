"""The limit: what a table without row-level security allows."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from benchmarks.loader import COLUMNS, Loader, Row


class CopyWithoutSecurity(Loader):
    """COPY by asyncpg into a table without row-level security: the baseline."""

    name = "COPY without RLS"
    login = "bench_plain"
    connection: asyncpg.Connection[asyncpg.Record]

    async def open(self, url: str) -> None:
        self.connection = await asyncpg.connect(url)

    async def load(self, tenant: UUID, rows: Sequence[Row]) -> None:
        await self.connection.copy_records_to_table("event", records=rows, columns=COLUMNS)

    async def close(self) -> None:
        await self.connection.close()
