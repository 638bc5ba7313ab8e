"""The repository's branches: up, down and up again, each alone and together, by connection and as a script."""

from __future__ import annotations

import io
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from tenancy.reference import agenthifive, codebuff, connectors, mutate, trovella
from tenancy.security.apply import compare
from tenancy.security.roles import Roles

from ..conftest import MakeDatabase, TestDatabase
from .revision import autogenerate
from .snapshot import Snapshot, differences, snapshot

BRANCHES = ("agenthifive", "codebuff", "connectors", "mutate", "trovella")
METADATA = [one.Base.metadata for one in (agenthifive, codebuff, connectors, mutate, trovella)]


def taken(database: TestDatabase) -> Snapshot:
    with database.connect() as connection:
        return snapshot(connection)


@pytest.fixture(scope="module")
def head(migrated: TestDatabase) -> Snapshot:
    """What `alembic upgrade heads` makes."""
    return taken(migrated)


def test_the_owner_is_held_to_the_policies(migrated: TestDatabase) -> None:
    """Migrations run as a role that is neither superuser nor BYPASSRLS, and everything belongs to it."""
    with migrated.connect("owner") as connection:
        privileged = connection.scalars(
            text(
                "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication FROM pg_roles "
                "WHERE rolname IN ('tenancy_owner', 'tenancy_owner_login')"
            )
        ).all()
        owners = connection.scalars(
            text(
                "SELECT DISTINCT relowner::regrole::text FROM pg_class "
                "WHERE relnamespace IN ('tenancy'::regnamespace, 'trovella'::regnamespace) "
                "UNION SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname IN ('tenancy', 'trovella') "
                "UNION SELECT relowner::regrole::text FROM pg_class WHERE relname = 'alembic_version'"
            )
        ).all()
        tables = connection.execute(
            text(
                "SELECT count(*) FILTER (WHERE relforcerowsecurity), count(*) FROM pg_class "
                "WHERE relkind = 'r' AND relnamespace = 'trovella'::regnamespace"
            )
        ).one()

    assert privileged == [False, False]
    assert owners == ["tenancy_owner"]
    assert tables[0] >= 16
    assert tables[1] == 24


def test_down_and_up_again(make_database: MakeDatabase, migrated_template: TestDatabase, head: Snapshot) -> None:
    """`downgrade base` leaves what was there before the first upgrade; the second upgrade makes the same catalog."""
    database = make_database("again", template=migrated_template)
    empty = taken(make_database("never"))

    command.downgrade(database.alembic(), "base")
    assert differences(empty, taken(database)) == []

    command.upgrade(database.alembic(), "heads")
    assert differences(head, taken(database)) == []


def test_each_branch_alone(make_database: MakeDatabase, empty_database: TestDatabase, head: Snapshot) -> None:
    """`X@head` brings what it stands on, `X@base` takes away itself only; all together are what `heads` makes."""
    database = make_database("alone", template=empty_database)
    empty = taken(database)

    command.upgrade(database.alembic(), "tenancy@head")
    only_tenancy = taken(database)
    assert {row[0] for row in only_tenancy["schemas"]} == {"public", "tenancy"}

    for branch in BRANCHES:
        command.upgrade(database.alembic(), f"{branch}@head")
        assert {row[0] for row in taken(database)["schemas"]} == {"public", "tenancy", branch}
        command.downgrade(database.alembic(), f"{branch}@base")
        assert differences(only_tenancy, taken(database)) == []

    command.downgrade(database.alembic(), "tenancy@base")
    assert differences(empty, taken(database)) == []

    for branch in BRANCHES:
        command.upgrade(database.alembic(), f"{branch}@head")
    assert differences(head, taken(database)) == []


def test_base_to_head_equals_building_from_scratch(
    make_database: MakeDatabase, empty_database: TestDatabase, head: Snapshot
) -> None:
    """What the revisions make is what the models ask for today."""
    database = make_database("scratch", template=empty_database)
    database.create_all(METADATA)

    assert differences(head, taken(database)) == []


def test_nothing_to_do_on_head(migrated: TestDatabase) -> None:
    """`alembic check` and `compare` find no difference between the migrated database and the models."""
    command.check(migrated.alembic())

    with migrated.connect("owner") as connection:
        connection.execute(text("SET ROLE tenancy_owner"))
        assert compare(connection, METADATA, Roles()) == []


def test_the_tenancy_branch_needs_no_models(make_database: MakeDatabase, empty_database: TestDatabase) -> None:
    """A project without models yet has a database that agrees with it."""
    database = make_database("modelless", template=empty_database)

    command.upgrade(database.alembic(), "tenancy@head")

    with database.connect("owner") as connection:
        connection.execute(text("SET ROLE tenancy_owner"))
        assert not autogenerate(connection)


def test_as_a_script(make_database: MakeDatabase, empty_database: TestDatabase, head: Snapshot) -> None:
    """`alembic upgrade heads --sql`, run by the owner's login, makes the same catalog."""
    database = make_database("offline", template=empty_database)

    run_script(database, script(database, command.upgrade, "heads"))

    assert differences(head, taken(database)) == []


def test_one_branch_as_a_script_and_back(make_database: MakeDatabase, empty_database: TestDatabase) -> None:
    """The downgrade's script takes away what the upgrade's made; Alembic writes one of a single branch only."""
    database = make_database("offline_branch", template=empty_database)
    empty = taken(database)

    run_script(database, script(database, command.upgrade, "trovella@head"))
    for branch in ("trovella", "tenancy"):
        run_script(database, script(database, command.downgrade, f"{branch}@head:{branch}@base"))

    assert differences(empty, taken(database)) == []


def script(database: TestDatabase, direction: Any, revisions: str) -> str:
    """What `alembic upgrade --sql` or `alembic downgrade --sql` writes."""
    written = io.StringIO()
    config = database.alembic()
    config.output_buffer = written
    direction(config, revisions, sql=True)
    return written.getvalue()


def run_script(database: TestDatabase, script: str) -> None:
    """As psql does it: one statement after the other, with the script's own BEGIN and COMMIT."""
    with database.connect("owner") as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.autocommit = True
        driver.execute(script)
