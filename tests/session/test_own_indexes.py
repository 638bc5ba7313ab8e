"""Indexes of large tenants' own: made from statistics, used by searches, dropped, and no drift."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import select, text
from typer.testing import CliRunner

from tenancy import Database
from tenancy.cli import app
from tenancy.session.vectors.own_indexes import PREFIX, Action, OwnIndex, apply, surveyed

from ..conftest import MakeDatabase, TestDatabase
from ..migrations.revision import autogenerate
from .capture import captured
from .gallery import HUGE, LARGE, SMALL, Base, Picture
from .test_nearest import DISTANCE, asked_for, indexes, plans_of, true_nearest


@pytest.fixture
def gallery(make_database: MakeDatabase, gallery_template: TestDatabase) -> TestDatabase:
    return make_database("gallery", template=gallery_template)


async def survey(gallery: TestDatabase, rows: int) -> list[OwnIndex]:
    return await surveyed([Base.metadata], gallery.settings, rows)


async def applied(gallery: TestDatabase, rows: int) -> list[Action]:
    return [one.action async for one in apply(await survey(gallery, rows), gallery.settings)]


def names(gallery: TestDatabase) -> dict[str, bool]:
    """The indexes that are there, and whether they are valid."""
    sql = f"SELECT relname, indisvalid FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relname LIKE '{PREFIX}%'"
    with gallery.connect() as admin:
        return {row.relname: row.indisvalid for row in admin.execute(text(sql))}


async def test_large_tenants_get_an_index_and_keep_it(gallery: TestDatabase) -> None:
    """From so many rows on, by the statistics; what is there is not made again, until the tenant is half as small."""
    found = await survey(gallery, 3000)
    assert [(one.action, str(tenant) in one.condition) for one, tenant in zip(found, (HUGE, LARGE), strict=True)] == [
        (Action.CREATE, True),
        (Action.CREATE, True),
    ]
    assert [round(one.rows, -3) for one in found] == [12_000, 4_000]
    assert await applied(gallery, 3000) == [Action.CREATE, Action.CREATE]
    assert names(gallery) == {one.name: True for one in found}
    assert await applied(gallery, 3000) == []
    assert [one.action for one in await survey(gallery, 6000)] == [Action.KEEP, Action.KEEP]
    assert await applied(gallery, 10_000) == [Action.DROP]
    assert list(names(gallery)) == [found[0].name]


async def test_a_search_uses_the_tenant_s_own_index(gallery: TestDatabase) -> None:
    """Only its own vectors are walked over: nearly all of the nearest are found, and the plan shows the index."""
    await applied(gallery, 3000)
    by_tenant = {
        tenant: one.name
        for one in await survey(gallery, 3000)
        for tenant in (HUGE, LARGE)
        if str(tenant) in one.condition
    }
    async with Database(gallery.settings) as db:
        for tenant, name in by_tenant.items():
            hits = 0
            for vector in asked_for(gallery, 20):
                async with db.begin(tenant) as session:
                    with captured(session.bind) as sent:
                        found = await session.nearest(select(Picture), Picture.look.cosine_distance(vector), limit=10)
                    *_, plan = await plans_of(session, sent)
                assert indexes(plan) == {name}
                assert {picture.organization_id for picture in found} == {tenant}
                hits += len({picture.id for picture in found} & set(true_nearest(gallery, tenant, vector, 10)))
            assert hits >= 190
        async with db.begin(SMALL) as session:
            assert len(await session.nearest(select(Picture), DISTANCE, limit=50)) == 40
    assert len(by_tenant) == 2


async def test_they_are_no_drift(gallery: TestDatabase) -> None:
    """Autogenerate neither drops them nor writes them down; one made by hand under another name it still sees."""
    await applied(gallery, 3000)
    with gallery.connect() as admin:
        assert not autogenerate(admin, Base.metadata)
        admin.execute(text(f"CREATE INDEX by_hand ON gallery.picture (id) WHERE organization_id = '{HUGE}'"))
        assert "by_hand" in autogenerate(admin, Base.metadata).upgrade


async def test_what_was_cut_short_is_removed(gallery: TestDatabase) -> None:
    """Interrupted while it waits for another transaction, the index is gone; what a crash has left is made anew."""
    with gallery.connect() as admin:
        admin.execute(text("UPDATE gallery.picture SET colors = colors WHERE id = 1"))
        task = asyncio.create_task(applied(gallery, 10_000))
        while not names(gallery):  # noqa: ASYNC110 - PostgreSQL makes it, and tells nobody
            await asyncio.sleep(0.05)
        assert list(names(gallery).values()) == [False]
        task.cancel()
        await asyncio.sleep(0.2)
        admin.rollback()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert names(gallery) == {}
    await applied(gallery, 10_000)
    with gallery.connect() as admin:
        admin.execute(
            text(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid::regclass::text LIKE '%{PREFIX}%'")
        )
        admin.commit()
    assert await applied(gallery, 10_000) == [Action.DROP, Action.CREATE]
    assert list(names(gallery).values()) == [True]


async def test_without_statistics_nothing_is_dropped(gallery: TestDatabase) -> None:
    """After a restore nobody knows who is large, until the first ANALYZE."""
    await applied(gallery, 3000)
    with gallery.connect() as admin:
        admin.execute(text("DELETE FROM pg_statistic WHERE starelid = 'gallery.picture'::regclass"))
        admin.execute(text("UPDATE pg_class SET reltuples = -1 WHERE oid = 'gallery.picture'::regclass"))
        admin.commit()
    assert [one.action for one in await survey(gallery, 3000)] == [Action.KEEP, Action.KEEP]


def test_the_command_says_what_it_would_do_and_does_it(gallery: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the SQL in its JSON; nothing is done without `--apply`."""
    monkeypatch.setenv("TENANCY_OWNER_URL", gallery.url("owner"))
    monkeypatch.setenv("TENANCY_METADATA", json.dumps(["tests.session.gallery:Base.metadata"]))

    def command(*arguments: str) -> dict[str, Any]:
        answer = CliRunner().invoke(app, ["vectors", "--rows", "3000", "--json", *arguments], catch_exceptions=False)
        return json.loads(answer.stdout)

    said = command()
    assert [one["action"] for one in said["indexes"]] == ["create", "create"]
    assert all(one["sql"].startswith("CREATE INDEX CONCURRENTLY") for one in said["indexes"])
    assert names(gallery) == {}
    assert command("--apply")["applied"]
    assert sorted(names(gallery)) == sorted(one["name"] for one in said["indexes"])
    shown = CliRunner().invoke(app, ["vectors", "--rows", "100000"], catch_exceptions=False)
    assert "2 to make or drop" in shown.output
