"""What a bulk load writes is what SQLAlchemy's insert writes, for every type of column and every reference schema."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy import ARRAY, Column, Sequence, Table, func, insert, select, text
from sqlalchemy.dialects import postgresql as pg

from tenancy import BulkLoadError, Database, HalfVector, metadata, scoped, tenant
from tenancy.prove import sample_rows
from tenancy.prove.parties import new_parties
from tenancy.reference import agenthifive, codebuff, connectors, mutate, trovella
from tenancy.schema.access import Command
from tenancy.schema.classification import classification_of
from tenancy.schema.scope import AnyOf, Everyone, Nobody, ParentRow, parts

from ..schema.pushed import pushed
from ..schema.types_models import Base as Things
from ..schema.types_models import Color, Details, Step, Thing


class Mood(Enum):
    GLAD = "glad"
    SAD = 'sad, "very" {sad}'


data = metadata(tenant_type=sa.Integer)
every_type = Table(
    "every_type",
    data,
    Column("id", sa.Integer, primary_key=True),
    Column("organization_id", sa.Integer, nullable=False, index=True),
    Column("flag", sa.Boolean),
    Column("small", sa.SmallInteger),
    Column("big", sa.BigInteger),
    Column("number", sa.Numeric(10, 2)),
    Column("real", sa.Float),
    Column("short", sa.String(5)),
    Column("fixed", sa.CHAR(3)),
    Column("raw", sa.LargeBinary),
    Column("day", sa.Date),
    Column("clock", sa.Time),
    Column("moment", sa.DateTime(timezone=True)),
    Column("local", sa.DateTime),
    Column("span", sa.Interval),
    Column("mood", sa.Enum(Mood, name="mood", values_callable=lambda members: [one.value for one in members])),
    Column("moods", ARRAY(sa.Enum(Mood, name="mood", values_callable=lambda members: [one.value for one in members]))),
    Column("words", ARRAY(sa.Text)),
    Column("keys", ARRAY(sa.Uuid)),
    Column("matrix", ARRAY(sa.Integer, dimensions=2)),
    Column("document", pg.JSONB),
    Column("plain", sa.JSON(none_as_null=True)),
    Column("address", pg.INET),
    Column("ranged", pg.INT4RANGE),
    Column("vector", HalfVector(3)),
    info=scoped(tenant()),
)
#: Where COPY can do it all.
without_extensions = Table(
    "without_extensions",
    data,
    *(
        Column(column.name, column.type, primary_key=column.primary_key, nullable=column.nullable)
        for column in every_type.columns
        if column.name != "vector"
    ),
    sa.Index(None, "organization_id"),
    info=scoped(tenant()),
)
filled = Table(
    "filled",
    data,
    Column("id", sa.Integer, Sequence("filled_numbers"), primary_key=True),
    Column("organization_id", sa.Integer, nullable=False, index=True),
    Column("name", sa.Text, nullable=False),
    Column("title", sa.Text, default=lambda context: context.get_current_parameters()["name"].title()),
    Column("constant", sa.Integer, default=7),
    Column("called", sa.Uuid, default=uuid4),
    Column("at", sa.DateTime(timezone=True), default=func.now()),
    Column("server", sa.Text, server_default="left"),
    info=scoped(tenant()),
)

VALUES: dict[str, list[Any]] = {
    "flag": [True, False],
    "small": [1, -2],
    "big": [2**40, -(2**40)],
    "number": [Decimal("1.5"), 2],
    "real": [0.1, -1e300],
    "short": ["x", 'é"\\,'],
    "fixed": ["abc", "x"],
    "raw": [b"\x00\xff", b""],
    "day": [date(2024, 2, 29), date(1, 1, 1)],
    "clock": [time(23, 59, 59, 5), time(0)],
    "moment": [datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)],
    "local": [datetime(2024, 1, 2), datetime(1970, 1, 1)],  # noqa: DTZ001 - for a column without a time zone
    "span": [timedelta(days=-1, seconds=5), timedelta(microseconds=1)],
    "mood": [Mood.GLAD, Mood.SAD],
    "moods": [[Mood.SAD, Mood.GLAD], []],
    "words": [['a"b', "\\", "", "NULL", None, "{,}", " "], ["x"]],
    "keys": [[UUID(int=1), UUID(int=2)], [UUID(int=3)]],
    "matrix": [[[1, 2], [3, 4]], [[5]]],
    "document": [{"a": [1, None, "\"'"]}, "text"],
    "plain": [[1, {"b": 2}], {}],
    "address": ["10.0.0.0/8", IPv4Address("1.2.3.4")],
    "ranged": [pg.Range(1, 5), pg.Range(empty=True)],
    "vector": [[1.0, 2.0, 3.0], [0.5, -1, 2]],
}


@pytest.fixture(scope="module")
def typed(make_database: Any, empty_database: Any) -> Any:
    database = pushed(make_database, empty_database, data, Things.metadata)
    with database.connect() as admin:
        admin.execute(text("GRANT USAGE ON SEQUENCE filled_numbers TO PUBLIC"))
        admin.commit()
    return database


@pytest.fixture(scope="module")
async def typed_db(typed: Any):
    async with Database(typed.settings) as database:
        yield database


async def load(db: Database, way: str, principal: Any, entity: Any, rows: Any) -> int:
    who, user = (principal.tenant, principal.user) if hasattr(principal, "tenant") else (principal, None)
    if way == "loader":
        return await db.bulk_load(who, entity, rows, user=user, reason="test", actor="pytest")
    async with db.begin(who, user=user) as session:
        return await session.bulk_load(entity, rows)


async def texts(connection: Any, table: Table, names: Any) -> list[tuple[Any, ...]]:
    """What PostgreSQL says of the columns: texts are compared, so that no conversion hides a difference."""
    shown = (sa.cast(table.columns[name], sa.Text) for name in names)
    return sorted((tuple(row) for row in await connection.execute(select(*shown))), key=repr)


async def inserted(db: Database, table: Table, rows: list[Any]) -> list[tuple[Any, ...]]:
    """What an insert of the rows would have made of the table; nothing of it stays."""
    async with db.system(reason="test", actor="pytest") as session:
        for row in rows:
            await session.execute(insert(table), row)
        return await texts(session, table, rows[0])


WAYS = pytest.mark.parametrize("way", ["session", "loader"])


@WAYS
@pytest.mark.parametrize("table", [every_type, without_extensions], ids=lambda table: table.name)
@pytest.mark.parametrize("column", [*VALUES, None])
async def test_every_type_is_written_as_an_insert_writes_it(
    typed_db: Any, way: str, table: Table, column: str | None
) -> None:
    """Each type by itself, all of them together, and None in all of them."""
    columns = [name for name in VALUES if name in table.columns and column in {name, None}]
    if not columns:
        return
    organization = uuid4().int % 2**31
    keys = [uuid4().int % 2**31 for _ in range(3)]
    rows = [
        {"id": key, "organization_id": organization, **{name: (*VALUES[name], None)[index] for name in columns}}
        for index, key in enumerate(keys)
    ]
    expected = await inserted(typed_db, table, rows)
    assert await load(typed_db, way, organization, table, rows) == 3
    async with typed_db.system(reason="test", actor="pytest") as session:
        assert await texts(session, table, rows[0]) == expected
        await session.execute(table.delete())
        await session.commit()


@WAYS
async def test_the_types_that_tenancy_brings(typed_db: Any, way: str) -> None:
    """Models in JSON, enums kept as text, vectors: what the ORM reads back is what was given."""
    organization = uuid4().int % 2**31
    rows = [
        {
            "id": uuid4().int % 2**31,
            "details": Details(note="n", steps=[Step(title="s")], renamed=3),
            "steps": [Step(title="a", done=True)],
            "anything": {"x": [1]},
            "either": "text",
            "color": Color.BLUE,
            "embedding": [1.0, 2.0, 3.5],
            "half": [1.0, -2.0, 0.5],
        },
        dict.fromkeys(["id", "details", "steps", "anything", "either", "color", "embedding", "half"]),
    ]
    rows[1]["id"] = rows[0]["id"] + 1
    await load(typed_db, way, organization, Thing, rows)
    async with typed_db.begin(organization) as session:
        first, second = await session.scalars(select(Thing).order_by(Thing.id))
    assert {name: getattr(first, name) for name in rows[0]} == rows[0]
    assert {name: getattr(second, name) for name in rows[1]} == rows[1]


@WAYS
async def test_defaults_of_every_kind(typed_db: Any, way: str) -> None:
    """A constant, a callable, one that looks at the row, an SQL expression, a sequence, and the server's."""
    organization = uuid4().int % 2**31
    await load(typed_db, way, organization, filled, [{"name": "one"}, {"name": "two"}])
    async with typed_db.begin(organization) as session:
        rows = (await session.execute(select(filled).order_by(filled.c.name))).all()
        now = await session.scalar(select(func.now()))
    assert [(row.title, row.constant, row.server) for row in rows] == [("One", 7, "left"), ("Two", 7, "left")]
    assert len({row.called for row in rows}) == len({row.id for row in rows}) == 2
    assert all(now - row.at < timedelta(minutes=1) for row in rows)


@WAYS
@pytest.mark.parametrize("format_", ["csv", "jsonl"])
async def test_files_say_all_types_in_words(typed_db: Any, way: str, format_: str, tmp_path: Any) -> None:
    """Numbers, dates, bytes, lists and documents are read from texts by the type of their column."""
    organization = uuid4().int % 2**31
    values = {
        "id": organization,
        "flag": "true",
        "number": "1.50",
        "real": "0.25",
        "short": "1",
        "raw": "\\x00ff",
        "day": "2024-02-29",
        "clock": "23:59:59",
        "moment": "2024-01-02T03:04:05Z",
        "mood": "glad",
        "words": '["a", "b"]',
        "keys": f'["{UUID(int=1)}"]',
        "document": '{"a": [1]}',
        "address": "10.0.0.1",
        "vector": "[1,2,3]",
        "big": "",
    }
    path = tmp_path / f"rows.{format_}"
    if format_ == "csv":
        quoted = ('"' + str(value).replace('"', '""') + '"' for value in values.values())
        path.write_text("\ufeff" + ",".join(values) + "\r\n" + ",".join(quoted) + "\r\n")
    else:
        spoken = {**values, "document": {"a": [1]}, "words": ["a", "b"], "keys": [str(UUID(int=1))], "big": None}
        path.write_text(json.dumps(spoken) + "\n")
    assert await load(typed_db, way, organization, every_type, path) == 1
    async with typed_db.begin(organization) as session:
        row = (await session.execute(select(every_type))).one()
    assert (row.flag, row.number, row.real, row.short, row.raw) == (True, Decimal("1.50"), 0.25, "1", b"\x00\xff")
    assert (row.day, row.clock, row.mood) == (date(2024, 2, 29), time(23, 59, 59), Mood.GLAD)
    assert row.moment == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (row.words, row.keys, row.document, row.big) == (["a", "b"], [UUID(int=1)], {"a": [1]}, None)
    assert row.vector == [1.0, 2.0, 3.0]


@WAYS
@pytest.mark.parametrize(
    "column, value",
    [
        ("flag", "perhaps"),
        ("number", "many"),
        ("short", "longer"),
        ("day", "2024-02-30"),
        ("mood", "angry"),
        ("document", "{"),
        ("vector", "[1,2]"),
        ("raw", "\\xz"),
        ("address", "somewhere"),
    ],
)
async def test_a_text_that_spells_no_value_is_named(
    typed_db: Any, way: str, tmp_path: Any, column: str, value: str
) -> None:
    """By row and column, whoever reads it."""
    path = tmp_path / "rows.csv"
    path.write_text(f'id,{column}\n1,\n2,"{value}"\n')
    with pytest.raises(BulkLoadError, match=rf"^row 2: every_type\.{column}: ") as refused:
        await load(typed_db, way, 1, every_type, path)
    assert (refused.value.row, refused.value.column) == (2, column)


@pytest.fixture
async def migrated_db(make_database: Any, migrated_template: Any):
    """A migrated database of the test's own."""
    async with Database(make_database("bulk", template=migrated_template).settings) as database:
        yield database


def may_be_loaded(table: Table, way: str) -> bool:
    classification = classification_of(table)
    if isinstance(classification.scope, Everyone | Nobody) or Command.INSERT not in classification.access.commands:
        return False
    # What has alternatives is in test_bulk_load.py: there the loader makes every row the tenant's.
    return way == "session" or not any(isinstance(part, ParentRow | AnyOf) for part in parts(classification.scope))


def alike(rows: list[Any]) -> list[list[Any]]:
    """The rows that give the same columns, together."""
    found = defaultdict(list)
    for row in rows:
        found[tuple(row)].append(row)
    return list(found.values())


SCHEMAS = {
    module.__name__.rpartition(".")[2]: module for module in (agenthifive, codebuff, connectors, mutate, trovella)
}


@WAYS
@pytest.mark.parametrize("schema", SCHEMAS)
async def test_the_tables_of_the_reference_schemas(migrated_db: Any, way: str, schema: str) -> None:
    """Every table that the application may fill, parents first: the rows are those that an insert makes."""
    reference = SCHEMAS[schema].Base.metadata
    principal = new_parties(reference).attacker
    loaded = 0
    for table, rows in sample_rows(reference, principal, count=3):
        can_be_loaded = may_be_loaded(table, way)
        for some in alike(rows):
            if can_be_loaded:
                expected = await inserted(migrated_db, table, some)
                assert await load(migrated_db, way, principal, table, some) == len(some)
            async with migrated_db.system(reason="test", actor="pytest") as session:
                if can_be_loaded:
                    assert await texts(session, table, some[0]) == expected
                    loaded += len(some)
                else:
                    await session.execute(insert(table), some)
                    await session.commit()
    assert loaded > 20
