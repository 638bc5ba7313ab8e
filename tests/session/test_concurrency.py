"""Cancellation at any await, and many sessions at once: no wrong tenant, no lost connection."""

from __future__ import annotations

import asyncio
import random
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, text

from tenancy import Database

from ..schema.models import Project, Tag

TENANT = text("SELECT current_setting('app.tenant_id')")


async def idle_in_transaction(shop: Any) -> int:
    with shop.connect() as admin:
        return int(
            admin.execute(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = :name AND state LIKE 'idle in transaction%'"
                ),
                {"name": shop.name},
            ).scalar_one()
        )


async def unit(db: Database, tenant: UUID) -> None:
    """A unit of work with every kind of await: begin, flush, savepoint, select, stream, commit, and a second one."""
    async with db.session(tenant) as session:
        session.add(Project(name=str(tenant)))
        await session.flush()
        async with session.begin_nested():
            await session.execute(insert(Tag).values(name=str(tenant)))
        assert await session.scalar(TENANT) == str(tenant)
        async for project in await session.stream_scalars(select(Project).limit(2)):
            assert project.name == str(tenant)
        await session.commit()
        assert await session.scalar(TENANT) == str(tenant)
        assert {tag.name for tag in await session.scalars(select(Tag).limit(3))} == {str(tenant)}


async def steps(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.parametrize("same_flight", [True, False], ids=["same flight", "folded"])
async def test_cancellation_at_any_await(shop: Any, same_flight: bool) -> None:
    """Two tenants on two connections, cancelled after each number of steps of the event loop, hundreds of times."""
    tenants = (uuid4(), uuid4())
    settings = shop.settings.model_copy(update={"pool_size": 2, "same_flight": same_flight})
    cancelled = finished = 0
    async with Database(settings) as database:
        for tenant in tenants:
            await unit(database, tenant)
        loop_steps = 0
        task = asyncio.create_task(unit(database, tenants[0]))
        while not task.done():
            await asyncio.sleep(0)
            loop_steps += 1
        shuffled = random.Random(7)
        for number in range(240):
            running = [asyncio.create_task(unit(database, tenant)) for tenant in tenants]
            await steps(number % 60 if number < 100 else shuffled.randrange(loop_steps * 2))
            for one in running[: 1 + number % 2]:
                one.cancel()
            for outcome in await asyncio.gather(*running, return_exceptions=True):
                cancelled += isinstance(outcome, asyncio.CancelledError)
                finished += outcome is None
                assert outcome is None or isinstance(outcome, asyncio.CancelledError), repr(outcome)
            async with database.engine.connect() as connection:
                assert await connection.scalar(TENANT) == ""
        assert database.engine.pool.checkedout() == 0
        assert await idle_in_transaction(shop) == 0
        for tenant in tenants:
            await unit(database, tenant)
            async with database.begin(tenant) as session:
                assert {project.name for project in await session.scalars(select(Project))} == {str(tenant)}
    assert cancelled > 100
    assert finished > 50


async def test_a_timeout_cancels_like_anything_else(shop: Any) -> None:
    """`asyncio.timeout` around a slow statement ends it; the connection's next user is not disturbed."""
    async with Database(shop.settings.model_copy(update={"pool_size": 1})) as database:
        tenant = uuid4()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), database.begin(tenant) as session:
                await session.execute(text("SELECT pg_sleep(10)"))
        await unit(database, tenant)
        assert database.engine.pool.checkedout() == 0
    assert await idle_in_transaction(shop) == 0


async def test_many_sessions_at_once(shop: Any) -> None:
    """`gather` with a session each: two tenants, a hundred units, four connections."""
    tenants = (uuid4(), uuid4())
    async with Database(shop.settings.model_copy(update={"pool_size": 4})) as database:
        await asyncio.gather(*(unit(database, tenants[number % 2]) for number in range(100)))
        for tenant in tenants:
            async with database.begin(tenant) as session:
                names = [project.name for project in await session.scalars(select(Project))]
            assert names == [str(tenant)] * 50
        assert database.engine.pool.checkedout() == 0


async def test_a_session_that_is_never_closed_leaks_no_tenant(shop: Any) -> None:
    """Left to the garbage collector: its connection is given up, not passed on with the tenant."""
    import gc
    import warnings

    async with Database(shop.settings.model_copy(update={"pool_size": 1})) as database:
        session = database.session(uuid4())
        await session.execute(text("SELECT 1"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            del session
            gc.collect()
            await asyncio.sleep(0.05)
        async with database.engine.connect() as connection:
            assert await connection.scalar(TENANT) == ""


async def test_whoever_waits_for_a_connection_gets_it(shop: Any) -> None:
    """A task that goes from one reading unit to the next, and never waits in between, leaves the others their turn."""
    order: list[str] = []
    async with Database(shop.settings.model_copy(update={"pool_size": 1})) as database:

        async def read(name: str, times: int) -> None:
            for _ in range(times):
                async with database.begin(uuid4()) as session:
                    await session.scalars(select(Project))
                order.append(name)

        await asyncio.gather(read("greedy", 60), read("modest", 1), read("modest", 1))
    assert order.count("greedy") == 60
    assert max(index for index, name in enumerate(order) if name == "modest") < 10
