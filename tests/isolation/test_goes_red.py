"""The proof is not vacuous: each wall that is taken away turns it red, on that table and for that reason."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from tenancy import Database
from tenancy.errors import ProofError
from tenancy.prove import Report, prove
from tenancy.reference.trovella import Base
from tenancy.security.apply import compare, run
from tenancy.security.roles import Roles
from tenancy.session.owner import as_owner

from ..conftest import PASSWORD, MakeDatabase, TestDatabase

PLAN, ROOT, SESSION, USAGE, SHARED, PRIVATE = (
    f"trovella.{name}" for name in ("research_plan", "organization", "session", "ai_usage", "ai_model", "verification")
)
TRUE = "USING (true) WITH CHECK (true)"


@dataclass(frozen=True)
class Mutation:
    """One thing broken; `{table}` and `{name}` stand for the table with and without its schema."""

    name: str
    sql: str
    #: The attacks that must notice; none where the table is then of no use to anyone.
    caught_by: tuple[str, ...]
    tables: tuple[str, ...] = (PLAN, ROOT, SESSION)


MUTATIONS = [
    # A policy dropped closes the table to its owner: that is not isolation, and no proof of it can be made.
    *(
        Mutation(f"drop_{command}", f"DROP POLICY {{name}}_{command} ON {{table}}", ())
        for command in ("select", "insert", "update", "delete")
    ),
    Mutation("widen_select", "ALTER POLICY {name}_select ON {table} USING (true)", ("guard_lost",)),
    Mutation("widen_insert", "ALTER POLICY {name}_insert ON {table} WITH CHECK (true)", ("guard_lost",)),
    Mutation("widen_update", f"ALTER POLICY {{name}}_update ON {{table}} {TRUE}", ("guard_lost",)),
    Mutation("widen_update_using", "ALTER POLICY {name}_update ON {table} USING (true)", ("guard_lost",)),
    Mutation("widen_update_check", "ALTER POLICY {name}_update ON {table} WITH CHECK (true)", ("guard_lost",)),
    Mutation("widen_delete", "ALTER POLICY {name}_delete ON {table} USING (true)", ("guard_lost",)),
    Mutation("drop_guard", "DROP POLICY {name}_guard ON {table}", ("guard",)),
    Mutation("widen_guard", f"ALTER POLICY {{name}}_guard ON {{table}} {TRUE}", ("guard",)),
    Mutation("widen_guard_check", "ALTER POLICY {name}_guard ON {table} WITH CHECK (true)", ("guard",)),
    Mutation("guard_for_the_owner_only", "ALTER POLICY {name}_guard ON {table} TO tenancy_owner", ("guard",)),
    Mutation("guard_for_the_application_only", "ALTER POLICY {name}_guard ON {table} TO tenancy_app", ("guard",)),
    Mutation(
        "permissive_without_guard",
        f"DROP POLICY {{name}}_guard ON {{table}}; CREATE POLICY report ON {{table}} {TRUE}",
        ("select", "raw_sql", "delete", "update", "insert"),
    ),
    Mutation("no_force", "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY", ("owner",)),
    Mutation("disable", "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY", ("select", "insert", "owner", "copy_from")),
    Mutation("truncate_granted", "GRANT TRUNCATE ON {table} TO tenancy_app", ("truncate",)),
    Mutation("all_granted", "GRANT ALL ON {table} TO tenancy_app", ("truncate",), (PLAN, USAGE, SHARED, PRIVATE)),
    Mutation("update_granted", "GRANT UPDATE ON {table} TO tenancy_app", ("update",), (USAGE, SHARED)),
    Mutation("delete_granted", "GRANT DELETE ON {table} TO tenancy_app", ("delete",), (USAGE, SHARED)),
    Mutation("insert_granted", "GRANT INSERT ON {table} TO tenancy_app", ("insert",), (SHARED,)),
    Mutation("select_granted", "GRANT SELECT ON {table} TO tenancy_app", ("select",), (PRIVATE,)),
    Mutation(
        "blind_update",
        f"DROP POLICY {{name}}_guard ON {{table}}; ALTER POLICY {{name}}_update ON {{table}} {TRUE}",
        ("raw_sql",),
    ),
    Mutation(
        "blind_delete",
        "DROP POLICY {name}_guard ON {table}; ALTER POLICY {name}_delete ON {table} USING (true)",
        ("raw_sql",),
    ),
    Mutation(
        "blind_insert",
        "DROP POLICY {name}_guard ON {table}; ALTER POLICY {name}_insert ON {table} WITH CHECK (true)",
        ("insert",),
        (PLAN, ROOT, SESSION, USAGE),
    ),
    Mutation(
        "blind_move",
        "DROP POLICY {name}_guard ON {table}; ALTER POLICY {name}_update ON {table} WITH CHECK (true)",
        ("move",),
    ),
    Mutation(
        "everything_without_a_tenant",
        "DROP POLICY {name}_guard ON {table}; ALTER POLICY {name}_select ON {table} "
        "USING (organization_id = COALESCE(NULLIF(current_setting('app.tenant_id', true), ''), organization_id))",
        ("no_tenant", "empty_tenant"),
        (PLAN, USAGE),
    ),
    Mutation(
        "silence_without_a_tenant",
        "DROP POLICY {name}_guard ON {table}; ALTER POLICY {name}_select ON {table} "
        "USING (organization_id = NULLIF(current_setting('app.tenant_id', true), ''))",
        ("no_tenant", "empty_tenant"),
        (PLAN, USAGE),
    ),
    Mutation(
        "a_shared_tenant_without_a_name",
        "DROP POLICY {name}_guard ON {table}; ALTER POLICY {name}_select ON {table} "
        "USING (organization_id = current_setting('app.tenant_id', true))",
        ("empty_tenant",),
        (PLAN, USAGE),
    ),
    Mutation(
        "case_does_not_matter",
        "DROP POLICY {name}_guard ON {table}; ALTER POLICY {name}_select ON {table} "
        "USING (lower(organization_id) = lower(tenancy.current_tenant_text()))",
        ("hostile_tenant",),
        (PLAN, USAGE),
    ),
    Mutation(
        "only_the_first_letters_matter",
        "DROP POLICY {name}_guard ON {table}; ALTER POLICY {name}_select ON {table} "
        "USING (organization_id = tenancy.current_tenant_text()::varchar(24))",
        ("hostile_tenant",),
        (PLAN, USAGE),
    ),
]

CASES = [pytest.param(one, table, id=f"{one.name}[{table}]") for one in MUTATIONS for table in one.tables]


@pytest.fixture(scope="module")
def scratch(make_database: MakeDatabase, migrated_template: TestDatabase) -> TestDatabase:
    return make_database("scratch", template=migrated_template)


@pytest.fixture
def heal(scratch: TestDatabase) -> Iterator[None]:
    """What a test breaks is mended by what the models ask for."""
    yield
    with scratch.connect("owner") as connection:
        as_owner(connection, scratch.settings)
        run(connection, compare(connection, [Base.metadata], Roles()))

        connection.commit()


async def proof_of(scratch: TestDatabase, *tables: str, login: str = "application") -> Report:
    settings = scratch.settings.model_copy(update={"database_url": scratch.url(login)})
    # Not entered: entering connects, and would refuse an unsafe role before the proof can.
    database = Database(settings)
    try:
        return await prove(database, Base.metadata, owner_url=scratch.url("postgres"), tables=tables)
    finally:
        await database.close()


def administer(scratch: TestDatabase, *statements: str) -> None:
    with scratch.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()


async def test_nothing_broken_is_green(scratch: TestDatabase) -> None:
    """So that what turns red below turns red by what was broken; and no row stays behind."""
    report = await proof_of(scratch, *{table for mutation in MUTATIONS for table in mutation.tables})
    assert report.held, str(report)
    with scratch.connect() as connection:
        for table in Base.metadata.sorted_tables:
            assert connection.scalar(text(f'SELECT count(*) FROM {table.schema}."{table.name}"')) == 0


@pytest.mark.parametrize("mutation, table", CASES)
@pytest.mark.usefixtures("heal")
async def test_what_is_broken_turns_the_proof_red(scratch: TestDatabase, mutation: Mutation, table: str) -> None:
    """A leak is reported by the attack that is for it; a table of no use to its own tenant proves nothing."""
    name = table.partition(".")[2]
    administer(scratch, mutation.sql.format(table=table, name=name))
    if not mutation.caught_by:
        with pytest.raises(ProofError, match=table):
            await proof_of(scratch, table)
        return
    report = await proof_of(scratch, table)
    assert not report.held
    assert {leak.attack for leak in report.leaks} >= set(mutation.caught_by), str(report)


KEYS = {
    "trovella.plan_step": ("plan_step_plan_id_research_plan_id_fk", "plan_id", "research_plan"),
    "trovella.ai_usage": ("ai_usage_batch_id_ai_batch_id_fk", "batch_id", "ai_batch"),
    "trovella.ai_call_details": ("ai_call_details_usage_id_ai_usage_id_fk", "usage_id", "ai_usage"),
}


@pytest.mark.parametrize("table", KEYS)
async def test_a_key_without_the_tenant_turns_the_proof_red(scratch: TestDatabase, table: str) -> None:
    """A single-column key accepts any tenant's parent, whatever the policies say."""
    constraint, column, parent = KEYS[table]
    with scratch.connect() as connection:
        query = text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name")
        before = connection.scalar(query, {"name": constraint})
    drop = f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"'
    add = f'ALTER TABLE {table} ADD CONSTRAINT "{constraint}"'
    administer(scratch, drop, f"{add} FOREIGN KEY ({column}) REFERENCES trovella.{parent} (id)")
    try:
        report = await proof_of(scratch, table)
    finally:
        administer(scratch, drop, f"{add} {before}")
    assert [leak.attack for leak in report.leaks] == ["foreign_key"], str(report)


@pytest.fixture
async def login(scratch: TestDatabase) -> AsyncIterator[str]:
    """A service's login role, as the README tells to make one."""
    name = f"service_{secrets.token_hex(4)}"
    administer(scratch, f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' IN ROLE tenancy_app")
    yield name
    administer(scratch, f"REASSIGN OWNED BY {name} TO tenancy_owner", f"DROP ROLE {name}")


@pytest.mark.parametrize(
    "privilege",
    [
        "ALTER ROLE {login} SUPERUSER",
        "ALTER ROLE {login} BYPASSRLS",
        "ALTER ROLE {login} CREATEROLE",
        "GRANT tenancy_system TO {login}",
        "GRANT tenancy_owner TO {login}",
        f"ALTER TABLE {PLAN} OWNER TO {{login}}",
        f"ALTER TABLE {PLAN} OWNER TO {{login}}; ALTER TABLE {PLAN} DISABLE ROW LEVEL SECURITY",
    ],
)
@pytest.mark.usefixtures("heal")
async def test_a_privileged_role_makes_no_proof(scratch: TestDatabase, login: str, privilege: str) -> None:
    """As a role that row-level security does not hold, every attack would tell nothing."""
    administer(scratch, privilege.format(login=login))
    with pytest.raises(ProofError, match="prove nothing"):
        await proof_of(scratch, PLAN, login=login)
    administer(scratch, "ALTER TABLE trovella.research_plan OWNER TO tenancy_owner")


async def test_a_login_of_the_application_role_makes_a_proof(scratch: TestDatabase, login: str) -> None:
    """What the refusals above compare with."""
    assert (await proof_of(scratch, PLAN, login=login)).held


async def test_a_role_that_is_raised_later_is_noticed(scratch: TestDatabase, login: str) -> None:
    """`Database` looks at a role when it connects; the proof looks again."""
    settings = scratch.settings.model_copy(update={"database_url": scratch.url(login)})
    async with Database(settings) as database:
        administer(scratch, f"ALTER ROLE {login} BYPASSRLS")
        with pytest.raises(ProofError, match="BYPASSRLS"):
            await prove(database, Base.metadata, owner_url=scratch.url("postgres"), tables=[PLAN])
