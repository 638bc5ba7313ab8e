"""Data migrations under FORCE: for each tenant, as the system, or refused with the lines to write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, Table, text
from sqlalchemy.pool import NullPool

from tenancy import Settings
from tenancy.errors import UnscopedStatement
from tenancy.migrations import environment, setup
from tenancy.migrations.guard import refusing_unscoped_statements
from tenancy.security.apply import push
from tenancy.security.roles import Roles
from tenancy.session.owner import as_owner, owner_engine

from ..conftest import MakeDatabase, TestDatabase
from ..security.shop import shop

SHOP = shop()
ROLES = Roles()
ORGANIZATION = SHOP.tables["shop.organization"]
PROJECT = SHOP.tables["shop.project"]
COUNTRY = SHOP.tables["shop.country"]
A, B = UUID(int=0xA), UUID(int=0xB)

Body = Callable[[Any], object]
Migrate = Callable[[Body], None]


@pytest.fixture(scope="module")
def database(make_database: MakeDatabase) -> TestDatabase:
    """Two organizations with two and three projects, and a tenant-scoped table without rows."""
    database = make_database("data", extensions=())
    with database.connect("owner") as connection:
        connection.execute(text("SET ROLE tenancy_owner"))
        push(connection, [SHOP], ROLES)
        connection.commit()
    with database.connect() as connection:
        connection.execute(ORGANIZATION.insert(), [{"id": A, "name": "A"}, {"id": B, "name": "B"}])
        projects = [{"organization_id": owner, "name": f"project {n}"} for n, owner in enumerate([A, A, B, B, B])]
        connection.execute(PROJECT.insert(), projects)
        # With statistics PostgreSQL asks the policy's helper when it plans, and not only when a row is reached.
        connection.execute(text("ANALYZE"))
        connection.commit()
    return database


@pytest.fixture(params=["asyncpg", "psycopg"])
def migrate(request: pytest.FixtureRequest, database: TestDatabase) -> Iterator[Migrate]:
    """Runs the body of a migration as the owner, guarded as `run()` does it, and rolls it back."""

    def work(connection: Connection, body: Body) -> None:
        setup()
        privileged = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert connection.scalar(privileged) is False
        context = MigrationContext.configure(connection, opts=environment._options([SHOP], database.settings))
        with refusing_unscoped_statements(connection, [ORGANIZATION], ROLES), Operations.context(context) as op:
            body(op)
        connection.rollback()

    async def by_asyncpg(body: Body) -> None:
        engine = owner_engine(database.settings, poolclass=NullPool)
        async with engine.connect() as connection:
            await connection.run_sync(as_owner, database.settings)
            await connection.run_sync(work, body)
        await engine.dispose()

    def by_psycopg(body: Body) -> None:
        with database.connect("owner") as connection:
            as_owner(connection, database.settings)
            work(connection, body)

    if request.param == "asyncpg":
        yield lambda body: asyncio.run(by_asyncpg(body))
    else:
        yield by_psycopg


def names(op: Any) -> list[str]:
    return sorted(op.get_bind().scalars(text("SELECT name FROM shop.project")))


def test_for_each_tenant_sees_its_rows_only(migrate: Migrate) -> None:
    """Each round of the loop has the rows of one tenant: UPDATE without WHERE touches no other's."""

    def body(op: Any) -> None:
        seen = {}
        for organization_id in op.for_each_tenant("organization", schema="shop"):
            updated = op.get_bind().execute(PROJECT.update().values(name=str(organization_id)))
            seen[organization_id] = (updated.rowcount, names(op))
        assert seen == {A: (2, [str(A)] * 2), B: (3, [str(B)] * 3)}

    migrate(body)


def test_for_each_tenant_takes_text(migrate: Migrate) -> None:
    """`op.execute` in the loop runs plain SQL, for the loop's tenant."""

    def body(op: Any) -> None:
        for organization_id in op.for_each_tenant("organization", schema="shop"):
            op.execute("UPDATE shop.project SET name = name || '!'")
            op.bulk_insert(PROJECT, [{"id": organization_id, "organization_id": organization_id, "name": "new"}])
        with op.as_system():
            assert names(op) == ["new", "new", *(f"project {n}!" for n in range(5))]

    migrate(body)


def test_the_setting_is_forgotten_after_the_loop(migrate: Migrate) -> None:
    """What follows the loop belongs to no tenant, also after `break` and after an error that somebody caught."""

    def tenant(op: Any) -> str | None:
        value: str | None = op.get_bind().scalar(text("SELECT NULLIF(current_setting('app.tenant_id', true), '')"))
        return value

    def body(op: Any) -> None:
        for _ in op.for_each_tenant("organization", schema="shop"):
            pass
        assert tenant(op) is None
        for organization_id in op.for_each_tenant("organization", schema="shop"):
            assert tenant(op) == str(organization_id)
            break
        assert tenant(op) is None
        with pytest.raises(ZeroDivisionError):
            divide_in_the_loop(op)
        assert tenant(op) is None
        with pytest.raises(UnscopedStatement):
            op.execute("UPDATE shop.project SET name = 'x'")

    def divide_in_the_loop(op: Any) -> None:
        for _ in op.for_each_tenant("organization", schema="shop"):
            raise ZeroDivisionError

    migrate(body)


def test_loops_may_stand_in_each_other(migrate: Migrate) -> None:
    """The outer loop's tenant is back after the inner loop."""

    def body(op: Any) -> None:
        rounds = []
        for outer in op.for_each_tenant("organization", schema="shop"):
            inner = [(tenant, len(names(op))) for tenant in op.for_each_tenant("organization", schema="shop")]
            rounds.append((outer, inner, len(names(op))))
        assert rounds == [(A, [(A, 2), (B, 3)], 2), (B, [(A, 2), (B, 3)], 3)]

    migrate(body)


def test_a_database_error_in_the_loop_is_the_error_that_is_raised(migrate: Migrate) -> None:
    """The clean-up after a failed statement neither hides its error nor adds another."""

    def body(op: Any) -> None:
        for _ in op.for_each_tenant("organization", schema="shop"):
            op.execute("UPDATE shop.project SET name = 1 / (length(name) - length(name))::text")

    with pytest.raises(sa.exc.DBAPIError) as caught:
        migrate(body)
    assert getattr(caught.value.orig, "sqlstate", None) in {"22012", "42883"}

    def as_system(op: Any) -> None:
        with op.as_system():
            op.execute("SELECT 1 / 0")

    with pytest.raises(sa.exc.DBAPIError, match="division by zero"):
        migrate(as_system)


def test_as_system_sees_all_rows(migrate: Migrate) -> None:
    """One statement for the rows of all tenants; afterwards the owner is the owner again, also after an error."""

    def role(op: Any) -> str:
        return str(op.get_bind().scalar(text("SELECT current_user")))

    def body(op: Any) -> None:
        with op.as_system():
            assert role(op) == "tenancy_system"
            assert op.get_bind().execute(PROJECT.update().values(name="x")).rowcount == 5
            op.execute("DELETE FROM shop.project")
        assert role(op) == "tenancy_owner"
        with pytest.raises(ZeroDivisionError), op.as_system():
            raise ZeroDivisionError
        assert role(op) == "tenancy_owner"
        with pytest.raises(UnscopedStatement):
            op.execute("DELETE FROM shop.project")

    migrate(body)


def test_for_each_tenant_inside_as_system_is_refused(migrate: Migrate) -> None:
    """As the system each round would change the rows of all tenants."""

    def body(op: Any) -> None:
        with op.as_system(), pytest.raises(UnscopedStatement, match="tenancy_system"):
            list(op.for_each_tenant("organization", schema="shop"))

    migrate(body)


UNSCOPED_TEXT = [
    "INSERT INTO shop.project (id, organization_id, name) SELECT gen_random_uuid(), id, 'x' FROM shop.organization",
    "update shop.project set name = 'x'",
    "UPDATE ONLY shop.project AS p SET name = 'x' WHERE p.name = 'project 1'",
    "DELETE FROM shop.project",
    "MERGE INTO shop.project USING (VALUES (1)) AS v (n) ON name = 'x' WHEN MATCHED THEN UPDATE SET name = 'y'",
    "WITH gone AS (DELETE FROM shop.project RETURNING id) SELECT count(*) FROM gone",
    "WITH new AS (SELECT 'x' AS name) UPDATE shop.project SET name = new.name FROM new",
    "\n  -- first a comment\n  /* and /* a nested */ one */ UPDATE shop.project SET name = 'x'",
    "-- a comment: DELETE FROM shop.country\nDELETE FROM shop.project WHERE name LIKE '%x'",
    "DELETE FROM shop.project USING shop.task WHERE task.project_id = project.id",
    "INSERT INTO shop.project SELECT * FROM shop.project ON CONFLICT DO NOTHING",
]


@pytest.mark.parametrize("statement", UNSCOPED_TEXT)
def test_plain_sql_is_refused(migrate: Migrate, statement: str) -> None:
    """PostgreSQL says which tables the text would modify; a comment or a CTE hides nothing."""

    def body(op: Any) -> None:
        with pytest.raises(UnscopedStatement, match=r"shop\.project, which is under FORCE"):
            op.execute(statement)
        # The transaction goes on: the refusal comes before the statement.
        assert op.get_bind().scalar(text("SELECT 1")) == 1

    migrate(body)


UNSCOPED = {
    "insert": PROJECT.insert().values(id=A, organization_id=A, name="x"),
    "update": PROJECT.update().values(name="x").where(PROJECT.c.name == "project 1"),
    "delete": PROJECT.delete(),
    "insert from select": PROJECT.insert().from_select(["id", "organization_id", "name"], sa.select(PROJECT)),
    "delete in a CTE of a select": sa.select(PROJECT.delete().returning(PROJECT.c.id).cte("gone")),
    "delete in a CTE of an insert": COUNTRY.insert().from_select(
        ["code"], sa.select(PROJECT.delete().returning(PROJECT.c.name).cte("gone"))
    ),
    "text with parameters": text("UPDATE shop.project SET name = :name WHERE organization_id = :tenant").bindparams(
        name="it's :odd %", tenant=A
    ),
}


@pytest.mark.parametrize("name", UNSCOPED)
def test_constructs_are_refused(migrate: Migrate, name: str) -> None:
    """Core statements, alone and in one another, and text with parameters."""

    def body(op: Any) -> None:
        with pytest.raises(UnscopedStatement, match=r"shop\.project"):
            op.execute(UNSCOPED[name])
        with pytest.raises(UnscopedStatement, match=r"shop\.project"):
            op.get_bind().execute(UNSCOPED[name])

    migrate(body)


def test_many_rows_are_refused(migrate: Migrate) -> None:
    """`op.bulk_insert` and `executemany` are statements like others."""

    def body(op: Any) -> None:
        rows = [{"id": UUID(int=n), "organization_id": A, "name": "x"} for n in range(3)]
        with pytest.raises(UnscopedStatement, match=r"shop\.project"):
            op.bulk_insert(PROJECT, rows)
        with pytest.raises(UnscopedStatement, match=r"shop\.project"):
            op.get_bind().execute(text("UPDATE shop.project SET name = :name WHERE id = :id"), rows)

    migrate(body)


def test_empty_tables_are_no_excuse(migrate: Migrate) -> None:
    """The test database has no rows, production has: the refusal does not wait for a row."""

    def body(op: Any) -> None:
        for statement in ("UPDATE shop.task SET status = 'done'", SHOP.tables["shop.event"].delete()):
            with pytest.raises(UnscopedStatement, match=r"shop\.(task|event)"):
                op.execute(statement)

    migrate(body)


def test_tables_of_users_and_children_are_refused_as_well(migrate: Migrate) -> None:
    """Whatever the scope is: the table is under FORCE."""

    def body(op: Any) -> None:
        for name in ("preference", "credit", "step", "Order"):
            with pytest.raises(UnscopedStatement, match=rf"shop\.{name}"):
                op.execute(f'DELETE FROM shop."{name}"')

    migrate(body)


def test_the_refusal_has_the_lines_to_write(migrate: Migrate) -> None:
    """With the real table of the tenants, so that they can be pasted."""

    def body(op: Any) -> None:
        with pytest.raises(UnscopedStatement) as caught:
            op.execute("UPDATE shop.project SET name = 'x'")
        assert str(caught.value) == (
            "`UPDATE shop.project SET name = 'x' …` would change rows of shop.project, which is under FORCE ROW LEVEL "
            "SECURITY: without a tenant it fails, or changes nothing and reports success. Say whose rows you mean. "
            "For each tenant by itself:\n\n"
            '    for tenant in op.for_each_tenant("organization", schema="shop"):\n'
            "        op.execute(...)\n\n"
            "or for all rows at once:\n\n"
            "    with op.as_system():\n"
            "        op.execute(...)\n"
        )

    migrate(body)


def test_what_is_not_protected_passes(migrate: Migrate) -> None:
    """Shared, private and unscoped tables are the owner's to change, and reading is no change."""

    def body(op: Any) -> None:
        op.execute("CREATE TABLE shop.plain (n integer)")
        op.execute("INSERT INTO shop.plain SELECT 1")
        op.execute(COUNTRY.insert().values(code="CH"))
        op.execute("UPDATE shop.country SET code = 'LI' WHERE code LIKE '%H'")
        op.execute("DELETE FROM shop.sign_in")
        op.execute("WITH one AS (SELECT 1 AS n) INSERT INTO shop.plain SELECT n FROM one")
        op.execute("WITH one AS (SELECT 1 AS n) SELECT n FROM one")
        op.execute("SELECT 'UPDATE shop.project SET name = 1'")
        op.execute("/* UPDATE shop.project */ COMMENT ON TABLE shop.project IS 'DELETE FROM shop.project'")
        assert op.get_bind().scalar(text("SELECT count(*) FROM shop.plain")) == 2

    migrate(body)


def test_a_wrong_statement_says_so_in_its_own_words(migrate: Migrate) -> None:
    """The guard adds nothing to a mistake in SQL."""
    with pytest.raises(sa.exc.DBAPIError, match=r"shop\.nothing"):
        migrate(lambda op: op.execute("UPDATE shop.nothing SET name = 'x'"))
    with pytest.raises(sa.exc.DBAPIError, match="syntax error"):
        migrate(lambda op: op.execute("UPDATE UPDATE"))


def test_a_foreign_key_is_not_checked_against_no_rows(migrate: Migrate) -> None:
    """Under FORCE the owner's check of a new key sees nothing; the refusal says how to take FORCE off meanwhile."""

    def body(op: Any) -> None:
        def create_key() -> None:
            op.create_foreign_key(
                "again", "task", "project", ["project_id"], ["id"], source_schema="shop", referent_schema="shop"
            )

        with pytest.raises(UnscopedStatement) as caught:
            create_key()
        lines = [line.strip() for line in str(caught.value).splitlines() if line.startswith("    ")]
        assert lines == [
            'op.no_force_row_security("task", schema="shop")',
            'op.no_force_row_security("project", schema="shop")',
            "op.create_foreign_key(...)",
            'op.force_row_security("task", schema="shop")',
            'op.force_row_security("project", schema="shop")',
        ]
        for line in lines:
            exec(line.replace("op.create_foreign_key(...)", "create_key()"), {"op": op, "create_key": create_key})

    migrate(body)


def test_tenant_ids_of_any_text(make_database: MakeDatabase) -> None:
    """A tenant id with a colon, a quote, a backslash and a percent sign is a tenant like others."""
    database = make_database("text", extensions=())
    ids = ["acme:eu", "it's", "back\\slash", "100%", "$1 ; --"]
    setup()
    with database.connect("owner") as connection:
        as_owner(connection, database.settings)
        metadata = text_tenants()
        push(connection, [metadata], ROLES)
        context = MigrationContext.configure(connection, opts=environment._options([metadata], Settings()))
        with Operations.context(context) as op:
            with op.as_system():
                op.bulk_insert(metadata.tables["org"], [{"id": one} for one in ids])
            loop = op.for_each_tenant("org")
            seen = {tenant: connection.scalars(sa.select(metadata.tables["org"].c.id)).all() for tenant in loop}

    assert seen == {one: [one] for one in ids}


def text_tenants() -> sa.MetaData:
    import tenancy

    metadata = tenancy.metadata(tenant_type=sa.Text)
    Table("org", metadata, sa.Column("id", sa.Text, primary_key=True), info=tenancy.scoped(tenancy.tenant("id")))
    return metadata
