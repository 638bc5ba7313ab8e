"""Sample rows fill any table that can be filled, and name the column of one that cannot."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Connection,
    Date,
    DateTime,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
    Uuid,
    func,
    insert,
    inspect,
)
from sqlalchemy.dialects.postgresql import INET, INTERVAL, JSONB, TSTZRANGE
from sqlalchemy.types import UserDefinedType

import tenancy
from tenancy import HalfVector, Json, TextEnum, is_null, parent, scoped, tenant, user
from tenancy.errors import ProofError
from tenancy.prove import sample_rows
from tenancy.prove.rows import Row
from tenancy.reference.trovella import Base
from tenancy.schema.scope import Everyone, Nobody
from tenancy.session.principal import Principal

from ..conftest import TestDatabase

ACME = Principal(uuid.UUID(int=1), uuid.UUID(int=2))


def metadata(**options: Any) -> MetaData:
    return tenancy.metadata(**{"tenant_type": Uuid, **options})


def rows_of(metadata: MetaData, principal: Principal = ACME, **options: Any) -> dict[str, list[Row]]:
    return {table.name: rows for table, rows in sample_rows(metadata, principal, **options)}


@pytest.fixture
def bare(empty_database: TestDatabase, make_database: Any) -> Iterator[Connection]:
    """A database in which a test may create what it likes."""
    database = make_database("rows")
    with database.connect() as connection:
        yield connection


class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


class Address(BaseModel):
    street: str
    number: int
    labels: list[str]


def test_rows_of_every_type_are_accepted_by_postgresql(bare: Connection) -> None:
    """What the types promise, the server takes; nothing is left to luck, so twenty rows go in."""
    data = metadata()
    table = Table(
        "everything",
        data,
        Column("id", Uuid, primary_key=True),
        Column("organization_id", Uuid, nullable=False),
        Column("text", Text, nullable=False),
        Column("code", String(8), nullable=False, unique=True),
        Column("small", SmallInteger, nullable=False),
        Column("number", BigInteger, nullable=False, unique=True),
        Column("price", Numeric(10, 6), nullable=False),
        Column("exact", Numeric(4, 2), nullable=False),
        Column("flag", Boolean, nullable=False),
        Column("colour", Enum(Colour, name="colour"), nullable=False),
        Column("size", Enum("small", "large", name="size"), nullable=False),
        Column("status", TextEnum(Colour), nullable=False),
        Column("starts_on", Date, nullable=False),
        Column("ends_on", Date, nullable=False),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("local", DateTime, nullable=False),
        Column("clock", Time, nullable=False),
        Column("duration", INTERVAL, nullable=False),
        Column("bytes", LargeBinary, nullable=False),
        Column("address", Json(Address), nullable=False),
        Column("addresses", Json(list[Address]), nullable=False),
        Column("anything", JSONB, nullable=False),
        Column("tags", ARRAY(Text), nullable=False),
        Column("ip", INET, nullable=False),
        Column("period", TSTZRANGE, nullable=False),
        Column("embedding", HalfVector(8), nullable=False),
        Column("created", DateTime(timezone=True), server_default=func.now(), nullable=False),
        Column("doubled", Integer, Computed("small * 2")),
        CheckConstraint("ends_on > starts_on", name="check_0"),
        CheckConstraint("small BETWEEN 1 AND 5", name="check_1"),
        CheckConstraint("price > 0", name="check_2"),
        info=scoped(tenant()),
    )
    data.create_all(bare)
    rows = rows_of(data, count=20)["everything"]
    assert len(rows) == 20
    bare.execute(insert(table), rows)
    assert bare.scalar(func.count(table.c.id)) == 20  # type: ignore[call-overload]


def test_trovella_is_filled_and_belongs_to_one_tenant(migrated: TestDatabase) -> None:
    """Every table of a real schema, in an order in which they can be inserted."""
    acme = Principal("acme", "ann")
    with migrated.connect() as connection:
        for table, rows in sample_rows(Base.metadata, acme, count=3, seed="a"):
            connection.execute(insert(table), rows)
            assert {row["organization_id"] for row in rows if "organization_id" in row} <= {"acme"}
        assert set(inspect(connection).get_table_names("trovella")) == {t.name for t in Base.metadata.sorted_tables}


def test_the_same_seed_gives_the_same_rows() -> None:
    """`tenancy dev seed` makes the same data on every machine."""
    acme = Principal("acme", "ann")
    assert rows_of(Base.metadata, acme, count=2, seed=7) == rows_of(Base.metadata, acme, count=2, seed=7)
    assert rows_of(Base.metadata, acme, seed=7) != rows_of(Base.metadata, acme, seed=8)


def test_a_table_of_tenants_has_one_row_and_its_children_have_many() -> None:
    """The tenant is the row's key: a second row would be a second tenant."""
    rows = rows_of(Base.metadata, Principal("acme", "ann"), count=4)
    assert [row["id"] for row in rows["organization"]] == ["acme"]
    assert [row["id"] for row in rows["user"]] == ["ann"]
    assert len(rows["research_plan"]) == 4
    assert {row["plan_id"] for row in rows["plan_step"]} == {row["id"] for row in rows["research_plan"]}


def test_reference_data_is_not_made_again() -> None:
    """The second tenant's rows refer to what is there."""
    data = metadata()
    country = Table("country", data, Column("id", Integer, primary_key=True), info=scoped(Everyone()))
    Table(
        "address",
        data,
        Column("id", Uuid, primary_key=True),
        Column("organization_id", Uuid, nullable=False),
        Column("country_id", ForeignKey("country.id"), nullable=False),
        info=scoped(tenant()),
    )
    rows = rows_of(data, existing={country: [{"id": 41}]})
    assert "country" not in rows
    assert rows["address"][0]["country_id"] == 41


def test_integer_tenants_and_identity_keys(bare: Connection) -> None:
    """Ids are integers as well, and keys of an identity column are known before the row is inserted."""
    data = metadata(tenant_type=BigInteger)
    Table("company", data, Column("id", BigInteger, primary_key=True), info=scoped(tenant("id")))
    Table(
        "invoice",
        data,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("organization_id", ForeignKey("company.id"), nullable=False),
        info=scoped(tenant()),
    )
    Table(
        "line",
        data,
        Column("id", Integer, primary_key=True),
        Column("invoice_id", ForeignKey("invoice.id"), nullable=False),
        info=scoped(parent("invoice_id")),
    )
    rows = rows_of(data, Principal(10, 20), count=2)
    assert rows["company"] == [{"id": 10}]
    assert [row["organization_id"] for row in rows["invoice"]] == [10, 10]
    assert {row["invoice_id"] for row in rows["line"]} == {row["id"] for row in rows["invoice"]}


def test_a_scope_with_alternatives_gets_a_row_for_each() -> None:
    """A tenant's row, and a user's own without a tenant: both ways in are then attacked."""
    data = metadata()
    Table(
        "ledger",
        data,
        Column("id", Uuid, primary_key=True),
        Column("org_id", Uuid),
        Column("user_id", Uuid, nullable=False),
        info=scoped(tenant("org_id") | (is_null("org_id") & user("user_id"))),
    )
    by_tenant, by_user = rows_of(data)["ledger"]
    assert by_tenant["org_id"] == ACME.tenant
    assert (by_user["org_id"], by_user["user_id"]) == (None, ACME.user)


def test_a_row_has_one_owner_where_tables_ask_for_one(bare: Connection) -> None:
    """Either the tenant's or the user's: what the other way would need stays empty."""
    data = metadata()
    table = Table(
        "publisher",
        data,
        Column("id", Uuid, primary_key=True),
        Column("org_id", Uuid),
        Column("user_id", Uuid),
        CheckConstraint("num_nonnulls(org_id, user_id) = 1", name="one_owner"),
        info=scoped(tenant("org_id") | (is_null("org_id") & user("user_id"))),
    )
    data.create_all(bare)
    rows = rows_of(data)["publisher"]
    bare.execute(insert(table), rows)
    assert [(row["org_id"], row["user_id"]) for row in rows] == [(ACME.tenant, None), (None, ACME.user)]


def test_users_kept_in_a_private_table_are_still_the_partys() -> None:
    """What a user column refers to must exist, whoever may see it."""
    data = metadata()
    Table("account", data, Column("key", Uuid, primary_key=True), info=scoped(Nobody()))
    Table(
        "note",
        data,
        Column("id", Uuid, primary_key=True),
        Column("user_id", ForeignKey("account.key"), nullable=False),
        info=scoped(user()),
    )
    rows = rows_of(data, count=2)
    assert rows["account"] == [{"key": ACME.user}]
    assert {row["user_id"] for row in rows["note"]} == {ACME.user}


def test_circles_are_opened_where_a_column_may_be_empty(bare: Connection) -> None:
    """A tree refers to itself, two tables to each other."""
    data = metadata()
    owner = Column("organization_id", Uuid, nullable=False)
    Table(
        "folder",
        data,
        Column("id", Uuid, primary_key=True),
        owner,
        Column("parent_id", ForeignKey("folder.id")),
        info=scoped(tenant()),
    )
    team = Table(
        "team",
        data,
        Column("id", Uuid, primary_key=True),
        Column("organization_id", Uuid, nullable=False),
        Column("lead_id", Uuid),
        info=scoped(tenant()),
    )
    Table(
        "person",
        data,
        Column("id", Uuid, primary_key=True),
        Column("organization_id", Uuid, nullable=False),
        Column("team_id", ForeignKey("team.id"), nullable=False),
        info=scoped(tenant()),
    )
    team.append_constraint(ForeignKeyConstraint(["lead_id"], ["person.id"], name="team_lead", use_alter=True))
    data.create_all(bare)
    rows = rows_of(data, count=3)
    for table in (data.tables["folder"], team, data.tables["person"]):
        bare.execute(insert(table), rows[table.name])
    assert [row["lead_id"] for row in rows["team"]] == [None, None, None]
    roots, *inner = rows["folder"]
    assert roots["parent_id"] is None
    assert all(folder["parent_id"] is not None for folder in inner)


def test_a_circle_that_cannot_be_opened_is_named() -> None:
    """Each needs the other first: no row can be the first one."""
    data = metadata()
    for name, other in (("hen", "egg"), ("egg", "hen")):
        Table(
            name,
            data,
            Column("id", Uuid, primary_key=True),
            Column("organization_id", Uuid, nullable=False),
            Column(f"{other}_id", ForeignKey(f"{other}.id"), nullable=False),
            info=scoped(tenant()),
        )
    with pytest.raises(ProofError, match=r"egg\.hen_id.*hen\.egg_id|hen\.egg_id.*egg\.hen_id"):
        rows_of(data)


class Unknown(UserDefinedType[Any]):
    cache_ok = True


def unfillable(*columns: Any) -> MetaData:
    data = metadata()
    Table(
        "thing",
        data,
        Column("id", Uuid, primary_key=True),
        Column("organization_id", Uuid, nullable=False),
        *columns,
        info=scoped(tenant()),
    )
    return data


def test_a_column_of_unknown_type_is_named() -> None:
    """Never a skip: the error says which column, and what to write."""
    data = unfillable(Column("shape", Unknown, nullable=False))
    with pytest.raises(ProofError, match=r'thing\.shape.*values=\{"thing\.shape"'):
        rows_of(data)
    assert rows_of(data, values={"thing.shape": lambda random: "own"})["thing"][0]["shape"] == "own"


def test_a_column_of_unknown_type_that_may_be_empty_is_left_empty() -> None:
    """What needs no value gets none."""
    assert rows_of(unfillable(Column("shape", Unknown)))["thing"][0]["shape"] is None


def test_a_table_whose_keys_leave_no_room_is_named() -> None:
    """Reference data took the only values that there are."""
    data = unfillable(Column("flag", Boolean, nullable=False), UniqueConstraint("organization_id", "flag"))
    assert len(rows_of(data, count=5)["thing"]) == 2


def test_rows_of_users_need_a_user() -> None:
    """A principal that does not say whose the row is cannot own one."""
    data = metadata()
    Table("note", data, Column("user_id", Uuid, primary_key=True), info=scoped(user()))
    with pytest.raises(ProofError, match=r"note\.user_id"):
        rows_of(data, Principal(ACME.tenant))


def test_an_id_that_the_column_cannot_hold_is_named() -> None:
    """A text tenant does not fit a UUID column."""
    with pytest.raises(ProofError, match=r"thing\.organization_id.*'acme'"):
        rows_of(unfillable(), Principal("acme", "ann"))


def test_dates_follow_the_order_of_their_columns() -> None:
    """So that what is declared first starts first."""
    data = unfillable(Column("starts", Date, nullable=False), Column("ends", Date, nullable=False))
    (row,) = rows_of(data)["thing"]
    assert isinstance(row["starts"], date)
    assert row["starts"] < row["ends"]
