"""Prepared statements: what SQLAlchemy sends for a statement, run again by the driver without SQLAlchemy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
from sqlalchemy import Compiled, Executable, event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import SavepointClause

from benchmarks.contestant import SessionContestant
from benchmarks.processor import on_one_processor
from benchmarks.rounds import timed

Driver: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
# It has no plan, and so says nothing about those of the transaction.
BEGIN = SavepointClause("opened")  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Prepared:
    """A statement of a contestant, for a tenant.

    Attributes:
        contestant: is open, on asyncpg.
        tenant: whose transactions it runs in.
        sql: as the driver gets it.
        arguments: of each of its executions.
        compiled: what SQLAlchemy made it from.
        opening: what opens the transaction, before anything is measured.
    """

    contestant: SessionContestant
    tenant: UUID
    sql: str
    arguments: Sequence[Sequence[Any]] = ((),)
    compiled: Compiled | None = None
    opening: Executable = BEGIN

    @classmethod
    async def of(
        cls, contestant: SessionContestant, tenant: UUID, run: Callable[[AsyncSession], Awaitable[object]]
    ) -> Prepared:
        """What `run` sends: one statement, any number of times; what it changed is rolled back."""
        sent: list[tuple[str, Sequence[Any]]] = []
        compiled: list[Compiled] = []

        def note(*happened: Any) -> None:
            _, _, statement, parameters, context, many = happened
            sent.extend((statement, one) for one in (parameters if many else [parameters]))
            compiled.append(context.compiled)

        async with contestant.unit(tenant) as session:
            # What opens the transaction is sent before anything is noted.
            await session.execute(BEGIN)
            event.listen(contestant.engine.sync_engine, "before_cursor_execute", note)
            try:
                await run(session)
            finally:
                event.remove(contestant.engine.sync_engine, "before_cursor_execute", note)
            await session.rollback()
        (sql,) = {statement for statement, _ in sent}
        return cls(contestant, tenant, sql, [arguments for _, arguments in sent], compiled[0])

    async def in_one_flight(self, number: int) -> float:
        """Seconds per execution where all travel together: what the server takes, and hardly anything else."""
        return await self._run(lambda driver: driver.executemany(self.sql, self.arguments))

    async def one_by_one(self, number: int) -> float:
        """Seconds per execution where each waits for the one before: with a round trip, as a service meets it."""

        async def run(driver: Driver) -> None:
            with on_one_processor(driver.get_server_pid()):
                for arguments in self.arguments:
                    await driver.fetch(self.sql, *arguments)

        return await self._run(run)

    async def _run(self, run: Callable[[Driver], Awaitable[object]]) -> float:
        """In a transaction that is rolled back."""
        async with self.contestant.unit(self.tenant) as session:
            await session.execute(self.opening)
            raw = await (await session.connection()).get_raw_connection()
            driver: Any = raw.driver_connection
            if self.compiled is not None:
                self.contestant.announce(driver, self.sql, self.compiled)
            seconds = await timed(lambda: run(driver), len(self.arguments))
            await session.rollback()
        return seconds
