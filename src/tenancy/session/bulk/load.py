"""Loads rows in one transaction: in chunks, each after a savepoint, and everything or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from tenancy.errors import DatabaseUnavailable
from tenancy.session.bulk.batch import Batch
from tenancy.session.bulk.failure import explained
from tenancy.session.bulk.plan import Part, Plan
from tenancy.session.bulk.sources import Rows, batches_of
from tenancy.session.bulk.target import Target
from tenancy.session.bulk.writing import Copy, Insert, Writer, server_types
from tenancy.session.planning import AUTO, CUSTOM

#: Called with the number of rows that PostgreSQL has taken so far.
Progress = Callable[[int], object]

#: A chunk is kept until PostgreSQL has taken it: so many rows, or about so many bytes. Nothing of the next is made
#: before: with chunks of 50,000 rows, these waits took 8 % of the time.
CHUNK_ROWS = 200_000
_CHUNK_BYTES = 16 * 1024 * 1024


async def load(
    connection: AsyncConnection,
    target: Target,
    rows: Rows,
    *,
    columns: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> int:
    """Loads rows into a table. On an error nothing of them stays, whatever becomes of the transaction.

    Args:
        connection: of a session; its transaction is the caller's to commit.
        target: where the rows go, and whose they are.
        rows: see `Rows`.
        columns: names for tuples that have none.
        progress: see `Progress`.

    Returns:
        How many rows there were.
    """
    batches = batches_of(rows, columns)
    async with connection.begin_nested():
        first = await _next(batches)
        if first is None:
            return 0
        plan = await connection.run_sync(Plan, target, first)
        # Also begins the transaction, which asyncpg's adapter does with the first statement.
        types = await server_types(connection, plan)
        insert = Insert(plan, types)
        writer = Copy(plan) if target.bypassing and Copy.possible(plan, types) else insert
        done = 0
        while first is not None:
            chunk = _Chunk(plan, first, batches if isinstance(batches, Iterator) else await _collected(first, batches))
            await _send(connection, writer, insert, chunk)
            done += sum(part.count for part in chunk.parts)
            if progress is not None:
                progress(done)
            first = await _next(batches)
        return done


class _Chunk:
    """What is sent between two savepoints: read while it is sent, and kept, so that a row that fails can be found."""

    def __init__(self, plan: Plan, first: Batch, batches: Iterator[Batch]) -> None:
        self._plan = plan
        self._first = first
        self._batches = batches
        self.parts: list[Part] = []
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[Part]:
        budget = _Budget()
        batch: Batch | None = self._first
        # Not raised here, inside the driver: it would leave PostgreSQL waiting. What was sent before comes first.
        try:
            while batch is not None:
                part = self._plan.part(batch)
                self.parts.append(part)
                yield part
                batch = next(self._batches, None) if budget.allows_more_than(batch) else None
        except Exception as error:  # noqa: BLE001 - raised by `_send`
            self.error = error


class _Budget:
    """How much of a chunk is left."""

    def __init__(self) -> None:
        self._rows, self._bytes = CHUNK_ROWS, _CHUNK_BYTES

    def allows_more_than(self, batch: Batch) -> bool:
        """Whether there is room after a batch. Its first row stands for all: measuring each would cost too much."""
        sizes = (len(column[0]) if hasattr(column[0], "__len__") else 1 for column in batch.columns)
        self._rows -= batch.count
        self._bytes -= batch.count * (8 * len(batch.columns) + sum(sizes))
        return self._rows > 0 and self._bytes > 0


async def _next(batches: Iterator[Batch] | AsyncIterator[Batch]) -> Batch | None:
    return next(batches, None) if isinstance(batches, Iterator) else await anext(batches, None)


async def _collected(first: Batch, batches: AsyncIterator[Batch]) -> Iterator[Batch]:
    """The rest of a chunk, read before it is sent: nobody can wait for an async input inside the driver's sending."""
    budget, collected = _Budget(), []
    batch: Batch | None = first
    while batch is not None and budget.allows_more_than(batch):
        batch = await anext(batches, None)
        if batch is not None:
            collected.append(batch)
    return iter(collected)


async def _send(connection: AsyncConnection, writer: Writer, insert: Insert, chunk: _Chunk) -> None:
    driver: Any = (await connection.get_raw_connection()).driver_connection
    try:
        async with connection.begin_nested():
            await _undisturbed(connection, driver, _write(writer, driver, iter(chunk)))
    except Exception as error:
        if driver.is_closed():
            raise
        raise await explained(connection, insert, chunk.parts, error) from error
    if chunk.error is not None:
        raise chunk.error


async def _write(writer: Writer, driver: Any, parts: Iterator[Part]) -> None:
    """Writes, and lets PostgreSQL keep its plans meanwhile: foreign keys would be checked by a new plan for each row.

    After an error the savepoint takes that back.
    """
    await driver.execute(AUTO)
    await writer.write(driver, parts)
    await driver.execute(CUSTOM)


async def _undisturbed(connection: AsyncConnection, driver: Any, sending: Coroutine[Any, Any, None]) -> None:
    """Sends to the end, or closes the connection, so that PostgreSQL rolls back.

    asyncpg's `executemany` and COPY wait for ever for an answer when they are cancelled, and for room to write when the
    connection is lost.
    """
    task = asyncio.ensure_future(sending)

    def stop(_: Any) -> None:
        task.cancel()

    driver.add_termination_listener(stop)
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        driver.terminate()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await connection.invalidate()
        raise
    finally:
        driver.remove_termination_listener(stop)
    if driver.is_closed():
        await connection.invalidate()
        (error,) = await asyncio.gather(task, return_exceptions=True)
        raise DatabaseUnavailable("The connection was lost while rows were loaded. None of them is there.") from error
    task.result()
