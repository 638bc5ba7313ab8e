"""The usual way in psycopg's pipeline mode, as far as SQLAlchemy lets it reach."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar
from uuid import UUID

from psycopg import AsyncConnection
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

from benchmarks.contestant import SessionContestant


class PipelinedSession(Session):
    """A session whose `info` names the tenant."""


@event.listens_for(PipelinedSession, "after_begin")
def _set_tenant(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    async def set_tenant(driver: AsyncConnection[Any]) -> None:
        async with driver.pipeline():
            await driver.execute("BEGIN")
            await driver.execute("SELECT set_config('app.tenant', %s, true)", [str(session.info["tenant"])])

    adapted: Any = connection.connection.dbapi_connection
    adapted.run_async(set_tenant)


class UsualHookPipeline(SessionContestant):
    """The usual way on psycopg 3 with BEGIN and `set_config` in one pipeline.

    psycopg waits for a BEGIN of its own even in a pipeline, so the driver is in autocommit and the hook begins.
    SQLAlchemy reads each statement's result before it sends the next: no more can be pipelined beneath it.
    """

    name = "usual hook, psycopg pipeline"
    login = "bench_usual"
    driver = "psycopg"
    options: ClassVar[dict[str, Any]] = {"isolation_level": "AUTOCOMMIT"}

    @asynccontextmanager
    async def unit(self, tenant: UUID) -> AsyncIterator[AsyncSession]:
        options: dict[str, Any] = {"sync_session_class": PipelinedSession, "info": {"tenant": tenant}}
        async with AsyncSession(self.engine, expire_on_commit=False, **options) as session, session.begin():
            yield session
