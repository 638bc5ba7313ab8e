"""On uvloop, whose transports cannot hold anything back: everything holds, in a write or two more."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from ..schema.models import Tag
from .test_begin import current, driver_of
from .test_same_flight import of_one

uvloop = pytest.importorskip("uvloop")


def test_units_on_uvloop(shop: Any) -> None:
    """Begin, commit, rollback, read-only ends and what is forgotten, on a pool of one connection."""

    async def run() -> None:
        mine, theirs = uuid4(), uuid4()
        async with of_one(shop) as database:
            driver = await driver_of(database)
            assert driver._same_flight
            assert not driver.flight._holds
            for _ in range(3):
                for tenant in (mine, theirs):
                    async with database.begin(tenant) as session:
                        assert await current(session) == (str(tenant), "")
                        session.add(Tag(name="x"))
                        await session.execute(text(f"SET app.user_id = '{tenant}'"))
                    async with database.begin(tenant, read_only=True) as session:
                        assert await current(session) == (str(tenant), "")
                        tags = (await session.scalars(select(Tag))).all()
                        assert {tag.organization_id for tag in tags} == {tenant}
                    async with database.session(tenant) as session:
                        session.add(Tag(name="never"))
                        await session.flush()
            async with database.begin(mine) as session:
                assert set(await session.scalars(select(Tag.name))) == {"x"}
            await asyncio.sleep(0.03)
            assert not driver.is_in_transaction()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
