"""Mistake: the tenant is set for the connection and not for the transaction, and the pool hands it on."""

from functools import cached_property

import pytest
from sqlalchemy import event, make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from tenancy import Database


class PooledDatabase(Database):
    @cached_property
    def engine(self):
        return create_async_engine(make_url(self.settings.database_url).set(drivername="postgresql+asyncpg"))

    def session(self, tenant=None, *, user=None, **options):
        session = AsyncSession(self.engine)

        @event.listens_for(session.sync_session, "after_begin")
        def set_tenant(session, transaction, connection):
            for_the_connection = text(
                "SELECT set_config('app.tenant_id', :tenant, false), set_config('app.user_id', :user, false)"
            )
            connection.execute(for_the_connection, {"tenant": str(tenant), "user": str(user)})

        return session


@pytest.fixture(scope="session")
def tenancy_connect():
    return PooledDatabase
