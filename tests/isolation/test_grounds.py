"""Both grounds of the proof: one rolled-back transaction, and committed rows with attackers who log in as services."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text

from tenancy import Database
from tenancy.errors import ProofError
from tenancy.prove import Report, all_attacks, prove
from tenancy.reference.trovella import Base
from tenancy.security.apply import compare, run
from tenancy.security.roles import Roles
from tenancy.session.owner import as_owner

from ..conftest import PASSWORD, MakeDatabase, TestDatabase

PLAN = "trovella.research_plan"


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


async def proof_of(
    scratch: TestDatabase, *tables: str, login: str = "application", owner: str = "postgres", commit: bool = False
) -> Report:
    settings = scratch.settings.model_copy(update={"database_url": scratch.url(login)})
    # Not entered: entering connects, and would refuse an unsafe role before the proof can.
    database = Database(settings)
    try:
        return await prove(database, Base.metadata, commit=commit, owner_url=scratch.url(owner), tables=tables or None)
    finally:
        await database.close()


def administer(scratch: TestDatabase, *statements: str) -> None:
    with scratch.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()


def rows(scratch: TestDatabase) -> int:
    with scratch.connect() as connection:
        names = [f'{table.schema}."{table.name}"' for table in Base.metadata.sorted_tables]
        return sum(connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in names)


@pytest.mark.parametrize("commit", [False, True], ids=["rolled back", "committed"])
@pytest.mark.parametrize("owner", ["postgres", "owner"])
async def test_nothing_broken_is_green_and_no_row_stays(scratch: TestDatabase, owner: str, commit: bool) -> None:
    """As an administrator and as a login of the owner's, on either ground."""
    report = await proof_of(scratch, owner=owner, commit=commit)
    assert report.held, str(report)
    left_out = {attack.name for attack in all_attacks() if attack.committed}
    assert set(report.left_out) == (set() if commit else left_out)
    assert report.role == "tenancy_app_login"
    assert rows(scratch) == 0


@pytest.mark.parametrize("commit", [False, True], ids=["rolled back", "committed"])
@pytest.mark.parametrize("owner", ["postgres", "owner"])
@pytest.mark.usefixtures("heal")
async def test_what_is_broken_turns_either_ground_red(scratch: TestDatabase, owner: str, commit: bool) -> None:
    """And the rows are gone all the same."""
    administer(scratch, f"ALTER TABLE {PLAN} DISABLE ROW LEVEL SECURITY")
    report = await proof_of(scratch, PLAN, owner=owner, commit=commit)
    assert {"select", "insert", "owner", "copy_from", "raw_sql"} <= {leak.attack for leak in report.leaks}
    assert rows(scratch) == 0


async def test_existing_rows_stay_as_they_are(scratch: TestDatabase) -> None:
    """The proof may run beside customers' data."""
    administer(
        scratch, "INSERT INTO trovella.organization (id, name, slug, created_at) VALUES ('kept', 'Kept', 'kept', now())"
    )
    query = text("SELECT xmin, ctid, * FROM trovella.organization")
    try:
        with scratch.connect() as connection:
            before = connection.execute(query).all()
        for commit in (False, True):
            assert (await proof_of(scratch, "trovella.organization", commit=commit)).held
        with scratch.connect() as connection:
            assert connection.execute(query).all() == before
    finally:
        administer(scratch, "DELETE FROM trovella.organization")


async def test_a_login_without_the_roles_says_which_it_needs(scratch: TestDatabase) -> None:
    """The rolled-back ground is entered as all three roles."""
    with pytest.raises(ProofError, match="GRANT tenancy_app, tenancy_owner TO tenancy_system_login"):
        await proof_of(scratch, PLAN, owner="system")


@pytest.fixture
async def login(scratch: TestDatabase) -> AsyncIterator[str]:
    """A service's login role, as the README tells to make one."""
    name = f"service_{secrets.token_hex(4)}"
    administer(scratch, f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' IN ROLE tenancy_app")
    yield name
    administer(scratch, f"REASSIGN OWNED BY {name} TO tenancy_owner", f"DROP ROLE {name}")


@pytest.mark.parametrize("commit", [False, True], ids=["rolled back", "committed"])
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
async def test_a_privileged_role_makes_no_proof(
    scratch: TestDatabase, login: str, privilege: str, commit: bool
) -> None:
    """As a role that row-level security does not hold, every attack would tell nothing."""
    administer(scratch, privilege.format(login=login))
    with pytest.raises(ProofError, match="prove nothing"):
        await proof_of(scratch, PLAN, login=login, commit=commit)
    administer(scratch, f"ALTER TABLE {PLAN} OWNER TO tenancy_owner")


@pytest.mark.parametrize("commit", [False, True], ids=["rolled back", "committed"])
async def test_a_login_of_the_application_role_makes_a_proof(scratch: TestDatabase, login: str, commit: bool) -> None:
    """What the refusals above compare with."""
    assert (await proof_of(scratch, PLAN, login=login, commit=commit)).held


async def test_a_role_that_is_raised_later_is_noticed(scratch: TestDatabase, login: str) -> None:
    """`Database` looks at a role when it connects; the proof looks again."""
    settings = scratch.settings.model_copy(update={"database_url": scratch.url(login)})
    async with Database(settings) as database:
        administer(scratch, f"ALTER ROLE {login} BYPASSRLS")
        with pytest.raises(ProofError, match="BYPASSRLS"):
            await prove(database, Base.metadata, owner_url=scratch.url("postgres"), tables=[PLAN])
