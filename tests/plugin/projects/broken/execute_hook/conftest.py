"""Mistake: the tenant is set by hooking `execute`, so what does not go through it runs without one."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tenancy import Database


class HookedSession(AsyncSession):
    def __init__(self, *args, tenant, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.settings = {"tenant": str(tenant), "user": str(user)}

    async def execute(self, *args, **kwargs):
        settings = text("SELECT set_config('app.tenant_id', :tenant, true), set_config('app.user_id', :user, true)")
        await super().execute(settings, self.settings)
        return await super().execute(*args, **kwargs)


class HookedDatabase(Database):
    def session(self, tenant=None, *, user=None, **options):
        return HookedSession(self.engine, tenant=tenant, user=user)


@pytest.fixture(scope="session")
def tenancy_connect():
    return HookedDatabase
