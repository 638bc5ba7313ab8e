"""Ours, by its public face only, save for what SQLAlchemy's part in it does where a statement is run without."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

from sqlalchemy import Compiled
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.contestant import SessionContestant
from benchmarks.data.tasks import PROTECTED
from tenancy import Database


class Tenancy(SessionContestant):
    """tenancy: `db.begin(tenant)`."""

    name = "tenancy"
    login = "tenancy_app_login"
    models = PROTECTED
    database: Database

    async def open(self, url: str, connections: int) -> None:
        self.database = Database.from_url(url, pool_size=connections)
        self.engine = self.database.engine

    def unit(self, tenant: UUID) -> AbstractAsyncContextManager[AsyncSession]:
        return self.database.begin(tenant)

    def announce(self, driver: Any, sql: str, compiled: Compiled) -> None:
        driver.planning.announce_compiled(sql, compiled)

    async def close(self) -> None:
        await self.database.close()


class TenancyReadOnly(Tenancy):
    """tenancy: `db.begin(tenant, read_only=True)`."""

    name = "tenancy, read-only"

    def unit(self, tenant: UUID) -> AbstractAsyncContextManager[AsyncSession]:
        return self.database.begin(tenant, read_only=True)
