"""The ground: one throwaway server for all contestants, and the databases that the workloads make on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import MetaData, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from benchmarks.rounds import Batch, Timings, interleave
from tenancy import Settings
from tenancy.embedded import EmbeddedServer
from tenancy.security.apply import push
from tenancy.security.quoting import literal
from tenancy.security.roles import Roles
from tenancy.security.statements import execute, statement
from tenancy.session.administrator import bootstrap, create_database

Made = TypeVar("Made")

PASSWORD = "tenancy-benchmark"
OWNER = "tenancy_owner_login"
# One login for each schema that is not ours, which finds its tables there first. CREATEROLE is for sqlalchemy-tenants.
LOGINS = {"bench_plain": "plain", "bench_usual": "usual", "bench_peer": "peer"}
LOGIN = """
DO $$ BEGIN IF to_regrole('{login}') IS NULL THEN
    CREATE ROLE {login} LOGIN CREATEROLE PASSWORD '{password}';
    ALTER ROLE {login} SET search_path = {schema}, public;
END IF; END $$
"""


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        scale: 1 for a million tasks; what other workloads make grows and shrinks with it.
        tenants: among how many the tasks are divided.
        rounds: of each comparison.
        thorough: False for a smoke run, which leaves out what takes long.
    """

    scale: float = 1.0
    tenants: int = 1_000
    rounds: int = 10
    thorough: bool = True

    def rows(self, at_full_scale: int, at_least: int = 1) -> int:
        return max(at_least, round(at_full_scale * self.scale))


@dataclass(frozen=True)
class Place:
    """A database on the server."""

    server: EmbeddedServer
    name: str

    def url(self, role: str = "postgres", through: str | None = None) -> str:
        """The URL of a login, by Unix socket or through what a transport reached."""
        url = make_url(through or self.server.url()).set(username=role, password=PASSWORD, database=self.name)
        return url.render_as_string(hide_password=False)

    @asynccontextmanager
    async def connect(self, role: str = "postgres") -> AsyncIterator[AsyncConnection]:
        """A plain connection; what is not committed is rolled back."""
        engine = create_async_engine(make_url(self.url(role)).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
        async with engine.connect() as connection:
            yield connection
        await engine.dispose()

    async def run(self, *statements: str, role: str = "postgres") -> None:
        """Runs statements in one transaction."""
        async with self.connect(role) as connection:
            for statement in statements:
                await connection.run_sync(execute, statement)
            await connection.commit()

    async def fill(self, file: str, **settings: object) -> None:
        """Runs the section "fill" of a file of `data/`, which reads the settings as `bench.<name>`."""
        local = (f"SET LOCAL bench.{name} = {literal(str(value))}" for name, value in settings.items())
        await self.load("public", *local, *section(file, "fill"))

    async def load(self, schema: str, *statements: str) -> None:
        """Runs statements that fill the tables of a schema; indexes are made after the rows, as a dump is restored."""
        async with self.connect() as connection:
            (query,) = section("indexes.sql", "indexes")
            indexes = (await connection.execute(text(query), {"schema": schema})).all()
        last, first = [one.drop for one in indexes], [one.create for one in reversed(indexes)]
        await self.run(*section("indexes.sql", "memory"), *last, *statements, *first)

    async def vacuum(self) -> None:
        """What autovacuum would do some time later, in the middle of a round."""
        async with self.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            # Before as well: without `synchronous_commit`, rows committed just now are not known to be visible to all.
            for statement in ("CHECKPOINT", "VACUUM ANALYZE", "CHECKPOINT"):
                await connection.exec_driver_sql(statement)

    async def push(self, *metadata: MetaData) -> None:
        """Makes the tables that tenancy protects, and their policies, as the owner."""
        async with self.connect(OWNER) as connection:
            await connection.exec_driver_sql("SET ROLE tenancy_owner")
            await connection.run_sync(lambda sync: push(sync, metadata, Roles()))
            await connection.commit()


def section(file: str, name: str) -> list[str]:
    """The statements of a section of a file of `data/`."""
    return statement("benchmarks.data", file, name).removesuffix(";").split(";\n")


class Ground:
    """The server of a run.

    Args:
        server: runs, and listens on a TCP port as well.
        size: how much is measured.
    """

    def __init__(self, server: EmbeddedServer, size: Size) -> None:
        self.server = server
        self.size = size
        self._made: dict[str, Any] = {}

    async def place(self, name: str, *, extensions: Sequence[str] = ()) -> Place:
        """A bootstrapped database."""
        settings = Settings()
        await create_database(self.server.url(), name, settings)
        url = self.server.url(database=name)
        await bootstrap(url, settings, extensions=extensions, logins=True, password=PASSWORD)
        place = Place(self.server, name)
        await place.run(
            *(LOGIN.format(login=login, schema=schema, password=PASSWORD) for login, schema in LOGINS.items())
        )
        return place

    async def once(self, make: Callable[[Ground], Awaitable[Made]]) -> Made:
        """What several workloads need, made by the first of them."""
        name = f"{make.__module__}.{make.__qualname__}"
        if name not in self._made:
            self._made[name] = await make(self)
        made: Made = self._made[name]
        return made

    async def rounds(self, batches: Mapping[str, Batch], *, fewer: int = 1) -> Timings:
        """The rounds of one comparison.

        Args:
            batches: by the contestant's name.
            fewer: by how much to divide their number, where a batch is long.
        """
        return await interleave(batches, max(2, self.size.rounds // fewer))

    async def tcp_port(self) -> int:
        async with Place(self.server, "postgres").connect() as connection:
            return int((await connection.exec_driver_sql("SHOW port")).scalar_one())

    async def version(self) -> str:
        async with Place(self.server, "postgres").connect() as connection:
            return str((await connection.exec_driver_sql("SHOW server_version")).scalar_one())
