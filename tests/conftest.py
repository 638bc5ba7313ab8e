"""A real PostgreSQL for every test, by tenancy's own pytest plugin; what this adds is for our tests only.

`pytest --tenancy-server=embedded|testcontainers|postgresql://admin:password@host/postgres --tenancy-postgres=18`
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tenancy import Database
from tenancy.embedded import EmbeddedServer, available_versions
from tenancy.integrations.pytest import Server, TestDatabase
from tenancy.integrations.pytest.databases import MakeDatabase, databases
from tenancy.integrations.pytest.servers import PASSWORD

__all__ = ["PASSWORD", "ROOT", "MakeDatabase", "TestDatabase", "databases", "embedded"]

#: The plugin is tested by running whole projects.
pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[1]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many walls were broken, and that each was noticed."""
    properties = [dict(report.user_properties) for report in terminalreporter.getreports("passed")]
    killed = sum(int(str(found.get("mutants_killed", 0))) for found in properties)
    if killed:
        terminalreporter.write_line(f"mutations: {killed} killed, none survived")


@contextmanager
def embedded(version: int) -> Iterator[EmbeddedServer]:
    """A server of another version than the run's; where this machine has none, the test is skipped."""
    if version not in available_versions():
        pytest.skip(f"no PostgreSQL {version} on this machine; found {', '.join(map(str, available_versions()))}")
    with EmbeddedServer.temporary(version=version) as server:
        yield server


@pytest.fixture(scope="session")
def make_database(tenancy_server: Server) -> Iterator[MakeDatabase]:
    """Makes databases on the server of this run."""
    with databases(tenancy_server, ROOT) as make:
        yield make


@pytest.fixture(scope="session")
def empty_database(make_database: MakeDatabase) -> TestDatabase:
    """Bootstrapped, and nothing else; nobody connects to it, so that it can be a template."""
    return make_database("empty")


@pytest.fixture(scope="session")
def migrated_template(tenancy_database: TestDatabase) -> TestDatabase:
    """The plugin's database: `alembic upgrade heads`, no rows. Nobody connects to it, so that it can be a template."""
    return tenancy_database


@pytest.fixture(scope="module")
def migrated(make_database: MakeDatabase, migrated_template: TestDatabase) -> TestDatabase:
    """A migrated database of the module's own."""
    return make_database("migrated", template=migrated_template)


@pytest.fixture
def admin(migrated: TestDatabase) -> Iterator[Connection]:
    """A superuser's connection to the module's migrated database; all it does is rolled back."""
    with migrated.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
async def db(migrated: TestDatabase):
    """The way services reach the module's migrated database."""
    async with Database(migrated.settings) as database:
        yield database
