"""What `session.bulk_load` offers to services."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from benchmarks.data.events import Event
from benchmarks.loader import COLUMNS, Loader, Row
from tenancy import Database


class SessionBulkLoad(Loader):
    """`session.bulk_load(Event, rows)` in a session of tenancy: the policies check every row."""

    name = "session.bulk_load"
    database: Database

    async def open(self, url: str) -> None:
        self.database = Database.from_url(url)

    async def load(self, tenant: UUID, rows: Sequence[Row]) -> None:
        async with self.database.begin(tenant) as session:
            await session.bulk_load(Event, rows, columns=COLUMNS)

    async def close(self) -> None:
        await self.database.close()
