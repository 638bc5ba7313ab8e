"""The proof beyond Trovella: other id types, scopes with alternatives, rows that belong where their parents do."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

import tenancy
from tenancy import Access, Database, is_null, parent, scoped, tenant, user
from tenancy.errors import ConfigurationError, ProofError
from tenancy.prove import laboratory, matrix, pairs, prove
from tenancy.prove.report.terminal import LEAKED
from tenancy.schema.scope import Everyone, Nobody

from ..conftest import MakeDatabase, TestDatabase

TYPES = {"uuid": Uuid, "bigint": BigInteger, "integer": Integer, "text": Text}


def every_scope(type_: Any) -> MetaData:
    """One table of each kind."""
    data = tenancy.metadata(tenant_type=type_, schema="shop")
    Table("company", data, Column("id", type_, primary_key=True), info=scoped(tenant("id")))
    Table("person", data, Column("id", type_, primary_key=True), Column("name", Text), info=scoped(user("id")))
    Table("token", data, Column("id", Uuid, primary_key=True), info=scoped(Nobody()))
    Table("country", data, Column("id", Integer, primary_key=True), info=scoped(Everyone(), Access.READ_ONLY))
    Table(
        "order",
        data,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("organization_id", type_, ForeignKey("shop.company.id"), nullable=False),
        Column("Country", ForeignKey("shop.country.id"), nullable=False),
        info=scoped(tenant()),
    )
    Table(
        "line",
        data,
        Column("order_id", ForeignKey("shop.order.id"), primary_key=True),
        Column("position", Integer, primary_key=True, autoincrement=False),
        info=scoped(parent("order_id")),
    )
    Table(
        "discount",
        data,
        Column("order_id", BigInteger, primary_key=True, autoincrement=False),
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column("given", Boolean, nullable=False),
        ForeignKeyConstraint(["order_id", "position"], ["shop.line.order_id", "shop.line.position"]),
        info=scoped(parent("order_id")),
    )
    Table(
        "credit",
        data,
        Column("id", Integer, primary_key=True),
        Column("organization_id", type_),
        Column("user_id", type_, ForeignKey("shop.person.id"), nullable=False),
        info=scoped(tenant() | (is_null("organization_id") & user())),
    )
    Table(
        "comment",
        data,
        Column("id", Uuid, primary_key=True),
        Column("organization_id", type_, nullable=False),
        Column("author_id", type_, ForeignKey("shop.person.id")),
        info=scoped(tenant()),
    )
    Table(
        "event",
        data,
        Column("id", Uuid, primary_key=True),
        Column("organization_id", type_, nullable=False),
        Column("user_id", type_, nullable=False),
        info=scoped(tenant() & user(), Access.APPEND_ONLY),
    )
    return data


def pushed(make_database: MakeDatabase, data: MetaData) -> TestDatabase:
    database = make_database("scopes", extensions=())
    database.create_all([data])
    return database


@pytest.mark.parametrize("type_", TYPES.values(), ids=TYPES)
async def test_every_scope_holds_with_every_type_of_id(make_database: MakeDatabase, type_: Any) -> None:
    """The same attacks, and no row left behind."""
    data = every_scope(type_)
    database = pushed(make_database, data)
    async with Database(database.settings) as db:
        for commit in (False, True):
            report = await prove(db, data, commit=commit)
            assert report.held, str(report)
            assert set(report.tables) == set(data.tables)
    with database.connect() as connection:
        for table in data.sorted_tables:
            assert connection.scalar(text(f'SELECT count(*) FROM shop."{table.name}"')) == 0


@pytest.mark.parametrize("type_", TYPES.values(), ids=TYPES)
async def test_no_mutation_survives_and_every_policy_is_asked(make_database: MakeDatabase, type_: Any) -> None:
    """Whatever the type of ids and the kind of scope; sequences, which the reference schemas do without, are here."""
    shop = every_scope(type_)
    database = pushed(make_database, shop)
    async with Database(database.settings) as db, laboratory(db, shop, admin_url=database.url("postgres")) as lab:
        outcomes = [await lab.try_mutant(mutant) for mutant in lab.mutants()]
        uses = await lab.count_policies()
    assert [str(outcome) for outcome in outcomes if not outcome.killed] == []
    made = {outcome.mutation.partition("(")[0] for outcome in outcomes}
    assert made >= {"cascade_across_tenants", "sequence_privilege", "no_force"}
    assert [use for use in uses if not use.times] == []


@pytest.fixture(scope="module")
def shop() -> MetaData:
    return every_scope(Uuid)


@pytest.fixture(scope="module")
def database(make_database: MakeDatabase, shop: MetaData) -> TestDatabase:
    return pushed(make_database, shop)


async def test_existing_rows_are_neither_needed_nor_touched(shop: MetaData, database: TestDatabase) -> None:
    """The proof runs where other tenants live, on staging too."""
    count = text("SELECT count(*), min(id::text) FROM shop.company")
    with database.connect() as connection:
        connection.execute(text("INSERT INTO shop.company SELECT gen_random_uuid() FROM generate_series(1, 5)"))
        connection.commit()
        async with Database(database.settings) as db:
            assert (await prove(db, shop)).held
        before = connection.execute(count).one()
        connection.rollback()
        assert connection.execute(count).one() == before
        connection.execute(text("DELETE FROM shop.company"))
        connection.commit()


async def test_nothing_stays_when_the_proof_is_cancelled(
    shop: MetaData, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupting a test run must not leave tenants in the database."""
    started = asyncio.Event()
    original = AsyncConnection.begin_nested

    def begin_nested(self: AsyncConnection) -> Any:
        started.set()
        return original(self)

    monkeypatch.setattr(AsyncConnection, "begin_nested", begin_nested)
    async with Database(database.settings) as db:
        running = asyncio.create_task(prove(db, shop))
        await started.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    with database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM shop.company")) == 0
        assert connection.scalar(text("SELECT count(*) FROM shop.credit")) == 0


async def test_seeding_by_the_system_role_is_recorded(shop: MetaData, database: TestDatabase) -> None:
    """As `db.system()` is: who got round row-level security, and why."""
    query = text("SELECT count(*) FROM tenancy.system_access WHERE actor = 'tenancy prove'")
    with database.connect() as connection:
        before = connection.scalar(query)
        connection.rollback()
        async with Database(database.settings) as db:
            await prove(db, shop, commit=True, tables=["shop.company"], attacks=["select"])
        assert connection.scalar(query) > before


async def test_a_row_that_a_check_refuses_names_the_column(make_database: MakeDatabase) -> None:
    """And says how to give a value that it takes."""
    data = tenancy.metadata(tenant_type=Uuid)
    Table(
        "thing",
        data,
        Column("id", Uuid, primary_key=True),
        Column("organization_id", Uuid, nullable=False),
        Column("code", Text, nullable=False),
        CheckConstraint("code ~ '^[A-Z]{3}$'", name="shape"),
        info=scoped(tenant()),
    )
    database = pushed(make_database, data)
    async with Database(database.settings) as db:
        with pytest.raises(ProofError, match=r'thing\.code.*values=\{"thing\.code"'):
            await prove(db, data)
        assert (await prove(db, data, values={"thing.code": lambda random: "ABC"})).held


async def test_a_report_is_for_people_and_for_machines(shop: MetaData, database: TestDatabase) -> None:
    """A matrix to look at, a dictionary to keep."""
    with database.connect() as connection:
        connection.execute(text("GRANT TRUNCATE ON shop.company TO tenancy_app"))
        connection.commit()
    async with Database(database.settings) as db:
        report = await prove(db, shop, tables=["shop.company", "shop.token"])
    with database.connect() as connection:
        connection.execute(text("REVOKE TRUNCATE ON shop.company FROM tenancy_app"))
        connection.commit()
    assert [leak.attack for leak in report.leaks] == ["privileges", "truncate"]
    found = report.to_dict()
    assert (found["held"], found["leaked"], found["pairs"]) == (False, 2, len(report.outcomes))
    _, leak = [outcome for outcome in found["outcomes"] if not outcome["held"]]
    assert leak["evidence"][-1]["sql"] == "TRUNCATE shop.company"
    assert leak["evidence"][-1]["expected"] == "refused with 42501"
    columns = list(matrix(report).columns)
    cells = list(columns[report.attacks.index("truncate") + 1].cells)
    assert str(cells[1 + report.tables.index("shop.company")]) == LEAKED


def test_unknown_tables_and_attacks_are_refused(shop: MetaData) -> None:
    """A proof of nothing must not pass."""
    with pytest.raises(ConfigurationError, match=r"no table shop\.compny"):
        pairs(shop, tables=["shop.compny"])
    with pytest.raises(ConfigurationError, match="no attack selct"):
        pairs(shop, attacks=["selct"])
