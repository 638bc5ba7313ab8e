"""A real PostgreSQL for every test: from the wheel by default, from testcontainers or a URL on request.

`pytest --tenancy-server=embedded|testcontainers|postgresql://admin:password@host/postgres --tenancy-postgres=18`
"""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, make_url
from sqlalchemy.pool import NullPool

from tenancy import Database, Settings
from tenancy.embedded import EmbeddedServer, available_versions, temporary_directory
from tenancy.session.administrator import bootstrap, create_database

ROOT = Path(__file__).parents[1]
PASSWORD = "tenancy-test"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("tenancy")
    group.addoption("--tenancy-server", default="embedded", help="embedded, testcontainers, or an administrator's URL")
    group.addoption("--tenancy-postgres", type=int, default=18, help="PostgreSQL version of the embedded server")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many attacks were tried, on how many tables."""
    attacks = "tests/isolation/test_attacks.py::test_isolation["
    passed = [report.nodeid for report in terminalreporter.stats.get("passed", ()) if report.nodeid.startswith(attacks)]
    tables = {nodeid.removesuffix("]").rpartition("[")[2] for nodeid in passed}
    if passed:
        terminalreporter.write_line(f"isolation: {len(passed)} pairs of attack and table held, on {len(tables)} tables")


class Server(Protocol):
    """Where the tests' databases are."""

    def url(self, *, role: str = ..., database: str = ...) -> str: ...


@dataclass(frozen=True)
class ServerByUrl:
    """A server that somebody else runs; the login roles that the tests make share one password."""

    admin_url: str

    def url(self, *, role: str = "postgres", database: str = "postgres") -> str:
        admin = make_url(self.admin_url)
        login = admin if role == "postgres" else admin.set(username=role, password=PASSWORD)
        return login.set(drivername="postgresql", database=database).render_as_string(hide_password=False)


@contextmanager
def embedded(version: int) -> Iterator[EmbeddedServer]:
    if version not in available_versions():
        pytest.skip(f"no PostgreSQL {version} on this machine; found {', '.join(map(str, available_versions()))}")
    directory = temporary_directory()
    try:
        with EmbeddedServer(directory, version=version, durable=False) as server:
            yield server
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The server of this run (with xdist: of this worker)."""
    chosen = request.config.getoption("--tenancy-server")
    if chosen == "embedded":
        with embedded(request.config.getoption("--tenancy-postgres")) as running:
            yield running
    elif chosen == "testcontainers":
        from testcontainers.community.postgres import PostgresContainer

        with PostgresContainer(
            "pgvector/pgvector:pg18", username="postgres", dbname="postgres", driver=None
        ) as running:
            yield ServerByUrl(running.get_connection_url())
    else:
        yield ServerByUrl(chosen)


@dataclass(frozen=True)
class TestDatabase:
    """A bootstrapped database of its own, and how to reach it as each role."""

    __test__ = False

    server: Server
    name: str

    def url(self, role: str) -> str:
        """The URL of a role: "postgres" (superuser), "owner", "application" or "system"; or of a login by its name."""
        logins = {"owner": "tenancy_owner_login", "application": "tenancy_app_login", "system": "tenancy_system_login"}
        return self.server.url(role=logins.get(role, role), database=self.name)

    @property
    def settings(self) -> Settings:
        return Settings(
            database_url=self.url("application"), owner_url=self.url("owner"), system_url=self.url("system")
        )

    def alembic(self, **attributes: object) -> Config:
        """Alembic's configuration for the repository's migrations, on this database."""
        config = Config(toml_file=ROOT / "pyproject.toml")
        config.attributes.update(settings=self.settings, **attributes)
        return config

    @contextmanager
    def connect(self, role: str = "postgres") -> Iterator[Connection]:
        """A plain synchronous connection; what is not committed is rolled back."""
        engine = create_engine(make_url(self.url(role)).set(drivername="postgresql+psycopg"), poolclass=NullPool)
        with engine.connect() as connection:
            yield connection
        engine.dispose()


MakeDatabase = Callable[..., TestDatabase]


@contextmanager
def databases(server: Server) -> Iterator[MakeDatabase]:
    """Makes bootstrapped databases, empty or as copies of one; they are dropped at the end."""
    made: list[str] = []
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")

    def make(
        label: str = "test", *, template: TestDatabase | None = None, extensions: tuple[str, ...] = ("vector",)
    ) -> TestDatabase:
        name = f"{label}_{worker}_{uuid.uuid4().hex[:8]}"

        async def create() -> None:
            settings = Settings()
            await create_database(server.url(), name, settings, template=template.name if template else None)
            # Also for a copy: privileges on the database itself are not copied from the template.
            await bootstrap(server.url(database=name), settings, extensions=extensions, logins=True, password=PASSWORD)

        # In a thread: also an async test may ask for a database, and its loop is running.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, create()).result()
        made.append(name)
        return TestDatabase(server, name)

    yield make
    engine = create_engine(
        make_url(server.url()).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=NullPool
    )
    with engine.connect() as connection:
        for name in made:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    engine.dispose()


@pytest.fixture(scope="session")
def make_database(server: Server) -> Iterator[MakeDatabase]:
    """Makes databases on the server of this run."""
    with databases(server) as make:
        yield make


@pytest.fixture(scope="session")
def empty_database(make_database: MakeDatabase) -> TestDatabase:
    """Bootstrapped, and nothing else; nobody connects to it, so that it can be a template."""
    return make_database("empty")


@pytest.fixture(scope="session")
def migrated_template(make_database: MakeDatabase) -> TestDatabase:
    """`alembic upgrade heads`, and no rows; nobody connects to it, so that it can be a template."""
    database = make_database("template")
    command.upgrade(database.alembic(), "heads")
    return database


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
