"""Which statements are simple, and who gets a plan of their own: counted by PostgreSQL, on one connection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.orm.exc import StaleDataError

from tenancy import Database, TenantViolation
from tenancy.session.simple import is_simple

from ..schema.models import AgentStep, Country, CreditEntry, Draft, Organization, Project, Report, Tag, Task, task_tag
from .test_same_flight import of_one

ID, TENANT = uuid4(), uuid4()
Work = Callable[[AsyncSession], Awaitable[object]]


async def _flushed(session: AsyncSession, *objects: object) -> None:
    session.add_all(objects)
    await session.flush()


async def _savepoint(session: AsyncSession) -> None:
    async with session.begin_nested():
        await session.get(Project, ID)


async def _parent(session: AsyncSession) -> None:
    task = Task(title="t", project=Project(name="p"))
    await _flushed(session, task)
    session.expunge_all()
    await session.refresh(await session.get_one(Task, task.id), ["project"])


SIMPLE = {
    "get": lambda s: s.get(Project, ID),
    "select by key": lambda s: s.execute(select(Project).where(Project.id == ID)),
    "columns by key": lambda s: s.execute(select(Project.name.label("n")).where(Project.id == ID).limit(1)),
    "locked by key": lambda s: s.get(Project, ID, with_for_update=True),
    "soft-deleted by key": lambda s: s.get(Draft, ID),
    "the tenant itself": lambda s: s.get(Organization, TENANT),
    "a shared table": lambda s: s.get(Country, ID),
    "Core by key": lambda s: s.execute(select(Tag.__table__).where(Tag.__table__.c.id == ID)),
    "a composite key": lambda s: s.execute(select(task_tag).where(task_tag.c.task_id == ID, task_tag.c.tag_id == ID)),
    "update by key": lambda s: s.execute(update(Project).where(Project.id == ID).values(name="x")),
    "update with now()": lambda s: s.execute(update(Project).where(Project.id == ID).values(created_at=func.now())),
    "update of many": lambda s: s.execute(update(Project), [{"id": ID, "name": "x"}]),
    "delete by key": lambda s: s.execute(Tag.__table__.delete().where(Tag.__table__.c.id == ID)),
    "flushed insert": lambda s: _flushed(s, Tag(name="x")),
    "two flushed inserts": lambda s: _flushed(s, Project(name="x"), Project(name="y")),
    "insert of many": lambda s: s.execute(insert(Tag), [{"name": "x"}, {"name": "y"}]),
    "upsert": lambda s: s.execute(
        upsert(Tag).values(id=ID, name="x").on_conflict_do_update(index_elements=["id"], set_={"name": "y"})
    ),
    "a parent of an object": _parent,
    "a savepoint": _savepoint,
}
OTHERS = {
    "all rows": lambda s: s.execute(select(Project)),
    "by another column": lambda s: s.execute(select(Project).where(Project.name == "x")),
    "by key and another column": lambda s: s.execute(select(Project).where(Project.id == ID, Project.name == "x")),
    "one key or another": lambda s: s.execute(select(Project).where(or_(Project.id == ID, Project.id == TENANT))),
    "half a key": lambda s: s.execute(select(task_tag).where(task_tag.c.task_id == ID)),
    "several keys": lambda s: s.execute(select(Project).where(Project.id.in_([ID]))),
    "a key of another row": lambda s: s.execute(select(Task).where(Task.id == Task.parent_id)),
    "a join": lambda s: s.execute(select(Task).join(Task.project).where(Task.id == ID)),
    "an alias": lambda s: s.execute(select(mine := aliased(Project)).where(mine.id == ID)),
    "an aggregate": lambda s: s.execute(select(func.count(Project.id)).where(Project.id == ID)),
    "a subquery": lambda s: s.execute(select(Task).where(Task.id == select(Task.id).limit(1).scalar_subquery())),
    "a scope of two alternatives": lambda s: s.get(CreditEntry, ID),
    "a parent's scope": lambda s: s.get(AgentStep, ID),
    "an insert below a parent": lambda s: s.execute(insert(AgentStep).values(agent_run_id=ID, title="x")),
    "two tables for one object": lambda s: s.get(Report, ID),
    "insert of a selection": lambda s: s.execute(insert(Tag).from_select(["id", "name"], select(Tag.id, Tag.name))),
    "insert of a query's value": lambda s: s.execute(
        insert(Tag).values(name=func.coalesce(select(func.max(Project.name)).scalar_subquery(), "x"))
    ),
    "update from another table": lambda s: s.execute(
        update(Task).where(Task.id == ID, Task.project_id == Project.id).values(title=Project.name)
    ),
    "text in the middle": lambda s: s.execute(select(Project).where(text("id = :id")), {"id": ID}),
    "text": lambda s: s.execute(text("SELECT name FROM project WHERE id = :id"), {"id": ID}),
}


@pytest.fixture
async def one(shop: Any) -> AsyncIterator[Database]:
    """A database of one connection that may read what PostgreSQL says of its prepared statements."""
    with shop.connect() as admin:
        admin.execute(text("GRANT SELECT ON pg_catalog.pg_prepared_statements TO tenancy_app"))
        admin.execute(text("GRANT EXECUTE ON FUNCTION pg_catalog.pg_prepared_statement() TO tenancy_app"))
        admin.commit()
    async with of_one(shop) as database:
        yield database


async def driver_in(session: AsyncSession) -> Any:
    return (await (await session.connection()).get_raw_connection()).driver_connection


async def plans(db: Database, words: str) -> tuple[int, int]:
    """How often the connection's statements that contain some words had a kept plan, and one of their own."""
    async with db.begin(TENANT) as session:
        row = await (await driver_in(session)).fetchrow(
            "SELECT sum(generic_plans)::int, sum(custom_plans)::int FROM pg_prepared_statements "
            "WHERE strpos(statement, $1) > 0 AND strpos(statement, 'pg_prepared_statements') = 0",
            words,
        )
    return tuple(row)


async def by_key(session: AsyncSession) -> None:
    await session.execute(select(Tag.id).where(Tag.id == ID))


async def by_name(session: AsyncSession) -> None:
    """Not simple, and after five plans PostgreSQL would rather keep one."""
    await session.execute(select(Tag.name).where(Tag.name == "x"))


@pytest.mark.parametrize("name", [*SIMPLE, *OTHERS])
async def test_what_is_simple(shop_db: Database, name: str) -> None:
    """One row by its key and rows to insert are; whatever could be planned in two ways is not."""
    found = []

    def note(*happened: Any) -> None:
        compiled = happened[4].compiled
        if compiled is not None:
            found.append(is_simple(compiled))

    async with shop_db.session(TENANT, user=uuid4()) as session:
        event.listen(shop_db.engine.sync_engine, "before_cursor_execute", note)
        try:
            await {**SIMPLE, **OTHERS}[name](session)
        except (StaleDataError, TenantViolation):
            pass  # There is no such row; it was sent all the same.
        finally:
            event.remove(shop_db.engine.sync_engine, "before_cursor_execute", note)
    assert found
    assert set(found) == {name in SIMPLE}


@pytest.mark.parametrize(
    "work, words",
    [
        (by_key, "FROM tag"),
        (lambda s: s.execute(update(Tag).where(Tag.id == ID).values(name="x")), "UPDATE tag"),
        (lambda s: _flushed(s, Tag(name="x")), "INSERT INTO tag"),
        (lambda s: _flushed(s, Project(name="x"), Project(name="y")), "INSERT INTO project"),
        (lambda s: s.execute(insert(Tag), [{"name": "x"}]), "INSERT INTO tag"),
    ],
    ids=["select", "update", "insert", "insert of many with RETURNING", "executemany"],
)
async def test_a_simple_statement_is_planned_five_times(one: Database, work: Work, words: str) -> None:
    """Then PostgreSQL keeps a plan, for whichever tenant: the connection's, not the transaction's."""
    for _ in range(12):
        async with one.begin(uuid4()) as session:
            await work(session)
    generic, custom = await plans(one, words)
    assert custom == 5
    assert generic == 7


@pytest.mark.parametrize("first", [by_key, by_name, lambda s: s.execute(text("SELECT 1"))])
async def test_all_others_are_planned_each_time(one: Database, first: Work) -> None:
    """Whatever the transaction began with, and also where a simple statement stands between."""
    for _ in range(12):
        async with one.begin(TENANT) as session:
            await first(session)
            await by_name(session)
            await by_key(session)
            await by_name(session)
    assert (await plans(one, "SELECT tag.name"))[0] == 0


async def test_behind_a_statement_that_is_not_simple_all_are_planned(one: Database) -> None:
    """Nothing goes back within a transaction: its first statement decides, and then the first other one."""
    for _ in range(12):
        async with one.begin(TENANT) as session:
            await by_name(session)
            await by_key(session)
    assert await plans(one, "SELECT tag.id") == (0, 12)


@pytest.mark.parametrize("undo", ["SQLAlchemy", "text", "driver"])
async def test_what_was_said_behind_a_savepoint_is_said_again(one: Database, undo: str) -> None:
    """ROLLBACK TO takes the mode back, whoever sends it; the next statement that needs it brings it along."""
    for _ in range(12):
        async with one.begin(TENANT) as session:
            await by_key(session)
            if undo == "SQLAlchemy":
                savepoint = await session.begin_nested()
                await by_name(session)
                await savepoint.rollback()
            elif undo == "text":
                await session.execute(text("SAVEPOINT s"))
                await by_name(session)
                await session.execute(text("/* undone */ rollback to s"))
            else:
                savepoint = (await driver_in(session)).transaction()
                await savepoint.start()
                await by_name(session)
                await savepoint.rollback()
            await by_name(session)
    assert await plans(one, "SELECT tag.name") == (0, 24)


async def test_nothing_goes_ahead_of_a_rollback_to_a_savepoint(one: Database) -> None:
    """Where a transaction has failed, PostgreSQL would refuse it, and the ROLLBACK TO behind it."""
    twice = insert(Tag).values([{"id": ID, "name": "x"}, {"id": ID, "name": "x"}])
    async with one.begin(TENANT) as session:
        with pytest.raises(IntegrityError):
            async with session.begin_nested():
                await session.execute(twice)
        await session.begin_nested()
        await by_key(session)
        for _ in range(2):
            with pytest.raises(IntegrityError):
                await session.execute(twice)
            await session.execute(text("-- one\n /* two */ ROLLBACK TO sa_savepoint_2"))
        await by_name(session)
        assert await session.scalar(select(func.count(Tag.id)).where(Tag.id == ID)) == 0


async def test_the_driver_s_own_calls_are_planned_each_time(one: Database) -> None:
    """Nobody says what they are, so they are not simple; nor is a statement that was prepared before."""
    query = "SELECT name FROM tag WHERE name = $1 OR name = 'by the driver'"
    calls: list[Callable[[Any, Any], Any]] = [
        lambda driver, _: driver.fetch(query, "x"),
        lambda driver, _: driver.fetchrow(query, "x"),
        lambda driver, _: driver.fetchval(query, "x"),
        lambda driver, _: driver.execute(query, "x"),
        lambda driver, _: driver.executemany(query, [("x",)]),
        lambda driver, _: driver.fetchmany(query, [("x",)]),
        lambda driver, _: driver.cursor(query, "x"),
        lambda _, prepared: prepared.fetch("x"),
        lambda _, prepared: prepared.fetchrow("x"),
        lambda _, prepared: prepared.fetchval("x"),
        lambda _, prepared: prepared.fetchmany([("x",)]),
        lambda _, prepared: prepared.executemany([("x",)]),
        lambda _, prepared: prepared.cursor("x"),
    ]
    prepared = None
    for call in calls * 8:
        async with one.begin(TENANT) as session:
            await by_key(session)
            driver = await driver_in(session)
            prepared = prepared or await driver.prepare(query)
            await by_key(session)
            await call(driver, prepared)
    assert await plans(one, "by the driver") == (0, len(calls) * 8)
    assert (await plans(one, "SELECT tag.id"))[0] > 0


async def test_a_script_of_the_driver_s(one: Database) -> None:
    """A simple query says it in its own text, and its answer is that of its last statement."""
    for _ in range(12):
        async with one.begin(TENANT) as session:
            await by_key(session)
            driver = await driver_in(session)
            assert await driver.execute("SAVEPOINT s; SELECT 1; ROLLBACK TO s; SELECT 2") == "SELECT 1"
            await by_name(session)
            assert await driver.fetchval("SHOW plan_cache_mode") == "force_custom_plan"
        async with one.begin(TENANT) as session:
            await by_key(session)
            assert await driver.execute("SET LOCAL app.seen TO DEFAULT; SHOW plan_cache_mode") == "SHOW"
    assert (await plans(one, "SELECT tag.name"))[0] == 0


async def test_whoever_sets_the_mode_keeps_it(one: Database) -> None:
    """For one transaction, as they would with SET LOCAL anywhere."""
    async with one.begin(TENANT) as session:
        await by_key(session)
        await session.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
        await by_name(session)
        assert await session.scalar(text("SHOW plan_cache_mode")) == "force_generic_plan"
    async with one.begin(TENANT) as session:
        await by_key(session)
        assert await session.scalar(text("SHOW plan_cache_mode")) == "force_custom_plan"


async def test_a_statement_that_cannot_be_encoded(one: Database) -> None:
    """What was sent ahead of it is answered, and the transaction goes on."""
    async with one.begin(TENANT) as session:
        await by_key(session)
        with pytest.raises(DBAPIError, match="invalid input for query argument"):
            await session.execute(text("SELECT CAST(:number AS integer)"), {"number": "one"})
        await by_name(session)
        assert await session.scalar(text("SHOW plan_cache_mode")) == "force_custom_plan"


async def test_many_rows_behind_a_simple_statement(one: Database) -> None:
    """What goes ahead of an executemany is no row of it."""
    rename = text("UPDATE tag SET name = :new WHERE name = :old")
    async with one.session(TENANT) as session:
        session.add_all([Tag(name="a"), Tag(name="b")])
        await session.flush()
        await session.execute(rename, [{"old": "a", "new": "c"}, {"old": "b", "new": "d"}])
        assert sorted(await session.scalars(select(Tag.name))) == ["c", "d"]


async def test_a_stream(one: Database) -> None:
    """A cursor is planned when it is opened."""
    for _ in range(12):
        async with one.begin(TENANT) as session:
            await by_key(session)
            statement = select(Tag.name).where(Tag.name == "x", Tag.name != "streamed")
            assert [row async for row in await session.stream(statement)] == []
    assert (await plans(one, "tag.name != "))[0] == 0


async def test_a_folded_begin_plans_all_each_time(shop: Any, one: Database) -> None:
    """There is no flight in which more could be said without a round trip."""
    async with of_one(shop, same_flight=False) as folded:
        for _ in range(12):
            async with folded.begin(TENANT) as session:
                await by_key(session)
                assert await (await driver_in(session)).fetchval("SHOW plan_cache_mode") == "force_custom_plan"
        assert await plans(folded, "SELECT tag.id") == (0, 12)


async def test_outside_of_its_transactions_a_connection_plans_each_time(one: Database) -> None:
    """A transaction of nobody's, begun past SQLAlchemy, and the connection that is in the pool again."""
    async with one.begin(TENANT) as session:
        await by_key(session)
        driver = await driver_in(session)
    assert await driver.fetchval("SHOW plan_cache_mode") == "force_custom_plan"
    async with driver.transaction():
        assert await driver.fetchval("SHOW plan_cache_mode") == "force_custom_plan"
