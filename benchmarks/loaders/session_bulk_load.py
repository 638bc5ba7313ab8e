"""What `session.bulk_load` offers to services."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from benchmarks.data.events import Event
from benchmarks.loader import COLUMNS, Row, TenancyLoader


class SessionBulkLoad(TenancyLoader):
    """`session.bulk_load(Event, rows)` in a session of tenancy: the policies check every row."""

    name = "session.bulk_load"

    async def load(self, tenant: UUID, rows: Sequence[Row]) -> None:
        async with self.database.begin(tenant) as session:
            await session.bulk_load(Event, rows, columns=COLUMNS)
