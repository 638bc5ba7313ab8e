"""The peer on PyPI: one PostgreSQL role per tenant."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy_tenants.aio.managers import PostgresManager
from sqlalchemy_tenants.core import get_table_policy, get_tenant_role_name

from benchmarks.contestant import SessionContestant
from benchmarks.data.tasks import PEER
from benchmarks.ground import Place

CURRENT_TENANT = """
CREATE OR REPLACE FUNCTION peer.sqlalchemy_tenants_get_tenant() RETURNS text LANGUAGE sql SECURITY INVOKER STABLE
AS $$ SELECT replace(current_user, 'tenant_', '') $$
"""
HAS_ROLE = "SELECT 1 FROM pg_roles WHERE rolname = '{role}'"
PROTECTED = "SELECT relrowsecurity FROM pg_class WHERE oid = 'peer.task'::regclass"


class SqlalchemyTenants(SessionContestant):
    """sqlalchemy-tenants from PyPI: SET ROLE to a role per tenant, and a policy that reads the role's name."""

    name = "sqlalchemy-tenants"
    login = "bench_peer"
    models = PEER
    manager: PostgresManager

    @classmethod
    async def prepare(cls, place: Place, tenants: Sequence[UUID]) -> None:
        engine = create_async_engine(make_url(place.url(cls.login)).set(drivername="postgresql+asyncpg"))
        manager = PostgresManager.from_engine(engine, "peer")
        async with engine.begin() as connection:
            if not (await connection.exec_driver_sql(PROTECTED)).scalar_one():
                await connection.exec_driver_sql(CURRENT_TENANT)
                for table in ("project", "task"):
                    await connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
                    await connection.exec_driver_sql(get_table_policy(table_name=table, column_type=UUID))
            known = [
                tenant
                for tenant in tenants
                if (await connection.exec_driver_sql(HAS_ROLE.format(role=get_tenant_role_name(tenant)))).scalar()
            ]
        for tenant in tenants:
            if tenant not in known:
                await manager.create_tenant(tenant)
        await engine.dispose()

    async def open(self, url: str, connections: int) -> None:
        await super().open(url, connections)
        self.manager = PostgresManager.from_engine(self.engine, "peer")

    @asynccontextmanager
    async def unit(self, tenant: UUID) -> AsyncIterator[AsyncSession]:
        # `create_if_missing` is left at its default; a role that is there costs nothing more.
        async with self.manager.new_tenant_session(tenant) as session:
            yield session
