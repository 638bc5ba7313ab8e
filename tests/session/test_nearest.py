"""The nearest vectors of one tenant among all: as many as are wanted, in order, by the way that pays."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import aliased, joinedload, selectinload

from benchmarks.proxy import counting_flights
from tenancy import ConfigurationError, Database, InvalidTenant, SyncDatabase
from tenancy.session.vectors import statistics
from tenancy.session.vectors.statistics import Statistics

from ..conftest import MakeDatabase, TestDatabase
from ..schema.pushed import pushed
from .capture import Captured, captured
from .gallery import DIMENSIONS, HUGE, ROWS, SMALL, Artist, Base, Detail, Picture

TENANTS = list(ROWS)


@pytest.fixture(scope="module")
def gallery(make_database: MakeDatabase, gallery_template: TestDatabase) -> TestDatabase:
    return make_database("gallery", template=gallery_template)


@pytest.fixture(scope="module")
async def db(gallery: TestDatabase) -> AsyncIterator[Database]:
    async with Database(gallery.settings) as database:
        yield database


def vectors(count: int) -> list[list[float]]:
    """Vectors that are asked for."""
    draw = Random(0)
    return [[draw.uniform(-0.5, 0.5) for _ in range(DIMENSIONS)] for _ in range(count)]


VECTOR = vectors(1)[0]
DISTANCE = Picture.look.cosine_distance(VECTOR)


def asked_for(gallery: TestDatabase, count: int) -> list[list[float]]:
    """Vectors near those of some pictures, of whatever tenant."""
    draw = Random(0)
    with gallery.connect() as admin:
        found = admin.scalars(text(f"SELECT look::text FROM gallery.picture ORDER BY md5(id::text) LIMIT {count}"))
        return [[value + draw.uniform(-0.1, 0.1) for value in json.loads(one)] for one in found]


def true_nearest(
    gallery: TestDatabase, tenant: UUID, vector: list[float], limit: int, where: str = "true"
) -> list[int]:
    """The ids of the nearest, by comparing all, as a superuser."""
    sql = f"""
    SELECT id FROM gallery.picture WHERE organization_id = :tenant AND look IS NOT NULL AND {where}
    ORDER BY (look <=> CAST(:vector AS halfvec)) + 0 LIMIT :limit
    """
    with gallery.connect() as admin:
        found = admin.execute(text(sql), {"tenant": tenant, "vector": str(vector), "limit": limit})
        return list(found.scalars())


async def plans_of(session: Any, sent: Captured) -> list[list[dict[str, Any]]]:
    """The nodes of PostgreSQL's plan for each search that was sent."""
    connection = await (await session.connection()).get_raw_connection()
    plans = []
    for one in sent.on("gallery.picture"):
        if not one.sql.startswith("EXPLAIN"):
            answer = await connection.driver_connection.fetchval(f"EXPLAIN (FORMAT JSON) {one.sql}", *one.parameters)
            found = json.loads(answer) if isinstance(answer, str) else answer
            plans.append([*nodes(found[0]["Plan"])])
    return plans


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for inner in plan.get("Plans", ()) for node in nodes(inner))]


def indexes(plan: list[dict[str, Any]]) -> set[str]:
    return {node["Index Name"] for node in plan if "Index Name" in node}


@pytest.mark.parametrize("tenant", TENANTS, ids=["huge", "large", "small"])
@pytest.mark.parametrize("limit", [1, 10, 50])
async def test_nearly_all_of_the_nearest_are_found_and_none_is_short(
    gallery: TestDatabase, db: Database, tenant: UUID, limit: int
) -> None:
    """Of a tenant of any size: 95 % of the true nearest, in order, all of them its own, and as many as exist."""
    hits = wanted = 0
    for vector in asked_for(gallery, 40):
        distance = Picture.look.cosine_distance(vector)
        async with db.begin(tenant) as session:
            found = await session.nearest(select(Picture, distance), distance, limit=limit)
        assert len(found) == min(limit, ROWS[tenant])
        assert {picture.organization_id for picture, _ in found} == {tenant}
        assert [far for _, far in found] == sorted(far for _, far in found)
        truth = true_nearest(gallery, tenant, vector, limit)
        hits += len({picture.id for picture, _ in found} & set(truth))
        wanted += len(truth)
    assert hits >= 0.95 * wanted


@pytest.mark.parametrize("tenant", TENANTS, ids=["huge", "large", "small"])
async def test_the_index_is_used_where_much_of_it_is_the_tenant_s(db: Database, tenant: UUID) -> None:
    """Of the small tenant all rows are compared, found by the index of its column; the plan shows it."""
    async with db.begin(tenant) as session:
        with captured(session.bind) as sent:
            await session.nearest(select(Picture), DISTANCE, limit=10)
        (plan,) = await plans_of(session, sent)
    assert indexes(plan) == {"ix_picture_organization_id" if tenant == SMALL else "picture_look"}
    assert ("Sort" in {node["Node Type"] for node in plan}) is (tenant == SMALL)


async def test_a_search_costs_one_statement_and_the_first_of_a_tenant_asks_before(gallery: TestDatabase) -> None:
    """How many rows there are is asked once, and then the search is one round trip."""
    async with counting_flights(gallery.url("application")) as flights:
        settings = gallery.settings.model_copy(update={"database_url": flights.url, "pool_size": 1})
        async with Database(settings) as database:
            counts: dict[UUID, list[int]] = {}
            for tenant in (HUGE, SMALL):
                for _ in range(4):
                    async with database.session(tenant) as session:
                        await session.execute(text("SELECT 1"))
                        before = flights.count
                        with captured(database.engine) as sent:
                            await session.nearest(select(Picture), DISTANCE, limit=10)
                        counts.setdefault(tenant, []).append(flights.count - before)
                        assert len(sent.statements) in {1, 2, 3}
    for tenant in (HUGE, SMALL):
        assert counts[tenant][0] > 1
        assert counts[tenant][-2:] == [1, 1]


async def test_conditions_are_searched_exactly_where_they_leave_few_rows(gallery: TestDatabase, db: Database) -> None:
    """Of the huge tenant's pictures one artist made few; by the index they would hardly be found."""
    rare = select(Picture.id).join(Picture.artist).where(Picture.artist_id == 13)
    async with db.begin(HUGE) as session:
        with captured(session.bind) as sent:
            found = await session.nearest(rare, DISTANCE, limit=10)
        (plan,) = await plans_of(session, sent)
    assert "picture_look" not in indexes(plan)
    assert found == true_nearest(gallery, HUGE, VECTOR, 10, "artist_id = 13")


async def test_conditions_that_leave_many_rows_are_searched_by_the_index(gallery: TestDatabase, db: Database) -> None:
    """What is left is still a large part of the index."""
    async with db.begin(HUGE) as session:
        with captured(session.bind) as sent:
            found = await session.nearest(select(Picture.id).where(Picture.id > 10), DISTANCE, limit=10)
        (plan,) = await plans_of(session, sent)
    assert indexes(plan) == {"picture_look"}
    assert len(set(found) & set(true_nearest(gallery, HUGE, VECTOR, 10, "id > 10"))) >= 9


async def test_where_the_index_finds_too_few_all_are_compared(gallery: TestDatabase, db: Database) -> None:
    """A condition of which the planner expects nothing of what it does: the rows come all the same, and in order."""
    # PostgreSQL expects an inequality of unknown values to hold for nearly all rows; it holds for one in five hundred.
    unexpected = select(Picture.id).where(func.sign(func.mod(Picture.id, 500)) != 1)
    async with db.begin(HUGE) as session:
        await session.execute(text("SET LOCAL hnsw.max_scan_tuples = 100"))
        with captured(session.bind) as sent:
            found = await session.nearest(unexpected, DISTANCE, limit=15)
        by_index, exactly = await plans_of(session, sent)
    assert indexes(by_index) == {"picture_look"}
    assert "picture_look" not in indexes(exactly)
    assert found == true_nearest(gallery, HUGE, VECTOR, 15, "id % 500 = 0")


async def test_without_statistics_the_rows_are_found(make_database: MakeDatabase, empty_database: TestDatabase) -> None:
    """A table that was never analyzed, and a tenant that grew a hundredfold since it was asked about."""
    database = pushed(make_database, empty_database, Base.metadata)
    async with Database(database.settings) as db:
        for count in (0, 3, 300):
            async with db.begin(SMALL) as session:
                artist = Artist(id=count, number=1)
                session.add(artist)
                await session.flush()
                session.add_all(
                    Picture(id=1000 * count + number, artist_id=count, look=vector, colors=[0, 0, 0])
                    for number, vector in enumerate(vectors(count))
                )
            async with db.begin(SMALL) as session:
                found = await session.nearest(select(Picture), DISTANCE, limit=100)
            assert len(found) == min(count + 3 * (count == 300), 100)


async def test_rows_without_a_vector_are_left_out(db: Database) -> None:
    """They are near to nothing, whichever way is searched."""
    async with db.session(SMALL) as session:
        session.add(Picture(id=-1, artist_id=31, look=None, colors=[0, 0, 0]))
        found = await session.nearest(select(Picture), DISTANCE, limit=100)
    assert len(found) == ROWS[SMALL]
    assert -1 not in {picture.id for picture in found}


@pytest.mark.parametrize("tenant", [HUGE, SMALL], ids=["huge", "small"])
async def test_it_takes_what_a_select_takes(gallery: TestDatabase, db: Database, tenant: UUID) -> None:
    """Columns, several things, aliases, relatives loaded with the objects; nearest first in each."""
    truth = true_nearest(gallery, tenant, VECTOR, 5)
    other = aliased(Picture)
    async with db.begin(tenant) as session:
        assert await session.nearest(select(Picture.id), DISTANCE, limit=5) == truth
        labeled = DISTANCE.label("distance")
        rows = await session.nearest(select(Picture.id, labeled), labeled, limit=5)
        assert [row.id for row in rows] == truth
        assert all(0 <= row.distance <= 2 for row in rows)
        found = await session.nearest(select(other), other.look.cosine_distance(VECTOR), limit=5)
        assert [picture.id for picture in found] == truth
        for loading in (joinedload, selectinload):
            session.expunge_all()
            loaded = select(Picture).options(loading(Picture.artist), loading(Picture.details))
            found = await session.nearest(loaded, DISTANCE, limit=5)
            assert [picture.id for picture in found] == truth
            assert {picture.artist.organization_id for picture in found} == {tenant}
            assert [len(picture.details) for picture in found] == [
                2 * (tenant == SMALL or one % 10 == 0) for one in truth
            ]


async def test_rows_that_belong_by_their_parents_are_compared(gallery: TestDatabase, db: Database) -> None:
    """Nobody can estimate how many they are. Each tenant finds its own, although another's are as near."""
    for tenant in (HUGE, SMALL):
        async with db.begin(tenant) as session:
            distance = Detail.look.cosine_distance(VECTOR)
            found = await session.nearest(select(Detail.picture_id), distance, limit=10)
        where = "true" if tenant == SMALL else "id % 10 = 0"
        assert found == [one for one in true_nearest(gallery, tenant, VECTOR, 5, where) for _ in range(2)]


async def test_a_distance_without_an_index_is_computed(db: Database) -> None:
    """Another operator, a column without an index, and a function: of any tenant, in order."""
    distances = [
        Picture.look.l1_distance(VECTOR),
        Picture.colors.cosine_distance([0.1, 0.2, 0.3]),
        func.l2_distance(Picture.look, text(f"'{VECTOR}'::halfvec")),
    ]
    for distance in distances:
        async with db.begin(HUGE) as session:
            with captured(session.bind) as sent:
                far = await session.nearest(select(distance), distance, limit=10)
            (plan,) = await plans_of(session, sent)
        assert far == sorted(far)
        assert len(far) == 10
        assert "picture_look" not in indexes(plan)


async def test_settings_end_with_the_transaction(db: Database) -> None:
    """The next transaction on the connection searches as if there had been none."""
    async with db.session(HUGE) as session:
        await session.nearest(select(Picture), DISTANCE, limit=10)
        assert await session.scalar(text("SHOW hnsw.iterative_scan")) == "strict_order"
        await session.commit()
        assert await session.scalar(text("SHOW hnsw.iterative_scan")) == "off"
        assert await session.scalar(text("SHOW hnsw.ef_search")) == "40"


def test_the_twin_on_psycopg_searches_alike(gallery: TestDatabase) -> None:
    """The same rows, of the huge tenant and the small one."""
    with SyncDatabase(gallery.settings) as database:
        for tenant in (HUGE, SMALL):
            truth = true_nearest(gallery, tenant, VECTOR, 10)
            for _ in range(2):
                with database.begin(tenant) as session:
                    found = session.nearest(select(Picture.id), DISTANCE, limit=10)
                assert len(found) == 10
                assert len(set(found) & set(truth)) >= 9


async def test_what_is_no_search_is_refused(db: Database) -> None:
    """Before anything is sent, with what to write instead."""
    async with db.session(SMALL) as session:
        for statement in (
            select(Picture).order_by(Picture.id),
            select(Picture).limit(3),
            select(Picture).offset(3),
            select(Picture.id).distinct(),
            select(func.count(Picture.id)).group_by(Picture.artist_id),
        ):
            with pytest.raises(ConfigurationError, match="leave ORDER BY, LIMIT"):
                await session.nearest(statement, DISTANCE, limit=10)
        with pytest.raises(ConfigurationError, match="at least 1"):
            await session.nearest(select(Picture), DISTANCE, limit=0)
        for distance in (func.random(), Picture.look.cosine_distance(Detail.look)):
            with pytest.raises(ConfigurationError, match="one mapped class"):
                await session.nearest(select(Picture), distance, limit=10)
        assert not session.in_transaction()
    async with db.session("acme") as session:
        with pytest.raises(InvalidTenant, match=r"gallery\.picture"):
            await session.nearest(select(Picture), DISTANCE, limit=10)


def test_statistics_are_kept_for_a_while_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each key is asked once, until its time is over; and there are never more than so many."""
    known, asked = Statistics(), []
    now = 0.0
    monkeypatch.setattr(statistics.time, "monotonic", lambda: now)
    monkeypatch.setattr(statistics, "_KEPT", 3)

    def get(key: int) -> int:
        return known.get(key, lambda: asked.append(key) or key)

    assert [get(key) for key in (1, 2, 1, 2)] == [1, 2, 1, 2]
    assert asked == [1, 2]
    now = 301.0
    assert get(1) == 1
    assert asked == [1, 2, 1]
    for key in range(10):
        assert get(key) == key
        assert len(known._known) <= 3
