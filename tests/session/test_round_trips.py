"""A transaction of a tenant costs fewer round trips than one without tenancy: counted on the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from benchmarks.proxy import Flights, counting_flights
from tenancy import Database
from tenancy.session import connection

from ..schema.models import Project

Begin = Callable[[], AbstractAsyncContextManager[AsyncSession]]

#: An idle connection asks for the answer to its last ROLLBACK: not while its flights are counted.
pytestmark = pytest.mark.usefixtures("nobody_asks")


@pytest.fixture
def nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_ASK_AFTER", 3600)


@asynccontextmanager
async def counted(shop: Any, **settings: Any) -> AsyncIterator[tuple[Flights, Database]]:
    """A database of one connection, whose flights are counted."""
    async with counting_flights(shop.url("application")) as flights:
        update = {"database_url": flights.url, "pool_size": 1, **settings}
        async with Database(shop.settings.model_copy(update=update)) as database:
            yield flights, database


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


async def read_by_key_and_by_name(session: AsyncSession) -> None:
    """The second statement is not simple: it takes along how it is to be planned."""
    await session.get(Project, TENANT)
    await get_one(session)


async def savepoint(session: AsyncSession) -> None:
    async with session.begin_nested():
        await get_one(session)


async def nothing(session: AsyncSession) -> None: ...


TENANT = uuid4()
#: Work, how often plain SQLAlchemy waits for it, and how often tenancy does.
WORK = [
    (get_one, 3, 1),
    (write_one, 3, 2),
    (read_and_write, 4, 3),
    (read_by_key_and_by_name, 4, 2),
    (savepoint, 5, 4),
    (nothing, 0, 0),
]


async def plain_flights(shop: Any, work: Any) -> int:
    """The flights of a unit of plain SQLAlchemy, without any of this."""
    async with counting_flights(shop.url("postgres")) as flights:
        engine = create_async_engine(flights.url.replace("postgresql://", "postgresql+asyncpg://"))

        @asynccontextmanager
        async def plainly() -> Any:
            async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
                yield session

        async with plainly() as session:
            await write_one(session)
        plain = await flights_of(flights, plainly, work)
        await engine.dispose()
        return plain


@pytest.mark.parametrize("work, plain, expected", WORK)
async def test_a_unit_costs_less_round_trips_than_plain_sqlalchemy(
    shop: Any, work: Any, plain: int, expected: int
) -> None:
    """The begin with its tenant travels with the first statement, and nobody waits for the end of what only read."""
    assert await plain_flights(shop, work) == plain
    async with counted(shop) as (flights, database):
        assert await flights_of(flights, lambda: database.begin(TENANT), work) == expected


@pytest.mark.parametrize("work, plain, expected", WORK)
async def test_a_folded_begin_costs_what_plain_sqlalchemy_does(shop: Any, work: Any, plain: int, expected: int) -> None:
    """Where the begin may not travel with the first statement, the tenant still costs nothing."""
    async with counted(shop, same_flight=False) as (flights, database):
        assert await flights_of(flights, lambda: database.begin(TENANT), work) == plain


async def test_a_read_only_unit_waits_once(shop: Any) -> None:
    """Nobody waits for the end of what only read: the next unit on the connection follows it in one flight."""
    async with counted(shop) as (flights, database):
        assert await flights_of(flights, lambda: database.begin(TENANT, read_only=True), get_one) == 1
        assert await flights_of(flights, lambda: database.session(TENANT), get_one) == 1
        # Whatever it does in there.
        assert await flights_of(flights, lambda: database.begin(TENANT, read_only=True), call) == 1
        assert await flights_of(flights, lambda: database.begin(TENANT), call) == 2
        # A SERIALIZABLE transaction knows only at COMMIT whether what it read holds.
        serializable = await flights_of(
            flights, lambda: database.begin(TENANT, read_only=True, isolation_level="SERIALIZABLE"), get_one
        )
        assert serializable == 2
        assert await flights_of(flights, lambda: database.begin(TENANT, isolation_level="SERIALIZABLE"), get_one) == 2


async def call(session: AsyncSession) -> None:
    """A function might do anything."""
    await session.execute(text("SELECT pg_backend_pid()"))


async def test_a_database_that_is_serializable_by_default_waits(shop: Any) -> None:
    """As if each session asked for it."""
    with shop.connect() as admin:
        admin.execute(text(f"ALTER DATABASE {shop.name} SET default_transaction_isolation = serializable"))
        admin.commit()
    try:
        async with counted(shop) as (flights, database):
            assert await flights_of(flights, lambda: database.begin(TENANT), get_one) == 2
            assert await flights_of(flights, lambda: database.begin(TENANT, read_only=True), get_one) == 2
            committed = database.begin(TENANT, isolation_level="READ COMMITTED")
            assert await flights_of(flights, lambda: committed, get_one) == 1
    finally:
        with shop.connect() as admin:
            admin.execute(text(f"ALTER DATABASE {shop.name} RESET default_transaction_isolation"))
            admin.commit()


@pytest.mark.parametrize("same_flight, expected", [(True, 1), (False, 3)])
async def test_committing_and_continuing_costs_no_round_trip(shop: Any, same_flight: bool, expected: int) -> None:
    """Each further transaction of a session is begun as cheaply as the first."""
    async with counted(shop, same_flight=same_flight) as (flights, database), database.session(TENANT) as session:
        counts = []
        for _ in range(4):
            before = flights.count
            await session.execute(text("SELECT 1"))
            await session.commit()
            counts.append(flights.count - before)
    assert counts[1:] == [expected] * 3


async def test_rolling_back_and_continuing_costs_nothing(shop: Any) -> None:
    """Each transaction that is rolled back waits for its statement alone."""
    async with counted(shop) as (flights, database), database.session(TENANT) as session:
        counts = []
        for _ in range(4):
            before = flights.count
            await session.execute(text("SELECT 1"))
            await session.rollback()
            counts.append(flights.count - before)
    assert counts[2:] == [1, 1]
