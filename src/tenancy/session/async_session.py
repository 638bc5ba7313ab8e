"""The session that `Database` hands out: SQLAlchemy's `AsyncSession`, bulk loads, and nearest vectors."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, TypeVar, TypeVarTuple, overload

from sqlalchemy import ColumnElement, Row, Select, Table
from sqlalchemy.ext.asyncio import AsyncSession

from tenancy.session.bulk.load import Progress, load
from tenancy.session.bulk.sources import Rows
from tenancy.session.bulk.target import target_of
from tenancy.session.tenant_session import TenantSession

_O = TypeVar("_O")
_P = TypeVar("_P")
_Ts = TypeVarTuple("_Ts")


class AsyncTenantSession(AsyncSession):
    """A SQLAlchemy `AsyncSession` bound to one principal for its whole life. `Database` makes it."""

    sync_session_class = TenantSession
    sync_session: TenantSession

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.sync_session.in_transaction():
            await super().__aexit__(kind, error, traceback)
        else:
            # It holds no connection: nothing to wait for, nor a task to make that would shield the waiting.
            self.sync_session.close()
            pool: Any = self.sync_session.get_bind().engine.pool
            if pool.checkedout() >= pool.size() - 1:
                # All others are taken, so somebody may wait for the one that was returned just now. Whoever goes from
                # one unit to the next would take it again, and again.
                await asyncio.sleep(0)

    async def bulk_load(
        self,
        entity: type[Any] | Table,
        rows: Rows,
        *,
        columns: Sequence[str] | None = None,
        progress: Progress | None = None,
    ) -> int:
        """Inserts many rows, in the session's transaction: all of them or, on an error, none.

        Columns are named and filled as in an ORM insert: Python-side defaults are called, the tenant's column is the
        session's. Every row gives the same columns. Rows are read as they are sent and are not kept; nothing is added
        to the session. The policies check every row.

        Args:
            entity: a mapped class on one table, or a table.
            rows: mappings, named tuples, objects with attributes, or an iterator of them, async or not; an Arrow table,
                batch or stream; or the `pathlib.Path` of a `.csv`, `.jsonl`, `.ndjson` or `.parquet` file.
            columns: the names of the columns, for rows that are plain tuples.
            progress: called with the number of rows that PostgreSQL has taken, every 200,000 rows or oftener.

        Returns:
            How many rows there were.

        Raises:
            BulkLoadError: names the row by its number in the input, from 1, and the column.
            TenantMismatch: a row names another tenant or user; it says which.
            TenantViolation: PostgreSQL refused a row that is not the session's; it says which.
            AccessDenied: the application role may not insert into the table.
            ConfigurationError: the input is of no kind that can be read, or names columns that are none.
        """
        await self.flush()
        target = target_of(entity, self.sync_session.principal, bypassing=False)
        return await load(await self.connection(), target, rows, columns=columns, progress=progress)

    @overload
    async def nearest(self, statement: Select[_O], distance: ColumnElement[Any], *, limit: int) -> list[_O]: ...

    @overload
    async def nearest(
        self, statement: Select[_O, _P, *_Ts], distance: ColumnElement[Any], *, limit: int
    ) -> list[Row[_O, _P, *_Ts]]: ...

    async def nearest(
        self, statement: Select[*tuple[Any, ...]], distance: ColumnElement[Any], *, limit: int
    ) -> list[Any]:
        """The rows whose vectors are nearest to a given one, nearest first: as many as are wanted, if they exist.

        `await session.nearest(select(Chunk), Chunk.embedding.cosine_distance(vector), limit=10)`

        A few rows are all compared. For many, pgvector's HNSW index is asked, where it will find nearly all of the very
        nearest; where it finds too few rows, they are all compared after all. How many rows there are, PostgreSQL's
        planner is asked once for a tenant and a table, every five minutes; and, of a tenant with many rows, for each
        statement with conditions of its own.

        pgvector's settings for the search hold until the transaction ends: `hnsw.iterative_scan`, `hnsw.ef_search`.

        Args:
            statement: of mapped classes or their columns, with any conditions, joins and loader options, and without
                an order or a limit.
            distance: of one mapped class's vectors from a given one, by any of pgvector's operators. An index is asked
                where there is one for the operator, and pgvector is 0.8 or newer.
            limit: how many rows.

        Returns:
            The objects, or values, where the statement selects one thing; else rows. Rows without a vector are left
            out.

        Raises:
            ConfigurationError: the statement has an order or a limit of its own, the limit is less than one, or the
                distance is not of one mapped class.
            UnclassifiedTable: the table of the vectors does not say whose its rows are.
            InvalidTenant: the session's id is not of the type of its column.
        """
        return await self.run_sync(lambda _: self.sync_session.nearest(statement, distance, limit=limit))
