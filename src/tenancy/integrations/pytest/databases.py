"""Bootstrapped databases of a test run, and the schema in them."""

from __future__ import annotations

import asyncio
import os
import tomllib
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, create_engine
from sqlalchemy.pool import NullPool

from tenancy.integrations.pytest.servers import PASSWORD, Server
from tenancy.session.administrator import bootstrap, create_database, drop_database
from tenancy.session.engine import database_url
from tenancy.session.owner import push_as_owner
from tenancy.session.urls import roles_of
from tenancy.settings import Settings

_T = TypeVar("_T")


@dataclass(frozen=True)
class TestDatabase:
    """A bootstrapped database of this test run, and how to reach it as each role."""

    __test__ = False

    server: Server
    name: str
    #: The folder with alembic.ini or pyproject.toml.
    project: Path

    def url(self, role: str) -> str:
        """The URL of a role: "postgres" (the administrator), "owner", "application" or "system"; or of a login."""
        roles = roles_of(Settings())
        groups = {"owner": roles.owner, "application": roles.application, "system": roles.system}
        login = roles.login(groups[role]) if role in groups else role
        return self.server.url(role=login, database=self.name)

    @property
    def settings(self) -> Settings:
        """The project's settings, with this database's URLs."""
        return Settings(
            database_url=self.url("application"), owner_url=self.url("owner"), system_url=self.url("system")
        )

    @property
    def has_migrations(self) -> bool:
        """Whether Alembic is configured for the project, in alembic.ini or in `[tool.alembic]` of pyproject.toml."""
        pyproject = self.project / "pyproject.toml"
        tools = tomllib.loads(pyproject.read_text()).get("tool", {}) if pyproject.exists() else {}
        return "alembic" in tools or (self.project / "alembic.ini").exists()

    def alembic(self, **attributes: object) -> Config:
        """The project's configuration for `alembic.command`, on this database."""
        ini = self.project / "alembic.ini"
        config = Config(ini if ini.exists() else None, toml_file=self.project / "pyproject.toml")
        config.attributes.update(settings=self.settings, **attributes)
        # An env.py that does not call `tenancy.migrations.run()` looks here; it must not find another database.
        config.set_main_option("sqlalchemy.url", self.url("owner").replace("%", "%%"))
        return config

    @contextmanager
    def connect(self, role: str = "postgres") -> Iterator[Connection]:
        """A plain connection as a role, on psycopg (the extra `sync`); what is not committed is rolled back."""
        engine = create_engine(database_url(self.url(role), "psycopg"), poolclass=NullPool)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def migrate(self) -> None:
        """`alembic upgrade heads`."""
        in_thread(lambda: command.upgrade(self.alembic(), "heads"))

    def create_all(self, metadata: Sequence[MetaData]) -> None:
        """Schemas, tables and their security, straight from the models."""
        in_thread(lambda: asyncio.run(push_as_owner(self.url("owner"), metadata, self.settings)))


MakeDatabase = Callable[..., TestDatabase]


@contextmanager
def databases(server: Server, project: Path) -> Iterator[MakeDatabase]:
    """Makes bootstrapped databases, empty or as copies of one; they are dropped at the end."""
    made: list[str] = []
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")

    def make(
        label: str = "test", *, template: TestDatabase | None = None, extensions: Sequence[str] = ("vector",)
    ) -> TestDatabase:
        name = f"{label}_{worker}_{uuid.uuid4().hex[:8]}"

        async def create() -> None:
            settings = Settings()
            await create_database(server.url(), name, settings, template=template.name if template else None)
            made.append(name)
            # Also for a copy: privileges on the database itself are not copied from the template.
            await bootstrap(server.url(database=name), settings, extensions=extensions, logins=True, password=PASSWORD)

        in_thread(lambda: asyncio.run(create()))
        return TestDatabase(server, name, project)

    try:
        yield make
    finally:
        in_thread(lambda: asyncio.run(_drop(server.url(), made)))


async def _drop(admin_url: str, names: Sequence[str]) -> None:
    for name in names:
        await drop_database(admin_url, name, Settings())


def in_thread(work: Callable[[], _T]) -> _T:
    """Runs what needs an event loop of its own: also an async test may ask for a database, and its loop is running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()
