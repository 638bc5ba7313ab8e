"""`tenant_context`: for code that cannot be handed a tenant; what a session has, it keeps."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from tenancy import Database, InvalidTenant, TenantNotSet, tenant_context

from ..schema.models import Project, Setting

CURRENT = text("SELECT current_setting('app.tenant_id'), current_setting('app.user_id')")


async def current(session: Any) -> tuple[str, ...]:
    return tuple((await session.execute(CURRENT)).one())


async def test_no_tenant_is_refused_before_anything_is_sent(shop: Any) -> None:
    """`TenantNotSet` with the remedy; not even a connection is opened."""
    database = Database(shop.settings)
    with pytest.raises(TenantNotSet, match=r"db\.begin\(organization_id\).*tenant_context"):
        database.session()
    with pytest.raises(TenantNotSet):
        async with database.begin():
            pass
    assert database.engine.pool.checkedin() == 0


async def test_the_context_gives_the_tenant(shop_db: Database) -> None:
    """Inside, sessions take tenant and user from it; an argument comes first."""
    tenant, user, other = uuid4(), uuid4(), uuid4()
    with tenant_context(tenant, user=user):
        async with shop_db.begin() as session:
            assert await current(session) == (str(tenant), str(user))
        async with shop_db.begin(other) as session:
            assert await current(session) == (str(other), "")
        with tenant_context(other):
            async with shop_db.begin() as session:
                assert await current(session) == (str(other), "")
        async with shop_db.begin() as session:
            assert await current(session) == (str(tenant), str(user))
    with pytest.raises(TenantNotSet):
        shop_db.session()


async def test_an_error_leaves_the_context(shop_db: Database) -> None:
    """The context ends with its block, however it ends."""
    with pytest.raises(RuntimeError), tenant_context(uuid4()):
        raise RuntimeError
    with pytest.raises(TenantNotSet):
        shop_db.session()


async def test_a_session_outlives_its_context(shop_db: Database) -> None:
    """It keeps its tenant, also for transactions that begin inside another tenant's context."""
    first, second = uuid4(), uuid4()
    with tenant_context(first):
        session = shop_db.session()
    async with session:
        session.add(Project(name="first"))
        with tenant_context(second):
            await session.commit()
            assert await current(session) == (str(first), "")
            await session.rollback()
        assert await current(session) == (str(first), "")
    async with shop_db.begin(second) as other:
        assert (await other.scalars(select(Project))).all() == []


async def test_tasks_have_contexts_of_their_own(shop_db: Database) -> None:
    """What a task sets, no other task sees; what it inherits, it keeps."""
    outer = uuid4()

    async def work(tenant: Any) -> None:
        with tenant_context(tenant):
            await asyncio.sleep(0)
            async with shop_db.begin() as session:
                assert (await current(session))[0] == str(tenant)

    async def inherits() -> None:
        async with shop_db.begin() as session:
            assert (await current(session))[0] == str(outer)

    with tenant_context(outer):
        await asyncio.gather(*(work(uuid4()) for _ in range(10)), inherits())


async def test_a_user_alone_is_a_principal(shop_db: Database) -> None:
    """Rows of users need no tenant; rows of tenants stay closed."""
    user = uuid4()
    async with shop_db.begin(user=user) as session:
        session.add(Setting(value="dark"))
        await session.flush()
        assert [row.user_id for row in await session.scalars(select(Setting))] == [user]
        with pytest.raises(TenantNotSet):
            await session.scalars(select(Project))
        await session.rollback()


@pytest.mark.parametrize("bad", ["", "a\0b", 2**63, -(2**63) - 1, True, 1.5, b"x", object(), "line\nbreak"])
def test_what_is_no_id_is_refused(shop: Any, bad: Any) -> None:
    """Only UUIDs, integers of 64 bits and non-empty printable texts get anywhere near SQL."""
    database = Database(shop.settings)
    with pytest.raises(InvalidTenant, match="is no tenant id"):
        database.session(bad)
    with pytest.raises(InvalidTenant, match="is no user id"):
        database.session(uuid4(), user=bad)
    with pytest.raises(InvalidTenant), tenant_context(bad):
        pass
