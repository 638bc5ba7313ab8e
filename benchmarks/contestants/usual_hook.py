"""What most projects write."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

from benchmarks.contestant import SessionContestant

SET_TENANT = text("SELECT set_config('app.tenant', :tenant, true)")


class HookedSession(Session):
    """A session whose `info` names the tenant."""


@event.listens_for(HookedSession, "after_begin")
def _set_tenant(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    connection.execute(SET_TENANT, {"tenant": str(session.info["tenant"])})


class UsualHook(SessionContestant):
    """The usual way: `set_config` in the session's `after_begin`, and a policy that reads the setting."""

    name = "usual hook"
    login = "bench_usual"

    @asynccontextmanager
    async def unit(self, tenant: UUID) -> AsyncIterator[AsyncSession]:
        options: dict[str, Any] = {"sync_session_class": HookedSession, "info": {"tenant": tenant}}
        async with AsyncSession(self.engine, expire_on_commit=False, **options) as session, session.begin():
            yield session
