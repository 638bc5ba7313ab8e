"""The begin that nobody waits for: what comes first, what fails, what is left behind, and when it is not used."""

from __future__ import annotations

import asyncio
import io
import itertools
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.proxy import altered
from tenancy import Database
from tenancy.session import connection, same_flight
from tenancy.session.principal import Principal
from tenancy.session.same_flight import SameFlightTransaction
from tenancy.session.tenant_session import TenantSession

from ..schema.models import Draft, Project, Tag
from .test_begin import current, driver_of, killed
from .test_concurrency import idle_in_transaction, steps

TENANT = text("SELECT current_setting('app.tenant_id')")
PID = text("SELECT pg_backend_pid()")
NOT_A_NUMBER = (text("SELECT CAST(:number AS integer)"), {"number": "one"})


def of_one(shop: Any, **settings: Any) -> Database:
    """A database with a pool of one connection, so that whatever stays on it meets the next."""
    return Database(shop.settings.model_copy(update={"pool_size": 1, **settings}))


@pytest.fixture
async def one(shop: Any) -> AsyncIterator[Database]:
    async with of_one(shop) as database:
        assert (await driver_of(database))._same_flight
        yield database


@asynccontextmanager
async def with_failing_begin(db: Database, tenant: UUID) -> AsyncIterator[AsyncSession]:
    """A session in whose begin a statement fails, after the settings were made."""
    principal = Principal(tenant, verification="SELECT nonsense")
    async with AsyncSession(db.engine, sync_session_class=TenantSession, principal=principal) as session:
        yield session


# What fails


async def test_a_failing_begin_stops_its_statement(one: Database) -> None:
    """The server skips the first statement, which raises the begin's error; the connection is then in order."""
    tenant, pid = uuid4(), await pid_of(one)
    async with with_failing_begin(one, tenant) as session:
        for _ in range(2):
            with pytest.raises(DBAPIError, match="nonsense"):
                await session.execute(insert(Tag).values(name="x", organization_id=tenant))
            with pytest.raises((DBAPIError, PendingRollbackError)):
                await session.execute(TENANT)
            await session.rollback()
    async with one.begin(tenant) as session:
        assert (await session.scalars(select(Tag))).all() == []
        assert await session.scalar(PID) == pid


async def pid_of(db: Database) -> int:
    async with db.engine.connect() as connection:
        return int(await connection.scalar(PID))


async def test_where_begin_itself_fails_nothing_follows(one: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no transaction to carry the tenant: no statement reaches the connection any more, and it is closed."""
    tenant, victim = uuid4(), uuid4()
    async with one.begin(tenant) as session:
        await session.execute(text(f"SET app.tenant_id = '{victim}'"))
    driver = await driver_of(one)

    class Failing(SameFlightTransaction):
        async def start(self) -> None:
            self._begin = "BEGIN NONSENSE"
            await super().start()

    for _ in range(2):
        monkeypatch.setattr(connection, "SameFlightTransaction", Failing)
        async with one.session(tenant) as session:
            with pytest.raises(DBAPIError, match="NONSENSE"):
                await session.execute(TENANT)
            with pytest.raises((DBAPIError, PendingRollbackError)) as caught:
                await session.execute(TENANT)
            assert "invalid" in str(caught.value)
        assert driver.is_closed()
        monkeypatch.undo()
        async with one.begin(tenant) as session:
            assert await session.scalar(TENANT) == str(tenant)
            await session.execute(text(f"SET app.tenant_id = '{victim}'"))
        driver = await driver_of(one)
    assert one.engine.pool.checkedout() == 0


async def test_an_error_in_the_first_statement(one: Database) -> None:
    """Prepared before or not: it is rolled back, and the connection stays."""
    tenant, pid = uuid4(), await pid_of(one)
    for _ in range(3):
        async with one.session(tenant) as session:
            with pytest.raises(DBAPIError, match="division by zero"):
                await session.execute(text("SELECT 1/0"))
            await session.rollback()
            assert await current(session) == (str(tenant), "")
    assert await pid_of(one) == pid


async def test_parameters_that_cannot_be_encoded(one: Database) -> None:
    """The begin is sent and its statement is not: then it is answered alone, and the transaction goes on."""
    tenant, pid = uuid4(), await pid_of(one)
    for _ in range(2):
        async with one.session(tenant) as session:
            with pytest.raises(DBAPIError, match="invalid input for query argument"):
                await session.execute(*NOT_A_NUMBER)
            assert await current(session) == (str(tenant), "")
            await session.commit()
            with pytest.raises(DBAPIError):
                await session.execute(*NOT_A_NUMBER)
            await session.commit()
            with pytest.raises(DBAPIError):
                await session.execute(*NOT_A_NUMBER)
            await session.rollback()
            with pytest.raises(DBAPIError):
                await session.execute(*NOT_A_NUMBER)
        async with one.engine.connect() as plain:
            assert await current(plain) == ("", "")
    assert await pid_of(one) == pid


async def test_a_failing_begin_that_nothing_followed(one: Database) -> None:
    """The transaction is a failed one, as the server has it; none of it meets the next session."""
    for ends, pause in itertools.product(("rollback", "commit", "close"), (0, 0.02)):
        async with one.begin(uuid4()) as session:
            await session.execute(NOT_A_NUMBER[0], {"number": 1})
        async with with_failing_begin(one, uuid4()) as session:
            with pytest.raises(DBAPIError, match="invalid input for query argument"):
                await session.execute(*NOT_A_NUMBER)
            await asyncio.sleep(pause)
            with pytest.raises(DBAPIError, match="current transaction is aborted"):
                await session.execute(TENANT)
            if ends != "close":
                await getattr(session, ends)()
        tenant = uuid4()
        async with one.begin(tenant) as session:
            assert await current(session) == (str(tenant), "")
    assert one.engine.pool.checkedout() == 0


async def test_a_statement_timeout(shop: Any) -> None:
    """It counts for each statement, the begin's as well, and leaves the connection in order."""
    async with of_one(shop, statement_timeout_ms=100) as database:
        tenant, pid = uuid4(), await pid_of(database)
        async with database.session(tenant) as session:
            with pytest.raises(DBAPIError) as caught:
                await session.execute(text("SELECT pg_sleep(5)"))
            assert caught.value.orig.sqlstate == "57014"
            await session.rollback()
            await asyncio.sleep(0.2)
            assert await session.scalar(PID) == pid
            await asyncio.sleep(0.2)
            assert await current(session) == (str(tenant), "")


# What comes first


@pytest.fixture
def types(shop: Any) -> Any:
    """Types that asyncpg must ask the server about when it first meets them."""
    with shop.connect() as admin:
        admin.execute(text("CREATE TYPE public.mood AS ENUM ('calm', 'glad')"))
        admin.execute(text("CREATE TYPE public.pair AS (mood public.mood, number integer)"))
        admin.commit()
        yield
        admin.execute(text("DROP TYPE public.pair; DROP TYPE public.mood"))
        admin.commit()


@pytest.mark.usefixtures("types")
@pytest.mark.parametrize(
    "expression, expected",
    [
        ("'glad'::mood", "glad"),
        ("'{calm,glad}'::mood[]", ["calm", "glad"]),
        ("ROW('glad', 7)::pair", ("glad", 7)),
        ("ARRAY[ROW('glad', 7)::pair]", [("glad", 7)]),
    ],
)
async def test_a_type_that_is_looked_up_first(shop: Any, expression: str, expected: Any) -> None:
    """asyncpg asks for it between preparing the statement and executing it, in the same transaction."""
    async with of_one(shop) as database:
        tenant = uuid4()
        for _ in range(2):
            async with database.begin(tenant) as session:
                value, setting = (await session.execute(text(f"SELECT {expression}, {TENANT.text[7:]}"))).one()
                assert (value, setting) == (expected, str(tenant))
                session.add(Tag(name="kept"))
        async with database.begin(tenant) as session:
            assert len((await session.scalars(select(Tag))).all()) == 2


async def test_many_rows_first(one: Database) -> None:
    """`executemany` waits for the begin: what asyncpg does about bad rows depends on being in a transaction."""
    tenant = uuid4()
    rows = [{"id": uuid4(), "name": name, "organization_id": tenant} for name in "abc"]
    async with one.session(tenant) as session:
        # More than asyncpg sends at once, so that some are sent before the bad one is found.
        many = [{**rows[0], "id": uuid4(), "name": "x" * 5000} for _ in range(100)]
        with pytest.raises(DBAPIError, match="expected str, got int"):
            await session.execute(insert(Tag.__table__), [*many, {**rows[0], "name": 7}])
        assert await current(session) == (str(tenant), "")
        await session.rollback()
        await session.execute(insert(Tag.__table__), rows)
        await session.commit()
        assert sorted(await session.scalars(select(Tag.name))) == ["a", "b", "c"]


async def test_streaming_first(one: Database) -> None:
    """A cursor as the first statement gives every row, not those of its first fetch alone."""
    tenant = uuid4()
    async with one.begin(tenant) as session:
        session.add_all([Draft(title=str(number)) for number in range(120)])
    for _ in range(2):
        async with one.begin(tenant, read_only=True) as session:
            stream = await session.stream_scalars(select(Draft))
            assert len([draft async for draft in stream]) == 120
            assert await current(session) == (str(tenant), "")


async def test_the_driver_first(one: Database) -> None:
    """In a block of the driver's own, an armed begin is answered before the block runs, whatever it starts with."""
    tenant = uuid4()
    async with one.begin(tenant) as session:
        session.add_all([Tag(name=str(number)) for number in range(120)])
    async with one.session(tenant) as session:
        driver = (await (await session.connection()).get_raw_connection()).driver_connection
        async with driver.transaction():
            output = io.BytesIO()
            await driver.copy_from_query("SELECT name FROM tag", output=output)
            assert len(output.getvalue().split()) == 120
    async with one.session(tenant) as session:
        driver = (await (await session.connection()).get_raw_connection()).driver_connection
        async with driver.transaction():
            assert len([row async for row in driver.cursor("SELECT name FROM tag", prefetch=10)]) == 120
            async with driver.transaction():
                await driver.executemany(
                    "INSERT INTO tag (id, organization_id, name) VALUES ($1, $2, 'x')", [(uuid4(), tenant)]
                )
    async with one.session(tenant) as session:
        await session.execute(TENANT)
        output = io.BytesIO()
        driver = (await (await session.connection()).get_raw_connection()).driver_connection
        await driver.copy_from_query("SELECT name FROM tag", output=output)
        assert len(output.getvalue().split()) == 121
    async with driver.transaction():
        with pytest.raises(asyncpg.PostgresError) as caught:
            await driver.fetch("SELECT * FROM tag")
    assert caught.value.sqlstate == "TN001"


async def test_copy_behind_a_failing_begin(one: Database) -> None:
    """COPY is a simple query, which a server that skips to the next Sync would never answer: so it is not sent."""
    driver = await driver_of(one)
    driver.arm(("SELECT nonsense",))
    transaction = driver.transaction()
    await transaction.start()
    async with asyncio.timeout(5):
        with pytest.raises(asyncpg.UndefinedColumnError):
            await driver.copy_from_query("SELECT 1", output=io.BytesIO())
    await transaction.rollback()
    driver.arm(("SELECT nonsense",))
    async with asyncio.timeout(5):
        with pytest.raises(asyncpg.UndefinedColumnError):
            async with driver.transaction():
                pytest.fail("begun")
    assert driver.is_closed()


async def test_an_end_in_the_middle_of_a_statement_is_refused(one: Database) -> None:
    """Of another task: its next message would find the transaction gone."""
    driver = await driver_of(one)
    driver.arm(("SET LOCAL app.tenant_id = 'x'",))
    transaction = driver.transaction()
    await transaction.start()
    statement = asyncio.create_task(driver.fetchval("SELECT current_setting('app.tenant_id') FROM pg_sleep(0.05)"))
    await asyncio.sleep(0.01)
    with pytest.raises(asyncpg.InterfaceError, match="another operation is in progress"):
        await transaction.rollback()
    assert await statement == "x"
    await transaction.rollback()


# What is left behind


async def states(shop: Any) -> list[str]:
    with shop.connect() as admin:
        query = "SELECT state FROM pg_stat_activity WHERE datname = :name AND application_name = 'tenancy'"
        return list(admin.execute(text(query), {"name": shop.name}).scalars())


async def test_an_unanswered_end_is_executed_at_once(one: Database, shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks are free before anybody asks for the answer; soon after, the connection is idle."""
    tenant = uuid4()
    monkeypatch.setattr(connection, "_ASK_AFTER", 3600)
    async with one.session(tenant) as session:
        await session.execute(text("LOCK TABLE tag IN ACCESS SHARE MODE"))
    with shop.connect() as admin:
        admin.execute(text("SET lock_timeout = 1000"))
        admin.execute(text("LOCK TABLE tag IN ACCESS EXCLUSIVE MODE"))
        admin.rollback()
    monkeypatch.undo()
    (await driver_of(one))._stop_timer()  # it was set for an hour
    async with one.session(tenant) as session:
        await session.execute(TENANT)
    await asyncio.sleep(0.1)
    assert await states(shop) == ["idle"]


async def test_what_asks_no_answer_goes_out_with_what_follows(shop: Any) -> None:
    """One write for the begin and its statement, and for all that an earlier unit left to be sent."""
    async with of_one(shop, pool_size=3) as database:
        driver, writes = await driver_of(database), []
        original = driver.flight._write

        def write(data: Any) -> None:
            writes.append(bytes(data))
            original(data)

        driver.flight._write = write
        for writing in (False, True, False, False):  # the first time, asyncpg prepares
            async with database.begin(uuid4()) as session:
                await session.execute(select(Tag))
                assert driver.is_in_transaction()
                if writing:
                    await session.execute(insert(Tag).values(name="x"))
                    writes.clear()
        # Behind the COMMIT that is waited for, what is to be forgotten goes with the next begin; behind what only read,
        # its end does; and that of the last is sent when nothing has followed.
        assert [b"COMMIT;" in data for data in writes] == [True, False, False]
        assert [b"RESET ALL" in data for data in writes] == [False, True, False]
        assert [b"\0COMMIT\0" in data for data in writes] == [False, True, True]
        assert all(b"SET LOCAL app.tenant_id" in data and data.count(b"S\0\0\0\4") == 1 for data in writes[-2:])
        before = len(writes)
        await asyncio.sleep(0)
        assert b"COMMIT" in b"".join(writes[before:])


async def test_a_read_only_commit_is_a_commit(shop: Any, one: Database) -> None:
    """It is not waited for, and not taken for a rollback."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    listening = await asyncpg.connect(shop.settings.database_url)
    await listening.add_listener("told", lambda connection, pid, channel, payload: heard.put_nowait(payload))
    async with one.begin(uuid4(), read_only=True) as session:
        await session.execute(text("NOTIFY told, 'yes'"))
    assert await asyncio.wait_for(heard.get(), 5) == "yes"
    await listening.close()


@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK"])
@pytest.mark.parametrize("read_only", [False, True])
async def test_a_transaction_that_was_ended_past_sqlalchemy(one: Database, end: str, read_only: bool) -> None:
    """PostgreSQL warns that there is none to end, while nobody waits for an answer; the next user is not disturbed."""
    pid = await pid_of(one)
    for _ in range(5):
        async with one.session(uuid4(), read_only=read_only) as session:
            driver: Any = (await (await session.connection()).get_raw_connection()).driver_connection
            await session.execute(TENANT)
            await driver.execute(end)
        tenant = uuid4()
        async with one.begin(tenant) as session:
            assert await session.scalar(TENANT) == str(tenant)
            assert await session.scalar(PID) == pid


async def test_a_returned_connection_forgets_what_its_user_left(one: Database) -> None:
    """Settings and channels of the session, also where nothing is sent on it any more but by its raw driver."""
    tenant, pid = uuid4(), await pid_of(one)
    async with one.session(tenant) as session:
        await session.execute(text(f"SET app.tenant_id = '{tenant}'"))
        await session.execute(text("LISTEN told"))
        await session.execute(text("SET statement_timeout = '7s'"))
        await session.commit()
        driver: Any = await driver_of(one)
        assert await driver.fetchval("SELECT pg_backend_pid()") == pid
    driver = await driver_of(one)
    assert await driver.fetchval("SELECT current_setting('app.tenant_id', true)") in ("", None)
    assert await driver.fetch("SELECT pg_listening_channels()") == []
    assert await driver.fetchval("SHOW statement_timeout") == "0"
    # What the engine set when it connected is what RESET goes back to.
    assert await driver.fetchval("SHOW plan_cache_mode") == "force_custom_plan"


async def test_whoever_takes_a_connection_that_asks_waits_for_it(
    one: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also code that goes to the driver at once."""
    monkeypatch.setattr(connection, "_ASK_AFTER", 0)
    tenant, pid = uuid4(), await pid_of(one)
    for number in range(50):
        async with one.session(tenant) as session:
            assert await session.scalar(TENANT) == str(tenant)
        await steps(number % 7)
        async with one.engine.connect() as plain:
            driver = (await plain.get_raw_connection()).driver_connection
            assert await driver.fetchval("SELECT pg_backend_pid()") == pid


@pytest.mark.parametrize("ask_after", [0, 3600])
async def test_a_backend_killed_behind_an_unanswered_end(
    one: Database, shop: Any, monkeypatch: pytest.MonkeyPatch, ask_after: float
) -> None:
    """Is found at checkout like any other."""
    monkeypatch.setattr(connection, "_ASK_AFTER", ask_after)
    tenant = uuid4()
    async with one.session(tenant) as session:
        pid = await session.scalar(PID)
    async with killed(shop, pid), one.begin(tenant) as session:
        assert await session.scalar(PID) != pid
        assert await current(session) == (str(tenant), "")
    assert one.engine.pool.checkedout() == 0


@pytest.mark.parametrize("pause", [0, 1, 2, 5])
async def test_closing_while_a_connection_asks(shop: Any, monkeypatch: pytest.MonkeyPatch, pause: int) -> None:
    """The database closes with nothing left on the server."""
    monkeypatch.setattr(connection, "_ASK_AFTER", 0)
    async with of_one(shop) as database:
        async with database.session(uuid4()) as session:
            await session.execute(TENANT)
        await steps(pause)
    await asyncio.sleep(0.1)
    assert await states(shop) == []


async def test_an_end_that_failed_unheard(one: Database) -> None:
    """Its error stops the next begin: nothing of that transaction is executed, and the connection is closed."""
    driver, tenant = await driver_of(one), uuid4()
    driver.flight.add(same_flight.messages(["SELECT nonsense"]), begun=False)
    async with one.session(tenant) as session:
        with pytest.raises(DBAPIError, match="nonsense"):
            await session.execute(insert(Tag).values(name="x", organization_id=tenant))
    assert driver.is_closed()
    async with one.begin(tenant) as session:
        assert (await session.scalars(select(Tag))).all() == []


def test_the_end_of_the_loop(shop: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    """A loop that ends while a connection asks cancels that, and nobody hears of it."""
    monkeypatch.setattr(connection, "_ASK_AFTER", 0)
    drivers = []

    async def main(pause: int) -> None:
        database = of_one(shop)
        async with database.session(uuid4()) as session:
            await session.execute(TENANT)
            drivers.append((await (await session.connection()).get_raw_connection()).driver_connection)
        await steps(pause)

    for pause in range(4):
        with asyncio.Runner() as runner:
            runner.run(main(pause))
            drivers[-1].terminate()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def read(db: Database, tenant: UUID) -> None:
    """Every way to read and leave."""
    async with db.begin(tenant, read_only=True) as session:
        assert {project.name for project in await session.scalars(select(Project))} == {str(tenant)}
    async with db.session(tenant) as session:
        assert await session.scalar(TENANT) == str(tenant)
        await session.rollback()
        assert await session.scalar(TENANT) == str(tenant)
    async with db.session(tenant) as session:
        async for project in await session.stream_scalars(select(Project)):
            assert project.name == str(tenant)
    async with db.session(tenant) as session:
        with pytest.raises(DBAPIError):
            await session.execute(*NOT_A_NUMBER)


@pytest.mark.parametrize("ask_after", [0, 0.001])
async def test_cancellation_of_readers(shop: Any, monkeypatch: pytest.MonkeyPatch, ask_after: float) -> None:
    """At any await, with connections asking at any time: no wrong tenant, nothing open, no connection lost."""
    monkeypatch.setattr(connection, "_ASK_AFTER", ask_after)
    tenants = (uuid4(), uuid4())
    chance = random.Random(11)
    cancelled = finished = 0
    async with Database(shop.settings.model_copy(update={"pool_size": 2})) as database:
        for tenant in tenants:
            async with database.begin(tenant) as session:
                session.add(Project(name=str(tenant)))
            await read(database, tenant)
        for number in range(200):
            running = [asyncio.create_task(read(database, tenant)) for tenant in tenants]
            if number < 100:
                await steps(number % 80)
            else:
                await asyncio.sleep(chance.random() * 0.02)
            running[number % 2].cancel()
            for outcome in await asyncio.gather(*running, return_exceptions=True):
                cancelled += isinstance(outcome, asyncio.CancelledError)
                finished += outcome is None
                assert outcome is None or isinstance(outcome, asyncio.CancelledError), repr(outcome)
            async with database.engine.connect() as plain:
                assert await current(plain) == ("", "")
        assert database.engine.pool.checkedout() == 0
        await asyncio.sleep(0.05)
        assert await idle_in_transaction(shop) == 0
        assert len(await states(shop)) <= 2
    assert cancelled > 60
    assert finished > 150


# When it is not used


async def test_the_setting(shop: Any, caplog: Any) -> None:
    """Where it is not wanted, the begin is folded, and nothing is said about it."""
    async with of_one(shop, same_flight=False) as database:
        assert not (await driver_of(database))._same_flight
    assert caplog.text == ""


async def test_an_unknown_asyncpg(shop: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    """What is private may have changed: the begin is folded, and the log says why."""
    monkeypatch.setattr(asyncpg, "__version__", "9.9.0")
    async with of_one(shop) as database:
        tenant = uuid4()
        assert not (await driver_of(database))._same_flight
        async with database.begin(tenant) as session:
            assert await current(session) == (str(tenant), "")
    assert "Every BEGIN is waited for" in caplog.text
    assert "not tested with asyncpg 9.9.0" in caplog.text


@pytest.mark.parametrize("behaviour", ["closes", "swallows", "commits"])
async def test_something_between_that_does_otherwise(shop: Any, behaviour: str, caplog: Any) -> None:
    """The trial on the first connection finds it out, and the begin is folded from then on."""

    def alter(data: bytes) -> bytes | None:
        begins = b"\0BEGIN\0" in data
        match behaviour:
            case "closes":
                return None if begins else data
            case "swallows":
                return b"" if begins else data
            case _:
                # Each statement in a transaction of its own.
                return data.replace(b"\0BEGIN\0", b"\0     \0")

    async with (
        altered(shop.url("application"), alter) as url,
        of_one(shop, database_url=url, connect_timeout_seconds=0.5) as database,
    ):
        tenant = uuid4()
        assert not (await driver_of(database))._same_flight
        for _ in range(3):
            async with database.begin(tenant) as session:
                assert await current(session) == (str(tenant), "")
                session.add(Tag(name="a"))
    assert caplog.text.count("Every BEGIN is waited for") == 1
