"""`catalog → values`, on real servers: what is pushed is read back, and every change does what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, Integer, Table, Uuid, create_engine, make_url, text
from sqlalchemy.pool import NullPool

import tenancy
from tenancy.schema import scoped, tenant
from tenancy.security.apply import compare, push, run
from tenancy.security.bootstrap import bootstrap_statements
from tenancy.security.canonical import canonical
from tenancy.security.catalog import read
from tenancy.security.derive import derive
from tenancy.security.diff import diff_table
from tenancy.security.roles import Roles
from tenancy.security.statements import execute
from tenancy.security.values import Grant, Policy, TableSecurity

from ..conftest import MakeDatabase, TestDatabase, embedded
from .shop import shop

ROLES = Roles()
SHOP = shop()


@pytest.fixture(scope="module")
def pushed(make_database: MakeDatabase) -> TestDatabase:
    database = make_database("catalog", extensions=())
    with database.connect("owner") as connection:
        connection.execute(text("SET ROLE tenancy_owner"))
        push(connection, [SHOP], ROLES)
        connection.commit()
    return database


@pytest.fixture
def owner(pushed: TestDatabase) -> Iterator[Connection]:
    """The owner's; nothing is kept."""
    with pushed.connect("owner") as connection:
        connection.execute(text("SET ROLE tenancy_owner"))
        yield connection


def test_what_is_pushed_is_read_back(owner: Connection) -> None:
    """The models' values and the catalog's are the same, but for PostgreSQL's spelling."""
    want = derive(SHOP)
    have = read(owner, ["shop"])

    assert canonical(owner, want, have) == have
    assert compare(owner, [SHOP], ROLES) == []


def test_any_role_may_read(pushed: TestDatabase) -> None:
    """`check` and the session look as whoever they are; the answer is the same."""
    answers = []
    for role in ("owner", "application", "system", "postgres"):
        with pushed.connect(role) as connection:
            answers.append(read(connection, ["shop"]))

    assert answers == [answers[0]] * 4


def test_the_text_does_not_depend_on_the_search_path(owner: Connection) -> None:
    """A name that the search_path finds is printed in full all the same, and the path is put back."""
    before = read(owner, ["shop"])
    owner.execute(text("SET LOCAL search_path = shop, tenancy, public"))

    assert read(owner, ["shop"]) == before
    assert owner.scalar(text("SHOW search_path")) == "shop, tenancy, public"


def test_pushing_twice_changes_nothing(owner: Connection) -> None:
    """A second push finds nothing to do."""
    before = read(owner, ["shop"])

    push(owner, [SHOP], ROLES)

    assert read(owner, ["shop"]) == before


def test_a_few_tables_only(make_database: MakeDatabase) -> None:
    """`push` of some tables leaves the others uncreated, and those are protected."""
    database = make_database("few", extensions=())
    chosen = [SHOP.tables["shop.organization"], SHOP.tables["shop.project"]]
    with database.connect("owner") as connection:
        connection.execute(text("SET ROLE tenancy_owner"))
        push(connection, [SHOP], ROLES, tables=chosen)
        have = read(connection, ["shop"]).tables

    assert {name for schema, name in have if schema == "shop"} == {"organization", "project"}
    assert all(have["shop", name].forced for name in ("organization", "project"))


def test_a_schema_that_is_not_there(owner: Connection) -> None:
    """Absent from the answer; nothing is raised."""
    assert set(read(owner, ["nowhere"]).schemas) == {"tenancy"}


def test_long_names(owner: Connection) -> None:
    """A sequence whose name PostgreSQL cuts, and one whose name was taken, are granted all the same."""
    metadata = tenancy.metadata(schema="long")
    names = ["t" * 60, "t" * 59 + "u", "é" * 31]
    for name in names:
        columns = [Column("n" * 55, Integer, primary_key=True), Column("organization_id", Uuid, nullable=False)]
        Table(name, metadata, *columns, info=scoped(tenant()))

    push(owner, [metadata], ROLES)

    assert compare(owner, [metadata], ROLES) == []


def test_every_helper_is_inlined_or_raises(pushed: TestDatabase) -> None:
    """Without a tenant TN001, without a user TN002, also where the setting was local in an earlier transaction."""
    with pushed.connect("application") as connection:
        for _ in range(2):
            for name in derive(SHOP).functions:
                if name.startswith("current") and "if_set" not in name:
                    savepoint = connection.begin_nested()
                    with pytest.raises(Exception, match=r"no (tenant|user) is set") as caught:
                        connection.execute(text(f"SELECT tenancy.{name}()"))
                    expected = "TN001" if "tenant" in name else "TN002"
                    assert getattr(caught.value, "orig", caught.value).sqlstate == expected
                    savepoint.rollback()
            connection.execute(text("SET LOCAL app.tenant_id = '1'; SET LOCAL app.user_id = '2'"))
            assert connection.scalar(text("SELECT tenancy.current_tenant_bigint()")) == 1
            assert connection.scalar(text("SELECT tenancy.current_user_id_text()")) == "2"
            assert connection.scalar(text("SELECT tenancy.current_tenant_if_set_text()")) == "1"
            connection.commit()


# --- each change on a real server -------------------------------------------------------------------------------------

_policies = st.builds(
    Policy,
    name=st.sampled_from(["a", "b", 'odd "name" 100%']),
    command=st.sampled_from(["ALL", "SELECT", "INSERT", "UPDATE", "DELETE"]),
    permissive=st.booleans(),
    roles=st.sampled_from([("public",), ("tenancy_app",), ("tenancy_app", "tenancy_system")]),
    using=st.none() | st.sampled_from(["true", "(organization_id = tenancy.current_tenant())"]),
    check=st.none() | st.sampled_from(["false", "((name)::text ~~ '%:x'::text)"]),
).map(
    lambda policy: replace(
        policy,
        # INSERT has no USING; SELECT and DELETE have no WITH CHECK; and PostgreSQL wants one of both.
        using=None if policy.command == "INSERT" else policy.using or "true",
        check=None if policy.command in {"SELECT", "DELETE"} else policy.check or "true",
    )
)
_grants = st.builds(
    Grant,
    grantee=st.sampled_from(["tenancy_app", "pg_monitor"]),
    privilege=st.sampled_from(["SELECT", "INSERT", "UPDATE"]),
    column=st.none() | st.sampled_from(["id", "name"]),
    grantable=st.booleans(),
)


@st.composite
def protections(draw: st.DrawFn) -> TableSecurity:
    """Of the shop's table `project`."""
    granted = draw(st.lists(_grants, max_size=5, unique_by=lambda grant: replace(grant, grantable=False)))
    # A privilege on the table is one on every column: PostgreSQL takes both back together.
    whole = {(grant.grantee, grant.privilege) for grant in granted if grant.column is None}
    kept = [grant for grant in granted if grant.column is None or (grant.grantee, grant.privilege) not in whole]
    policies = draw(st.lists(_policies, max_size=3, unique_by=lambda policy: policy.name))
    return TableSecurity(
        "shop", "project", draw(st.booleans()), draw(st.booleans()), frozenset(policies), frozenset(kept)
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=protections(), second=protections())
def test_the_changes_do_on_a_server_what_they_say(
    owner: Connection, first: TableSecurity, second: TableSecurity
) -> None:
    """From any protection to any other and back; read from the catalog after each step."""

    def installed() -> TableSecurity:
        return read(owner, ["shop"]).tables["shop", "project"]

    savepoint = owner.begin_nested()
    try:
        run(owner, diff_table(first, installed()))
        assert installed() == first
        changes = diff_table(second, first)
        run(owner, changes)
        assert installed() == second
        run(owner, [change.reverse() for change in reversed(changes)])
        assert installed() == first
    finally:
        savepoint.rollback()


@pytest.mark.parametrize("version", [15, 16])
def test_older_servers(version: int) -> None:
    """The same on the oldest server that is supported; pgvector is not needed for it."""
    with embedded(version) as server:
        url = make_url(server.url()).set(drivername="postgresql+psycopg")
        engine = create_engine(url, poolclass=NullPool)
        with engine.connect() as connection:
            for _ in range(2):
                for statement in bootstrap_statements("postgres", ROLES, logins=True):
                    execute(connection, statement)
            connection.execute(text("SET ROLE tenancy_owner"))
            push(connection, [SHOP], ROLES)
            assert compare(connection, [SHOP], ROLES) == []
            assert canonical(connection, derive(SHOP), read(connection, ["shop"])) == read(connection, ["shop"])
        engine.dispose()
