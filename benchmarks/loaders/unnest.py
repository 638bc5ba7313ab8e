"""Arrays as parameters, a few thousand rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from benchmarks.loader import Row, TenancyLoader

AT_ONCE = 10_000
INSERT = """
INSERT INTO event (id, organization_id, kind, amount, created_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::timestamptz[])
"""


class Unnest(TenancyLoader):
    """`INSERT … SELECT unnest(…)` of 10,000 rows at a time, in a session of tenancy."""

    name = "INSERT … SELECT unnest"

    async def load(self, tenant: UUID, rows: Sequence[Row]) -> None:
        async with self.database.begin(tenant) as session:
            connection = await session.connection()
            for start in range(0, len(rows), AT_ONCE):
                columns = tuple(map(list, zip(*rows[start : start + AT_ONCE], strict=True)))
                await connection.exec_driver_sql(INSERT, columns)
