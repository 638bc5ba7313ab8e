"""Every transaction says whom it is for, in its BEGIN; nothing of an earlier one shows through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError, InterfaceError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from tenancy import Database, TenantNotSet, UnsafeTransaction
from tenancy.session.begin import _execute
from tenancy.session.connection import TenantConnection
from tenancy.session.engine import database_url

from ..schema.models import Draft, Project, Tag

CURRENT = text("SELECT current_setting('app.tenant_id', true), current_setting('app.user_id', true)")


async def current(session: Any) -> tuple[str, str]:
    """The settings as PostgreSQL has them in this transaction."""
    row = (await session.execute(CURRENT)).one()
    return row[0] or "", row[1] or ""


@pytest.fixture(params=[True, False], ids=["same flight", "folded"])
async def one(shop: Any, request: Any) -> AsyncIterator[Database]:
    """A database with a pool of one connection, so that whatever stays on it meets the next; with either begin."""
    async with Database(shop.settings.model_copy(update={"pool_size": 1, "same_flight": request.param})) as database:
        yield database


async def driver_of(db: Database) -> Any:
    """The pool's one driver connection."""
    async with db.engine.connect() as connection:
        return (await connection.get_raw_connection()).driver_connection


async def test_the_transaction_has_the_tenant_and_the_user(one: Database) -> None:
    """Both ids are there for the transaction, and gone with it."""
    tenant, user = uuid4(), uuid4()
    async with one.begin(tenant, user=user) as session:
        assert await current(session) == (str(tenant), str(user))
    async with one.engine.connect() as connection:
        assert await current(connection) == ("", "")


async def test_commit_and_continue(one: Database) -> None:
    """Each transaction of a session is the tenant's, not only the first."""
    tenant = uuid4()
    async with one.session(tenant) as session:
        for name in "abc":
            session.add(Tag(name=name))
            await session.commit()
            assert await current(session) == (str(tenant), "")
        await session.rollback()
        assert len((await session.scalars(select(Tag))).all()) == 3


async def test_rollback_and_continue(one: Database) -> None:
    """Also after an error of the database, which must be rolled back first."""
    tenant = uuid4()
    async with one.session(tenant) as session:
        with pytest.raises(DBAPIError):
            await session.execute(text("SELECT 1/0"))
        with pytest.raises((DBAPIError, PendingRollbackError)):
            await session.execute(text("SELECT 1"))
        await session.rollback()
        assert await current(session) == (str(tenant), "")


async def test_a_savepoint_as_the_first_statement(one: Database) -> None:
    """`begin_nested` begins the transaction, with its tenant."""
    tenant = uuid4()
    async with one.session(tenant) as session:
        async with session.begin_nested():
            assert await current(session) == (str(tenant), "")
            session.add(Tag(name="a"))
        await session.commit()
        assert len((await session.scalars(select(Tag))).all()) == 1


async def test_rollback_to_a_savepoint_keeps_the_tenant(one: Database) -> None:
    """The setting was made before the savepoint, so it stays; an error inside is undone alone."""
    tenant = uuid4()
    async with one.begin(tenant) as session:
        session.add(Tag(name="kept"))
        await session.flush()
        savepoint = await session.begin_nested()
        session.add(Tag(name="undone"))
        await session.flush()
        await savepoint.rollback()
        assert await current(session) == (str(tenant), "")
        with pytest.raises(DBAPIError):
            async with session.begin_nested():
                await session.execute(text("SELECT 1/0"))
        assert [tag.name for tag in await session.scalars(select(Tag))] == ["kept"]


async def test_nested_savepoints_keep_the_tenant(one: Database) -> None:
    """However deep."""
    tenant = uuid4()
    async with one.begin(tenant) as session, session.begin_nested(), session.begin_nested():
        assert await current(session) == (str(tenant), "")


async def test_a_plain_connection_sees_nothing(one: Database) -> None:
    """Nobody's transaction is an error as soon as a row would be read, never an empty result."""
    async with one.begin(uuid4()) as session:
        session.add(Project(name="p"))
    async with one.engine.connect() as connection:
        with pytest.raises(TenantNotSet, match="a statement on project: its transaction has no tenant") as caught:
            await connection.execute(select(Project.__table__))
    assert caught.value.__cause__.sqlstate == "TN001"


@pytest.mark.parametrize("level", ["SET", "SET SESSION"])
async def test_a_leftover_setting_is_overridden(one: Database, level: str) -> None:
    """A session-level setting that somebody committed on the pooled connection reaches neither tenant nor nobody."""
    victim, tenant = uuid4(), uuid4()
    async with one.begin(victim) as session:
        session.add(Project(name="p"))
    async with one.begin(tenant) as session:
        await session.execute(text(f"{level} app.tenant_id = '{victim}'"))
        await session.execute(text(f"{level} app.user_id = '{victim}'"))
    async with one.begin(tenant) as session:
        assert await current(session) == (str(tenant), "")
        assert (await session.scalars(select(Project))).all() == []
        assert await session.scalar(text("SELECT count(*) FROM project")) == 0
    async with one.engine.connect() as connection:
        assert await current(connection) == ("", "")
        with pytest.raises(TenantNotSet):
            await connection.execute(text("SELECT * FROM project"))


async def test_a_leftover_search_path_is_overridden(one: Database) -> None:
    """Unqualified names mean the same in every transaction, and pg_temp comes last."""
    async with one.begin(uuid4()) as session:
        await session.execute(text("SET search_path = pg_temp, tenancy"))
    async with one.begin(uuid4()) as session:
        assert await session.scalar(text("SHOW search_path")) == "public, pg_temp"
    async with one.engine.connect() as connection:
        assert await connection.scalar(text("SHOW search_path")) == "public, pg_temp"


async def test_a_default_tenant_of_the_role_is_overridden(shop: Any) -> None:
    """`ALTER ROLE … SET app.tenant_id` gives every session a tenant; no transaction of ours starts with it."""
    victim = uuid4()
    with shop.connect() as admin:
        admin.execute(text(f"ALTER ROLE tenancy_app_login IN DATABASE {shop.name} SET app.tenant_id = '{victim}'"))
        admin.commit()
        try:
            async with Database(shop.settings) as database:
                async with database.engine.connect() as connection:
                    assert await current(connection) == ("", "")
                async with database.session(user=uuid4()) as session:
                    assert (await current(session))[0] == ""
        finally:
            admin.execute(text(f"ALTER ROLE tenancy_app_login IN DATABASE {shop.name} RESET app.tenant_id"))
            admin.commit()


async def test_an_armed_transaction_that_sent_nothing_is_forgotten(one: Database) -> None:
    """A session that took a connection and sent no statement leaves its tenant to nobody."""
    async with one.session(uuid4()) as session:
        await session.connection()
    async with one.engine.connect() as connection:
        assert await current(connection) == ("", "")
    async with one.session(uuid4()) as session:
        await session.connection()
    driver = await driver_of(one)
    async with one.session(uuid4()) as session:
        await session.connection()
    async with driver.transaction():
        assert await driver.fetchval("SELECT current_setting('app.tenant_id')") == ""


async def test_a_session_without_statements_takes_no_connection(shop_db: Database) -> None:
    """Making a session, and committing it empty, costs nothing."""
    async with shop_db.begin(uuid4()):
        assert shop_db.engine.pool.checkedout() == 0


async def test_read_only(shop_db: Database) -> None:
    """PostgreSQL refuses the write; the next session on the connection may write again."""
    tenant = uuid4()
    async with shop_db.session(tenant, read_only=True) as session:
        assert (await session.scalars(select(Tag))).all() == []
        session.add(Tag(name="x"))
        with pytest.raises(DBAPIError) as caught:
            await session.flush()
        assert caught.value.orig.sqlstate == "25006"
        await session.rollback()
        assert await session.scalar(text("SHOW transaction_read_only")) == "on"
    async with shop_db.begin(tenant) as session:
        session.add(Tag(name="x"))


@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
async def test_isolation_levels(one: Database, level: Any) -> None:
    """Each transaction of the session has the level and the tenant; the next session has the default again."""
    tenant = uuid4()
    async with one.session(tenant, isolation_level=level) as session:
        for _ in range(2):
            assert await session.scalar(text("SHOW transaction_isolation")) == level.lower()
            assert await current(session) == (str(tenant), "")
            await session.commit()
    async with one.begin(tenant, read_only=True, isolation_level=level) as session:
        assert await session.scalar(text("SHOW transaction_read_only")) == "on"
        assert await session.scalar(text("SHOW transaction_isolation")) == level.lower()
    async with one.begin(tenant) as session:
        assert await session.scalar(text("SHOW transaction_isolation")) == "read committed"
        assert await session.scalar(text("SHOW transaction_read_only")) == "off"


async def test_autocommit_is_refused(one: Database) -> None:
    """In whatever way it is asked for: there would be no transaction to carry the tenant."""
    tenant = uuid4()
    with pytest.raises(UnsafeTransaction, match="READ COMMITTED, REPEATABLE READ, SERIALIZABLE"):
        one.session(tenant, isolation_level="AUTOCOMMIT")  # type: ignore[arg-type]
    async with one.session(tenant) as session:
        with pytest.raises(UnsafeTransaction, match="cannot run in AUTOCOMMIT"):
            await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        await session.rollback()
        assert await current(session) == (str(tenant), "")
    async with one.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        with pytest.raises(UnsafeTransaction):
            await connection.execute(CURRENT)
    async with one.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        with pytest.raises(UnsafeTransaction):
            await connection.execute(CURRENT)
    async with one.begin(tenant) as session:
        assert await current(session) == (str(tenant), "")
    assert one.engine.pool.checkedout() == 0


async def test_a_transaction_that_somebody_else_began_is_refused(one: Database) -> None:
    """Its tenant is unknown; the session takes none over, and nobody gets the connection after it."""
    driver = await driver_of(one)
    await driver.execute("BEGIN")
    async with one.session(uuid4()) as session:
        with pytest.raises(UnsafeTransaction, match="a transaction that somebody else began"):
            await session.execute(select(Tag))
    assert driver.is_closed()


async def test_a_failing_begin_closes_the_connection(one: Database) -> None:
    """Nobody can say what the server did of it: the connection is never used again, and the pool makes another."""
    driver = await driver_of(one)
    driver.arm(("SET LOCAL app.tenant_id = 'x'", "SELECT nonsense"))
    with pytest.raises(asyncpg.UndefinedColumnError):
        await driver.execute("BEGIN;")
    assert driver.is_closed()
    tenant = uuid4()
    async with one.begin(tenant) as session:
        assert await current(session) == (str(tenant), "")
    assert await driver_of(one) is not driver


async def test_a_cancelled_begin_closes_the_connection(one: Database) -> None:
    """Cancelled while the server works on it."""
    driver = await driver_of(one)
    driver.arm(("SET LOCAL app.tenant_id = 'x'", "SELECT pg_sleep(10)"))
    task = asyncio.create_task(driver.execute("BEGIN;"))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert driver.is_closed()
    async with one.engine.connect() as connection:
        assert await current(connection) == ("", "")


async def test_only_the_begin_is_folded(one: Database) -> None:
    """Other statements of the driver pass unchanged, and what was armed serves one BEGIN only."""
    driver = await driver_of(one)
    driver.arm(("SET LOCAL app.tenant_id = 'armed'",))
    assert await driver.execute("SELECT 1") == "SELECT 1"
    seen = []
    for _ in range(2):
        async with driver.transaction():
            seen.append(await driver.fetchval("SELECT current_setting('app.tenant_id')"))
    assert seen == ["armed", ""]


async def test_a_transaction_of_the_driver_itself_is_nobodys(one: Database) -> None:
    """Code that goes round SQLAlchemy still begins with no tenant, whatever was left on the connection."""
    victim = uuid4()
    async with one.begin(victim) as session:
        session.add(Project(name="p"))
        await session.execute(text(f"SET app.tenant_id = '{victim}'"))
    driver = await driver_of(one)
    async with driver.transaction():
        with pytest.raises(asyncpg.PostgresError) as caught:
            await driver.fetch("SELECT * FROM project")
    assert caught.value.sqlstate == "TN001"


async def test_a_folded_begin_is_one_message(shop: Any) -> None:
    """`BEGIN` and the settings are one simple query, where they may not travel with the first statement."""
    tenant = uuid4()
    logged: list[str] = []
    async with Database(shop.settings.model_copy(update={"pool_size": 1, "same_flight": False})) as database:
        driver = await driver_of(database)
        driver.add_query_logger(lambda record: logged.append(record.query))
        async with database.begin(tenant) as session:
            # A prepared statement, which asyncpg's query logger does not report.
            await session.execute(text("SELECT 1"))
    assert [query.partition(";")[0] for query in logged] == ["BEGIN", "COMMIT"]
    assert f"SET LOCAL app.tenant_id = '{tenant}'" in logged[0]


async def test_the_seam_in_asyncpg_is_there(shop: Any) -> None:
    """`Transaction.start` calls `execute("BEGIN…")` with the query alone, for every kind of transaction."""
    calls: list[tuple[Any, ...]] = []

    class Recording(asyncpg.Connection):
        async def execute(self, *args: Any, **kwargs: Any) -> str:
            calls.append((*args, *kwargs.items()))
            return await super().execute(*args, **kwargs)

    connection = await asyncpg.connect(shop.url("application"), connection_class=Recording)
    for isolation, read_only in ((None, False), ("read_committed", False), ("serializable", True)):
        async with connection.transaction(isolation=isolation, readonly=read_only, deferrable=read_only):
            begins = list(calls)
        assert len(begins) == 1
        assert len(begins[0]) == 1
        assert begins[0][0].startswith("BEGIN")
        calls.clear()
    await connection.close()
    assert TenantConnection.__mro__[1] is asyncpg.Connection


async def test_a_foreign_driver_connection_is_refused(shop: Any) -> None:
    """An engine that makes other connections cannot carry a tenant, and says so instead of forgetting it."""
    engine = create_async_engine(database_url(shop.url("application"), "asyncpg"))
    event.listen(engine.sync_engine, "do_execute", _execute)
    with pytest.raises(UnsafeTransaction, match="Connection cannot carry a tenant: let Database make the engine"):
        async with engine.connect() as connection:
            await connection.execute(CURRENT)
    await engine.dispose()


async def test_a_read_that_needs_another_connection(shop_db: Any) -> None:
    """Two sessions of two tenants open at once are two connections with two tenants."""
    first, second = uuid4(), uuid4()
    async with shop_db.begin(first) as a, shop_db.begin(second) as b:
        assert [await current(a), await current(b), await current(a)] == [
            (str(first), ""),
            (str(second), ""),
            (str(first), ""),
        ]


async def test_retry_after_a_serialization_failure(shop_db: Any) -> None:
    """The same session rolls back and tries again, with its tenant; the loser's second try succeeds."""
    tenant = uuid4()
    async with shop_db.begin(tenant) as session:
        session.add(Draft(title="0"))

    async def increment(session: AsyncSession) -> None:
        draft = (await session.scalars(select(Draft).execution_options(populate_existing=True))).one()
        await asyncio.sleep(0.02)
        draft.title = str(int(draft.title) + 1)
        await session.commit()

    sqlstates = set()

    async def work() -> None:
        async with shop_db.session(tenant, isolation_level="SERIALIZABLE") as session:
            while True:
                try:
                    return await increment(session)
                except DBAPIError as error:
                    sqlstates.add(error.orig.sqlstate)
                    await session.rollback()
                    assert await current(session) == (str(tenant), "")
                    await session.rollback()

    await asyncio.gather(*(work() for _ in range(5)))
    async with shop_db.begin(tenant) as session:
        assert (await session.scalars(select(Draft))).one().title == "5"
    assert sqlstates
    assert sqlstates <= {"40001", "40P01"}


@asynccontextmanager
async def killed(shop: Any, pid: int) -> AsyncIterator[None]:
    with shop.connect() as admin:
        admin.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    # Until the driver has seen its socket closed.
    await asyncio.sleep(0.05)
    yield


async def test_a_killed_backend_is_found_at_checkout(one: Database, shop: Any) -> None:
    """Without asking the server, and before the session notices: the pool opens another connection."""
    async with one.engine.connect() as connection:
        pid = await connection.scalar(text("SELECT pg_backend_pid()"))
    tenant = uuid4()
    async with killed(shop, pid), one.begin(tenant) as session:
        assert await session.scalar(text("SELECT pg_backend_pid()")) != pid
        assert await current(session) == (str(tenant), "")


async def test_a_backend_killed_inside_a_transaction(one: Database, shop: Any) -> None:
    """The statement fails, and the session's next transaction is the tenant's again."""
    tenant = uuid4()
    async with one.session(tenant) as session:
        pid = await session.scalar(text("SELECT pg_backend_pid()"))
        async with killed(shop, pid):
            with pytest.raises((DBAPIError, InterfaceError)):
                await session.execute(text("SELECT 1"))
        await session.rollback()
        assert await current(session) == (str(tenant), "")
    assert one.engine.pool.checkedout() == 0


async def test_long_idle_connections_are_replaced(shop: Any) -> None:
    """What has been idle for longer than the setting is closed at checkout; what is in use stays."""
    async with Database(shop.settings.model_copy(update={"pool_size": 1, "pool_idle_seconds": 0.1})) as database:
        pids = []
        for pause in (0.0, 0.2, 0.0):
            await asyncio.sleep(pause)
            async with database.engine.connect() as connection:
                pids.append(await connection.scalar(text("SELECT pg_backend_pid()")))
    assert pids[0] != pids[1]
    assert pids[1] == pids[2]
