"""Bulk loads: each row is the session's tenant's, filled as an insert fills it, and all of them are there or none."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, make_dataclass
from itertools import count
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pyarrow as pa
import pyarrow.parquet
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from tenancy import (
    AccessDenied,
    BulkLoadError,
    ConfigurationError,
    Database,
    DatabaseUnavailable,
    TenantMismatch,
    TenantViolation,
)
from tenancy.security.functions import system_access
from tenancy.session.bulk.batch import BATCH_ROWS
from tenancy.session.bulk.load import CHUNK_ROWS

from ..schema.models import (
    AgentRun,
    AgentStep,
    AuditEvent,
    Channel,
    Country,
    CreditEntry,
    EmailChannel,
    Organization,
    Project,
    Report,
    Setting,
    SignInToken,
    Tag,
    Task,
    task_tag,
)


@pytest.fixture(params=["session", "loader"])
def way(request: pytest.FixtureRequest) -> str:
    """Both ways to load keep the same promises."""
    return str(request.param)


async def load(db: Database, way: str, tenant: UUID | None, entity: Any, rows: Any, **options: Any) -> int:
    """Both ways to load, each in a transaction of its own."""
    if way == "loader":
        return await db.bulk_load(tenant, entity, rows, reason="test", actor="pytest", **options)
    user = options.pop("user", None)
    async with db.begin(tenant, user=user) as session:
        return await session.bulk_load(entity, rows, **options)


async def names(db: Database, tenant: UUID) -> list[str]:
    async with db.begin(tenant) as session:
        return list(await session.scalars(select(Tag.name).order_by(Tag.name)))


@dataclass
class PlainTag:
    id: UUID
    name: str


def named_tuples(rows: list[dict[str, Any]]) -> list[Any]:
    row_type = NamedTuple("Row", [(name, Any) for name in rows[0]])  # type: ignore[misc]
    return [row_type(**row) for row in rows]


async def arriving(rows: Any) -> Any:
    for row in rows:
        await asyncio.sleep(0)
        yield row


def written(path: Any, content: str) -> Any:
    path.write_text(content)
    return path


def parquet(path: Any, table: pa.Table) -> Any:
    pyarrow.parquet.write_table(table, path)
    return path


def arrow(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(
        [{key: str(value) if isinstance(value, UUID) else value for key, value in row.items()} for row in rows]
    )


def json_lines(rows: list[dict[str, Any]]) -> str:
    return "\n".join(json.dumps(row, default=str) for row in rows)


def comma_separated(rows: list[dict[str, Any]]) -> str:
    return "\n".join([",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)])


INPUTS = {
    "dicts": lambda rows, _: rows,
    "a generator": lambda rows, _: (row for row in rows),
    "an async generator": lambda rows, _: arriving(rows),
    "named tuples": lambda rows, _: named_tuples(rows),
    "dataclasses": lambda rows, _: [make_dataclass("Row", rows[0])(**row) for row in rows],
    "mapped objects": lambda rows, _: [Tag(**row) for row in rows],
    "an Arrow table": lambda rows, _: arrow(rows),
    "an Arrow record batch": lambda rows, _: arrow(rows).to_batches()[0],
    "an Arrow reader": lambda rows, _: arrow(rows).to_reader(),
    "Parquet": lambda rows, folder: parquet(folder / "rows.parquet", arrow(rows)),
    "CSV": lambda rows, folder: written(folder / "rows.csv", comma_separated(rows)),
    "JSON lines": lambda rows, folder: written(folder / "rows.jsonl", json_lines(rows)),
}


@pytest.mark.parametrize("kind", INPUTS)
async def test_every_kind_of_input_is_loaded(shop_db: Any, way: str, kind: str, tmp_path: Any) -> None:
    """With the keys that the rows give, and for the tenant; another one sees nothing of it."""
    tenant = uuid4()
    rows = [{"id": uuid4(), "name": f"n{number:04}"} for number in range(BATCH_ROWS + 3)]
    assert await load(shop_db, way, tenant, Tag, INPUTS[kind](rows, tmp_path)) == len(rows)
    async with shop_db.begin(tenant) as session:
        found = (await session.execute(select(Tag.id, Tag.name, Tag.organization_id).order_by(Tag.name))).all()
    assert [tuple(row) for row in found] == [(row["id"], row["name"], tenant) for row in rows]
    assert await names(shop_db, uuid4()) == []


async def test_plain_tuples_need_the_names_of_their_columns(shop_db: Any, way: str) -> None:
    """They are given apart; without them nobody guesses."""
    tenant = uuid4()
    assert await load(shop_db, way, tenant, Tag, [("a",), ("b",)], columns=["name"]) == 2
    assert await names(shop_db, tenant) == ["a", "b"]
    with pytest.raises(ConfigurationError, match=r"does not name its columns.*columns=\[\.\.\.\]"):
        await load(shop_db, way, tenant, Tag, [("a",)])


@pytest.mark.parametrize("kind", INPUTS)
async def test_no_input_plants_a_row_for_another_tenant(shop_db: Any, way: str, kind: str, tmp_path: Any) -> None:
    """The row that names another tenant is refused with its number, and those before it are not there either."""
    tenant, victim = uuid4(), uuid4()
    rows = [{"id": uuid4(), "name": "x", "organization_id": tenant} for _ in range(BATCH_ROWS + 3)]
    rows[BATCH_ROWS + 1]["organization_id"] = victim
    with pytest.raises(TenantMismatch, match=rf"row {BATCH_ROWS + 2}: tag\.organization_id: .*{victim}.*{tenant}"):
        await load(shop_db, way, tenant, Tag, INPUTS[kind](rows, tmp_path))
    assert await names(shop_db, tenant) == await names(shop_db, victim) == []


async def test_the_policies_hold_the_session_without_the_stamp(shop_db: Any, monkeypatch: Any) -> None:
    """If Python did not look, PostgreSQL would refuse the row, and the error names it."""
    monkeypatch.setattr("tenancy.session.bulk.target._stamps", lambda scope, principal: {})
    tenant, victim = uuid4(), uuid4()
    rows = [{"name": "x", "organization_id": tenant}, {"name": "x", "organization_id": victim}]
    with pytest.raises(TenantViolation, match=r"row 2: tag: .*does not belong to tenant"):
        await load(shop_db, "session", tenant, Tag, rows)
    assert await names(shop_db, victim) == []


async def test_after_a_refusal_the_session_goes_on_without_the_rows(shop_db: Any) -> None:
    """Who catches the error and commits commits what was before it, and nothing of the load."""
    tenant = uuid4()
    rows = ({"name": "x" if number <= CHUNK_ROWS else None} for number in range(1, CHUNK_ROWS + 2))
    async with shop_db.begin(tenant) as session:
        session.add(Tag(name="before"))
        with pytest.raises(BulkLoadError):
            await session.bulk_load(Tag, rows)
        session.add(Tag(name="after"))
    assert await names(shop_db, tenant) == ["after", "before"]


async def test_the_stamp_holds_without_the_comparison(shop_db: Any, way: str, monkeypatch: Any) -> None:
    """What a row says of its tenant is never written, so that a fault in comparing plants nothing."""
    monkeypatch.setattr("tenancy.session.bulk.plan.Plan._refuse_foreign", lambda *_: None)
    tenant, victim = uuid4(), uuid4()
    await load(shop_db, way, tenant, Tag, [{"name": "x", "organization_id": victim}])
    assert (await names(shop_db, tenant), await names(shop_db, victim)) == (["x"], [])


async def test_a_key_of_another_tenants_parent_is_refused(shop_db: Any, way: str, tenants: Any) -> None:
    """Foreign keys carry the tenant, also past the policies: the error names row and column."""
    async with shop_db.begin(tenants[1]) as session:
        foreign = await session.scalar(select(Project.id))
    rows = [{"title": "planted", "project_id": None}, {"title": "planted", "project_id": foreign}]
    with pytest.raises(BulkLoadError, match=r"row 2: task\.project_id: ") as refused:
        await load(shop_db, way, tenants[0], Task, rows)
    assert (refused.value.row, refused.value.column) == (2, "project_id")


async def test_defaults_are_filled_as_an_insert_fills_them(shop_db: Any, way: str) -> None:
    """Python's defaults are called for each row, the server's are left to it, and the subclass is known."""
    tenant = uuid4()
    await load(shop_db, way, tenant, Project, [{"name": "a"}, {"name": "b"}])
    await load(shop_db, way, tenant, EmailChannel, [{"name": "mail", "address": "a@b"}])
    async with shop_db.begin(tenant) as session:
        first, second = await session.scalars(select(Project))
        channel = (await session.scalars(select(Channel))).one()
    assert first.id != second.id
    assert first.created_at is not None
    assert isinstance(channel, EmailChannel)


async def test_a_core_table_is_loaded(shop_db: Any, way: str, tenants: Any) -> None:
    """As a mapped class is."""
    async with shop_db.begin(tenants[0]) as session:
        task, tag = await session.scalar(select(Task.id).filter_by(title="t")), await session.scalar(select(Tag.id))
    assert await load(shop_db, way, tenants[0], task_tag, [{"task_id": task, "tag_id": tag}]) == 1


async def test_everything_or_nothing(shop_db: Any, way: str) -> None:
    """A conflict in the last of many rows leaves none, and is named by the number of its row."""
    tenant, number = uuid4(), CHUNK_ROWS + BATCH_ROWS + 7
    twice = uuid4()
    rows = ({"id": twice if index in (3, number) else uuid4(), "name": "x"} for index in range(1, number + 1))
    with pytest.raises(BulkLoadError, match=rf"row {number}: tag\.id: duplicate key value"):
        await load(shop_db, way, tenant, Tag, rows)
    assert await names(shop_db, tenant) == []


FAULTS = {
    "NOT NULL": (Tag, {"name": "x"}, {"name": None}, "tag", "name"),
    "a foreign key": (
        Task,
        {"title": "x", "project_id": None},
        {"title": "x", "project_id": UUID(int=1)},
        "task",
        None,
    ),
    "no UUID": (Tag, {"id": UUID(int=2), "name": "x"}, {"id": "two", "name": "x"}, "tag", "id"),
    "no text": (Tag, {"name": "x"}, {"name": 3}, "tag", "name"),
    "out of range": (CreditEntry, {"amount": 1}, {"amount": 2**40}, "credit_entry", "amount"),
    "not the shape": (
        Task,
        {"title": "x", "details": None},
        {"title": "x", "details": {"labels": 3}},
        "task",
        "details",
    ),
    "NUL": (Tag, {"name": "x"}, {"name": "\0"}, "tag", None),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("number", [1, BATCH_ROWS, BATCH_ROWS + 1, 2 * BATCH_ROWS + 5])
async def test_the_error_names_row_and_column(shop_db: Any, way: str, fault: str, number: int) -> None:
    """Whoever finds the fault: Python, the driver or PostgreSQL."""
    entity, good, bad, table, column = FAULTS[fault]
    keys = (uuid4() for _ in range(10_000))
    rows = [{**(bad if index == number else good)} for index in range(1, 2 * BATCH_ROWS + 6)]
    for row in rows:
        row["id"] = row["id"] if row.get("id") == "two" else next(keys)
    with pytest.raises(BulkLoadError, match=rf"^row {number}: {table}") as refused:
        await load(shop_db, way, uuid4(), entity, rows, user=uuid4())
    assert refused.value.row == number
    if column:
        assert refused.value.column == column
        assert f"{table}.{column}: " in str(refused.value)


async def test_rows_must_be_alike(shop_db: Any, way: str) -> None:
    """A row with more or fewer columns than the first is named: one statement cannot treat them differently."""
    for odd in ({"name": "x", "id": uuid4()}, {}, {"title": "x"}, ("x",), None):
        with pytest.raises(BulkLoadError, match=r"row 3: .*the same columns"):
            await load(shop_db, way, uuid4(), Tag, [{"name": "x"}, {"name": "y"}, odd])


@pytest.mark.parametrize("rows", [{"name": "x"}, "name", b"name", 3, [3], [None]])
async def test_what_is_not_rows_is_explained(shop_db: Any, way: str, rows: Any) -> None:
    """With what would be."""
    with pytest.raises(ConfigurationError, match="mappings, named tuples"):
        await load(shop_db, way, uuid4(), Tag, rows)


async def test_names_that_are_no_columns_are_explained(shop_db: Any, way: str, tmp_path: Any) -> None:
    """A misspelt name, a relationship, a column twice, an unknown format."""
    tenant = uuid4()
    for rows, said in (
        ([{"nam": "x"}], r"'nam', which is no column of tag\. It has: "),
        ([Tag(name="x", tasks=[])], "'tasks', which is no column"),
        (written(tmp_path / "rows.csv", "name,name\nx,y"), "gives? a column twice"),
        (written(tmp_path / "rows.xls", ""), "no known format"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            await load(shop_db, way, tenant, Tag, rows)
    with pytest.raises(ConfigurationError, match="several tables: document, report"):
        await load(shop_db, way, tenant, Report, [{"title": "x", "summary": "y"}])
    with pytest.raises(ConfigurationError, match="neither a mapped class nor a table"):
        await load(shop_db, way, tenant, PlainTag, [])


@pytest.mark.parametrize("rows", [[], iter(()), arriving(())])
async def test_no_rows_are_no_error(shop_db: Any, way: str, rows: Any) -> None:
    """Nothing is there, and nothing is said."""
    assert await load(shop_db, way, uuid4(), Tag, rows) == 0


async def test_iterators_are_read_as_they_are_sent(shop_db: Any, way: str) -> None:
    """Not all at once: what the iterator has given is never far ahead of what PostgreSQL has."""
    given, done = 0, list[int]()

    def rows() -> Any:
        nonlocal given
        for number in range(1, 2 * CHUNK_ROWS + 1_001):
            given = number
            yield {"name": "x"}

    async def async_rows() -> Any:
        for row in rows():
            yield row

    def note(number: int) -> None:
        assert given - number <= CHUNK_ROWS + BATCH_ROWS
        done.append(number)

    for source in (rows(), async_rows()):
        done.clear()
        await load(shop_db, way, uuid4(), Tag, source, progress=note)
        assert done == sorted(set(done))
        assert done[-1] == 2 * CHUNK_ROWS + 1_000
        assert len(done) == 3


async def test_wide_rows_are_kept_in_small_chunks(shop_db: Any, way: str) -> None:
    """What is kept until PostgreSQL has taken it is measured in bytes as well."""
    done: list[int] = []
    await load(shop_db, way, uuid4(), Tag, ({"name": "x" * 10_000} for _ in range(5_000)), progress=done.append)
    assert len(done) >= 2


async def test_the_loop_runs_meanwhile(shop_db: Any, way: str) -> None:
    """Other tasks get their turn while rows are sent."""
    longest, stopped = 0.0, asyncio.Event()

    async def tick() -> None:
        nonlocal longest
        loop = asyncio.get_running_loop()
        while not stopped.is_set():
            before = loop.time()
            await asyncio.sleep(0)
            longest = max(longest, loop.time() - before)

    ticking = asyncio.create_task(tick())
    await load(shop_db, way, uuid4(), Tag, ({"name": "x"} for _ in range(100_000)))
    stopped.set()
    await ticking
    assert longest < 2


async def test_what_the_iterator_raises_is_raised(shop_db: Any, way: str) -> None:
    """And nothing is loaded, nor is the connection harmed."""

    class Broken(Exception):
        pass

    def rows() -> Any:
        for _ in range(2_000):
            yield {"name": "x"}
        raise Broken

    tenant = uuid4()
    with pytest.raises(Broken):
        await load(shop_db, way, tenant, Tag, rows())
    assert await names(shop_db, tenant) == []


@pytest.mark.parametrize("source", [lambda rows: rows, arriving])
async def test_cancelled_it_leaves_nothing(shop_db: Any, way: str, source: Any) -> None:
    """At whichever moment; and the pool hands out connections that work."""
    for delay in (0.001, 0.01, 0.05, 0.2):
        tenant = uuid4()
        endless = ({"name": "x"} for _ in iter(int, 1))
        task = asyncio.create_task(load(shop_db, way, tenant, Tag, source(endless)))
        await asyncio.sleep(delay)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 30)
        assert await names(shop_db, tenant) == []


async def test_a_lost_connection_leaves_nothing(shop: Any, shop_db: Any, way: str) -> None:
    """And is said, where asyncpg alone would wait for ever."""
    tenant, login = uuid4(), "tenancy_system_login" if way == "loader" else "tenancy_app_login"
    kill = text("""
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE state = 'active' AND usename = :login AND datname = current_database()
    """)
    sent = asyncio.Event()

    def rows() -> Any:
        for number in count(1):
            yield {"name": "x"}
            if number == CHUNK_ROWS + 10_000:
                sent.set()

    async def load_them() -> None:
        with pytest.raises((DatabaseUnavailable, DBAPIError)):
            await load(shop_db, way, tenant, Tag, rows())

    async def kill_them() -> None:
        await sent.wait()
        with shop.connect() as admin:
            while not admin.scalar(kill, {"login": login}):  # between two statements it is not active
                admin.rollback()
                await asyncio.sleep(0.001)

    await asyncio.wait_for(asyncio.gather(load_them(), kill_them()), 30)
    assert await names(shop_db, tenant) == []


async def test_a_table_without_a_tenant_of_its_own(shop_db: Any, way: str, tenants: Any) -> None:
    """Where the parent decides, policies must: the session refuses a foreign parent, and the loader the table."""
    runs = {}
    for tenant in tenants:
        runs[tenant] = uuid4()
        await load(shop_db, "session", tenant, AgentRun, [{"id": runs[tenant], "name": "run"}])
    rows = [{"agent_run_id": runs[tenants[0]], "title": "own"}]
    planted = [*rows, {"agent_run_id": runs[tenants[1]], "title": "planted"}]
    if way == "loader":
        with pytest.raises(
            ConfigurationError, match=r"agent_step cannot be loaded past its policies.*session\.bulk_load"
        ):
            await load(shop_db, way, tenants[0], AgentStep, rows)
        return
    assert await load(shop_db, way, tenants[0], AgentStep, rows) == 1
    with pytest.raises(TenantViolation, match="row 2: agent_step: "):
        await load(shop_db, way, tenants[0], AgentStep, planted)


async def test_rows_of_a_user(shop_db: Any, way: str) -> None:
    """The user's column is filled in and guarded as the tenant's is, with a tenant or without."""
    user, other = uuid4(), uuid4()
    for tenant in (uuid4(), None):
        await load(shop_db, way, tenant, Setting, [{"value": "x"}], user=user)
        with pytest.raises(TenantMismatch, match=r"row 1: setting\.user_id: .*"):
            await load(shop_db, way, tenant, Setting, [{"value": "x", "user_id": other}], user=user)
    async with shop_db.begin(user=user) as session:
        assert await session.scalar(select(func.count()).select_from(Setting)) == 2


async def test_a_tenant_or_else_a_user(shop_db: Any, way: str) -> None:
    """Of alternatives the policies decide row by row; the loader takes the first that it can fill, for every row."""
    tenant, user, other = uuid4(), uuid4(), uuid4()
    assert await load(shop_db, way, tenant, CreditEntry, [{"amount": 1, "owner_id": other}], user=user) == 1
    own = [{"amount": 2, "org_id": None, "owner_id": user}]
    planted = [{"amount": 3, "org_id": None, "owner_id": other}]
    if way == "loader":
        for rows in (own, planted):
            with pytest.raises(TenantMismatch, match=r"row 1: credit_entry\.org_id: .*None"):
                await load(shop_db, way, tenant, CreditEntry, rows, user=user)
        with pytest.raises(ConfigurationError, match="credit_entry cannot be loaded past its policies"):
            await load(shop_db, way, None, CreditEntry, own, user=user)
        return
    assert await load(shop_db, way, tenant, CreditEntry, own, user=user) == 1
    with pytest.raises(TenantViolation, match="row 1: credit_entry: "):
        await load(shop_db, way, tenant, CreditEntry, planted, user=user)


async def test_append_only_and_the_tenants_own_row(shop_db: Any, way: str) -> None:
    """What may be inserted may be loaded."""
    tenant = uuid4()
    assert await load(shop_db, way, tenant, Organization, [{"name": "Acme"}]) == 1
    assert await load(shop_db, way, tenant, AuditEvent, [{"what": "x"}] * 3) == 3
    with pytest.raises(TenantMismatch, match=r"row 1: organization\.id"):
        await load(shop_db, way, tenant, Organization, [{"id": uuid4(), "name": "Globex"}])


@pytest.mark.parametrize("entity, row", [(Country, {"name": "x"}), (SignInToken, {"value": "x"})])
async def test_what_is_no_tenants_is_refused(shop_db: Any, way: str, entity: Any, row: Any) -> None:
    """By the missing grant, or because nobody could tell whose the rows are."""
    with pytest.raises(AccessDenied if way == "session" else ConfigurationError):
        await load(shop_db, way, uuid4(), entity, [row])


@pytest.fixture
def noted_modes(shop: Any) -> Any:
    """A trigger that writes into each tag how its checks are planned."""
    with shop.connect() as admin:
        admin.exec_driver_sql("""
            CREATE FUNCTION public.note_mode() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN NEW.name := current_setting(''plan_cache_mode''); RETURN NEW; END';
            CREATE TRIGGER note_mode BEFORE INSERT ON tag FOR EACH ROW EXECUTE FUNCTION public.note_mode()
        """)
        admin.commit()
        yield
        admin.exec_driver_sql("DROP FUNCTION public.note_mode() CASCADE")
        admin.commit()


@pytest.mark.usefixtures("noted_modes")
async def test_checks_of_foreign_keys_are_not_planned_for_each_row(shop_db: Any, way: str) -> None:
    """PostgreSQL may keep their plans while rows are written, and not for what follows in the transaction."""
    tenant = uuid4()
    await load(shop_db, way, tenant, Tag, [{"name": "a"}, {"name": "b"}])
    assert await names(shop_db, tenant) == ["auto", "auto"]
    async with shop_db.begin(tenant) as session:
        await session.get(Tag, tenant)
        await session.bulk_load(Tag, [{"name": "a"}])
        assert await session.scalar(text("SHOW plan_cache_mode")) == "force_custom_plan"
        with pytest.raises(BulkLoadError):
            await session.bulk_load(Tag, [{"name": "a", "id": tenant}, {"name": "b", "id": tenant}])
        assert await session.scalar(text("SHOW plan_cache_mode")) == "force_custom_plan"


async def test_the_record_of_a_load(shop: Any, shop_db: Any, way: str) -> None:
    """The loader's is durable before it reads a row, and is kept when it fails; the session needs none."""
    tenant, actor = uuid4(), uuid4().hex

    def records() -> list[str]:
        with shop.connect() as admin:
            return list(admin.scalars(select(system_access.c.reason).where(system_access.c.actor == actor)))

    def rows() -> Any:
        assert records() == [f"import (bulk load: tag, tenant {tenant})"]
        yield {"name": None}

    if way == "loader":
        with pytest.raises(BulkLoadError):
            await shop_db.bulk_load(tenant, Tag, rows(), reason="import", actor=actor)
        assert len(records()) == 1
        with pytest.raises(ConfigurationError, match="needs a reason"):
            await shop_db.bulk_load(tenant, Tag, rows(), reason=" ", actor=actor)
    else:
        await load(shop_db, way, tenant, Tag, [{"name": "x"}])
        assert records() == []


async def test_as_whom_rows_are_written(shop: Any, shop_db: Any, way: str) -> None:
    """The session's rows by the application role, the loader's by the system role, and both for their tenant."""
    with shop.connect() as admin:
        admin.execute(text("CREATE TABLE seen (who text, tenant text)"))
        admin.execute(text("GRANT INSERT ON seen TO PUBLIC"))
        admin.execute(
            text(
                "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.seen "
                "VALUES (current_user, current_setting('app.tenant_id', true)); RETURN NEW; END $$"
            )
        )
        admin.execute(text("CREATE TRIGGER see BEFORE INSERT ON tag FOR EACH ROW EXECUTE FUNCTION see()"))
        admin.commit()
        try:
            tenant = uuid4()
            await load(shop_db, way, tenant, Tag, [{"name": "x"}])
            who = "tenancy_system" if way == "loader" else "tenancy_app_login"
            assert admin.execute(text("TABLE seen")).all() == [(who, str(tenant))]
        finally:
            admin.rollback()
            admin.execute(text("DROP TRIGGER see ON tag; DROP FUNCTION see(); DROP TABLE seen"))
            admin.commit()
