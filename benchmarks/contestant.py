"""Contestants: ways to run one unit of work for a tenant. Each is a file of `contestants/`, found by walking it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, Compiled, make_url, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from benchmarks.data.tasks import PLAIN, Models
from benchmarks.ground import Place
from benchmarks.walking import classes_in


class Contestant(ABC):
    """One way. The first line of its docstring stands on the page.

    Attributes:
        name: for tables and plots.
        login: what it connects as.
    """

    name: ClassVar[str]
    login: ClassVar[str]

    @classmethod  # noqa: B027 - most need nothing
    async def prepare(cls, place: Place, tenants: Sequence[UUID]) -> None:
        """Makes what it needs on the server for these tenants; can be called again."""

    @abstractmethod
    async def open(self, url: str, connections: int) -> None:
        """Makes its pool.

        Args:
            url: of the database, with its login.
            connections: how many it may have.
        """

    @abstractmethod
    async def get(self, tenant: UUID, key: UUID) -> object:
        """One unit that reads a task by its key."""

    @abstractmethod
    async def newest(self, tenant: UUID) -> object:
        """One unit that reads the newest 20 tasks."""

    @abstractmethod
    async def close(self) -> None: ...


class SessionContestant(Contestant):
    """A contestant whose units are sessions of SQLAlchemy.

    Attributes:
        models: what it maps.
        driver: SQLAlchemy's name of it.
        options: more for the engine.
        engine: what it connects with, once it is open.
    """

    models: ClassVar[Models] = PLAIN
    driver: ClassVar[str] = "asyncpg"
    options: ClassVar[dict[str, Any]] = {}
    engine: AsyncEngine

    @abstractmethod
    def unit(self, tenant: UUID) -> AbstractAsyncContextManager[AsyncSession]:
        """One transaction for the tenant."""

    def where(self, tenant: UUID, model: Any) -> tuple[ColumnElement[bool], ...]:
        """What a statement says of the tenant by hand: nothing, where something else sees to it."""
        return ()

    def announce(self, driver: Any, sql: str, compiled: Compiled) -> None:
        """What it does on the driver's connection before SQLAlchemy sends a statement, where it is sent without."""

    async def open(self, url: str, connections: int) -> None:
        address = make_url(url).set(drivername=f"postgresql+{self.driver}")
        self.engine = create_async_engine(address, pool_size=connections, max_overflow=0, **self.options)

    async def get(self, tenant: UUID, key: UUID) -> object:
        task = self.models.task
        async with self.unit(tenant) as session:
            return (await session.scalars(select(task).where(task.id == key, *self.where(tenant, task)))).one()

    async def newest(self, tenant: UUID) -> object:
        task = self.models.task
        newest = select(task).where(*self.where(tenant, task)).order_by(task.created_at.desc()).limit(20)
        async with self.unit(tenant) as session:
            return (await session.scalars(newest)).all()

    async def close(self) -> None:
        await self.engine.dispose()


def contestants() -> dict[str, type[Contestant]]:
    """Every contestant by its name, in the order of the files."""
    # mypy takes no abstract class for a type.
    return {one.name: one for one in classes_in("benchmarks.contestants", Contestant)}  # type: ignore[type-abstract]


@asynccontextmanager
async def opened(place: Place, *names: str, connections: int = 1) -> AsyncIterator[list[SessionContestant]]:
    """Some of the contestants whose units are sessions, by Unix socket."""
    async with AsyncExitStack() as stack:
        found = []
        for name in names:
            contestant = contestants()[name]()
            if not isinstance(contestant, SessionContestant):
                raise TypeError(f"The units of {name} are no sessions of SQLAlchemy.")
            await contestant.open(place.url(contestant.login), connections)
            stack.push_async_callback(contestant.close)
            found.append(contestant)
        yield found
