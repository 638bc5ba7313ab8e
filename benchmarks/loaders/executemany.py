"""The driver's own way to send a statement with many rows."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from benchmarks.loader import Row, TenancyLoader

INSERT = "INSERT INTO event (id, organization_id, kind, amount, created_at) VALUES ($1, $2, $3, $4, $5)"


class Executemany(TenancyLoader):
    """asyncpg's `executemany` in a session of tenancy."""

    name = "asyncpg executemany"

    async def load(self, tenant: UUID, rows: Sequence[Row]) -> None:
        async with self.database.begin(tenant) as session:
            connection = await session.connection()
            await connection.exec_driver_sql(INSERT, list(rows))
