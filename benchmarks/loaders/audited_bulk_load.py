"""What `Database.bulk_load` offers to imports."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import make_url

from benchmarks.data.events import Event
from benchmarks.loader import COLUMNS, Row, TenancyLoader
from tenancy import Database


class AuditedBulkLoad(TenancyLoader):
    """`db.bulk_load(tenant, Event, rows, …)`: COPY as the system role, by a loader that stamps the tenant."""

    name = "db.bulk_load"

    async def open(self, url: str) -> None:
        system = make_url(url).set(username="tenancy_system_login")
        self.database = Database.from_url(url, system_url=system.render_as_string(hide_password=False))

    async def load(self, tenant: UUID, rows: Sequence[Row]) -> None:
        await self.database.bulk_load(tenant, Event, rows, columns=COLUMNS, reason="benchmark", actor="make bench")
