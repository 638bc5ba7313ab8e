"""Without tenancy: the baseline."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.contestant import SessionContestant


class Plain(SessionContestant):
    """SQLAlchemy's AsyncSession with a hand-written WHERE, and no row-level security."""

    name = "plain"
    login = "bench_plain"

    @asynccontextmanager
    async def unit(self, tenant: UUID) -> AsyncIterator[AsyncSession]:
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def where(self, tenant: UUID, model: Any) -> tuple[ColumnElement[bool], ...]:
        return (model.organization_id == tenant,)
