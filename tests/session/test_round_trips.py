"""A transaction of a tenant costs no round trip more than one without tenancy: counted on the wire."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from tenancy import Database

from ..schema.models import Project
from .proxy import Flights, counting_flights

Begin = Callable[[], AbstractAsyncContextManager[AsyncSession]]


async def flights_of(flights: Flights, begin: Begin, work: Any) -> int:
    """The flights of one unit, on a warm connection that knows the statements."""
    for _ in range(3):
        before = flights.count
        async with begin() as session:
            await work(session)
    return flights.count - before


async def get_one(session: AsyncSession) -> None:
    await session.scalars(select(Project).where(Project.name == "p"))


async def write_one(session: AsyncSession) -> None:
    session.add(Project(name="p", organization_id=TENANT))


async def read_and_write(session: AsyncSession) -> None:
    project = (await session.scalars(select(Project).limit(1))).one()
    project.name += "!"


async def savepoint(session: AsyncSession) -> None:
    async with session.begin_nested():
        await get_one(session)


async def nothing(session: AsyncSession) -> None: ...


TENANT = uuid4()


@pytest.mark.parametrize(
    "work, expected", [(get_one, 3), (write_one, 3), (read_and_write, 4), (savepoint, 5), (nothing, 0)]
)
async def test_a_tenant_costs_no_round_trip(shop: Any, work: Any, expected: int) -> None:
    """Begin with its tenant, one query and commit: as many flights as plain SQLAlchemy without any of this."""
    async with counting_flights(shop.url("postgres")) as flights:
        url = flights.url.replace("postgresql://", "postgresql+asyncpg://")
        engine = create_async_engine(url)

        @asynccontextmanager
        async def plainly() -> Any:
            async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
                yield session

        async with plainly() as session:
            await write_one(session)
        plain = await flights_of(flights, plainly, work)
        await engine.dispose()
    async with (
        counting_flights(shop.url("application")) as flights,
        Database(shop.settings.model_copy(update={"database_url": flights.url})) as database,
    ):
        scoped = await flights_of(flights, lambda: database.begin(TENANT), work)
    assert (plain, scoped) == (expected, expected)


async def test_committing_and_continuing_costs_no_round_trip(shop: Any) -> None:
    """Each further transaction of a session is begun as cheaply as the first."""
    async with (
        counting_flights(shop.url("application")) as flights,
        Database(shop.settings.model_copy(update={"database_url": flights.url})) as database,
        database.session(TENANT) as session,
    ):
        counts = []
        for _ in range(4):
            before = flights.count
            await session.execute(text("SELECT 1"))
            await session.commit()
            counts.append(flights.count - before)
    assert counts[1:] == [3, 3, 3]
