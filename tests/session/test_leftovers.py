"""What a unit of work may leave on its connection is forgotten; where it can leave nothing, nothing is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, joinedload, selectinload

from tenancy import Database
from tenancy.session.leftovers import leaves_nothing

from ..schema.models import Project, Tag, Task
from .capture import captured
from .test_begin import driver_of
from .test_same_flight import of_one

other = aliased(Task)
READS = {
    "by key": select(Project).where(Project.id == uuid4()),
    "newest": select(Task).where(Task.title.like("a%")).order_by(Task.id.desc()).limit(20),
    "count": select(func.count()).select_from(Project),
    "join": select(Task.title, Project.name).join(Task.project).where(Task.id.in_([uuid4(), uuid4()])),
    "exists": select(Project).where(Project.tasks.any(Task.title == "t")),
    "grouped": select(Project.name, func.max(Task.title)).join(Project.tasks).group_by(Project.name),
    "eager": select(Task).options(joinedload(Task.project), selectinload(Task.tags)),
    "for update": select(Project).with_for_update(),
    "distinct": select(Project).ext(distinct_on(Project.name)),
    "window": select(Task.id, func.row_number().over(order_by=Task.title)),
    "text": text("SELECT name FROM project WHERE (name = 'x' OR name IN ('y', 'z'))"),
}
#: What gets by, or tries to: each calls set_config.
WRITES = [
    "SELECT set_config('app.user_id', '{}', false)",
    "SELECT set_config ('app.user_id', '{}', false)",
    "SELECT pg_catalog.set_config('app.user_id', '{}', false)",
    "SELECT pg_catalog . set_config('app.user_id', '{}', false)",
    """SELECT "set_config"('app.user_id', '{}', false)""",
    """SELECT U&"set\\005fconfig"('app.user_id', '{}', false)""",
    "SELECT set_config/**/('app.user_id', '{}', false)",
    "SELECT set_config--\n('app.user_id', '{}', false)",
    "SELECT Set_Config\n\t('app.user_id', '{}', false)",
    "SELECT count(set_config('app.user_id', '{}', false))",
    "SELECT 1 WHERE (SELECT set_config('app.user_id', '{}', false)) <> ''",
    "SET app.user_id = '{}'",
    "WITH one AS (SELECT set_config('app.user_id', '{}', false) AS it) SELECT it FROM one",
]


@pytest.fixture
async def one(shop: Any) -> AsyncIterator[Database]:
    """A pool of one connection, so that whatever stays on it meets the next."""
    async with of_one(shop) as database:
        yield database


@pytest.mark.parametrize("name", READS)
async def test_what_only_reads_leaves_nothing(shop_db: Database, name: str) -> None:
    """ORM statements of every kind are known for what they are, as SQLAlchemy writes them."""
    async with shop_db.begin(uuid4()) as session:
        with captured(shop_db.engine) as sent:
            (await session.execute(READS[name])).unique().all()
    assert sent.statements
    assert all(leaves_nothing(statement.sql) for statement in sent.statements)


@pytest.mark.parametrize("sql", WRITES)
async def test_however_it_is_spelled_it_is_forgotten(one: Database, sql: str) -> None:
    """A function that changes the session is seen before any parenthesis that PostgreSQL would take for a call."""
    victim = str(uuid4())
    async with one.begin(uuid4()) as session:
        await (await session.connection()).exec_driver_sql(sql.format(victim))
    driver: Any = await driver_of(one)
    assert await driver.fetchval("SELECT current_setting('app.user_id', true)") in ("", None)


def test_what_is_read_only_at_first_sight() -> None:
    """Of what cannot be read with certainty, the worst is assumed."""
    for sql in (
        "SELECT nextval('numbers')",
        "SELECT 1; SET app.user_id = 'x'",
        "SELECT f€('x')",
        "SELECT pg_advisory_lock(1)",
        "SELECT shop.count(name) FROM project",
        "SELECT a OPERATOR(pg_catalog.=) b FROM project",
        "INSERT INTO project DEFAULT VALUES",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
        "LISTEN told",
        "select 1",
    ):
        assert not leaves_nothing(sql), sql


@given(st.text(st.characters(exclude_characters="\0"), max_size=12), st.sampled_from(["", " ", "\n", "/**/", "--\n"]))
def test_no_call_of_an_unknown_function_gets_by(noise: str, gap: str) -> None:
    """Whatever stands around a call."""
    assert not leaves_nothing(f"SELECT {noise} set_config{gap}('a', 'b', false)")
    assert not leaves_nothing(f"SELECT {noise}set_config{gap}('a', 'b', false) {noise}")


async def test_a_unit_that_only_reads_has_nothing_to_forget(one: Database) -> None:
    """Read-write, read-only, rolled back, and several transactions of one session."""
    driver = await driver_of(one)
    async with one.begin(uuid4()) as session:
        await session.execute(READS["newest"])
        await session.execute(READS["count"])
    assert driver.is_tidy
    async with one.begin(uuid4(), read_only=True) as session:
        await session.execute(READS["newest"])
    assert driver.is_tidy
    async with one.session(uuid4()) as session:
        await session.execute(READS["newest"])
        await session.commit()
        await session.execute(READS["newest"])
    assert driver.is_tidy


async def _insert(session: AsyncSession) -> None:
    await session.execute(insert(Tag).values(name="x"))


async def _savepoint(session: AsyncSession) -> None:
    async with session.begin_nested():
        await session.execute(READS["newest"])


async def _stream(session: AsyncSession) -> None:
    async for _ in await session.stream(READS["newest"]):
        pass


async def _driver(session: AsyncSession) -> None:
    await session.execute(READS["newest"])
    raw: Any = await (await session.connection()).get_raw_connection()
    await raw.driver_connection.execute("SET app.user_id = 'x'")
    await session.execute(READS["newest"])


@pytest.mark.parametrize("work", [_insert, _savepoint, _stream, _driver])
async def test_whatever_else_is_sent_has_to_be_forgotten(one: Database, work: Any) -> None:
    """What goes round SQLAlchemy is seen as well: by the count of what was sent."""
    driver = await driver_of(one)
    async with one.session(uuid4()) as session:
        await session.execute(READS["newest"])
        await work(session)
        await session.execute(READS["newest"])
        await session.commit()
    assert not driver.is_tidy
    async with one.begin(uuid4()) as session:
        assert await session.scalar(text("SELECT current_setting('app.user_id', true)")) == ""


async def test_what_failed_has_to_be_forgotten(one: Database) -> None:
    """Nobody knows how far it got."""
    driver = await driver_of(one)
    async with one.session(uuid4()) as session:
        with pytest.raises(DBAPIError):
            await session.execute(text("SELECT 1 / CAST(:zero AS integer)"), {"zero": 0})
    assert not driver.is_tidy
