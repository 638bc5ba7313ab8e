"""What SQLAlchemy offers."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert

from benchmarks.data.events import Event
from benchmarks.loader import COLUMNS, Row, TenancyLoader


class SqlalchemyInsert(TenancyLoader):
    """`session.execute(insert(Event), rows)` in a session of tenancy."""

    name = "SQLAlchemy, insert of a list"

    async def load(self, tenant: UUID, rows: Sequence[Row]) -> None:
        async with self.database.begin(tenant) as session:
            await session.execute(insert(Event), [dict(zip(COLUMNS, row, strict=True)) for row in rows])
