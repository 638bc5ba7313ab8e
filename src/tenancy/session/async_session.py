"""The session that `Database` hands out: SQLAlchemy's `AsyncSession`, and bulk loads."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import SessionTransaction

from tenancy.session.bulk.load import Progress, load
from tenancy.session.bulk.sources import Rows
from tenancy.session.bulk.target import target_of
from tenancy.session.tenant_session import TenantSession


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
            progress: called with the number of rows that PostgreSQL has taken, every 50,000 rows or oftener.

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


class Unit:
    """A session for one transaction, as an async context manager: what `Database.begin` returns."""

    __slots__ = ("_session", "_transaction")
    _transaction: SessionTransaction

    def __init__(self, session: AsyncTenantSession) -> None:
        self._session = session

    async def __aenter__(self) -> AsyncTenantSession:
        # Waits for nothing: the transaction begins with the first statement.
        self._transaction = self._session.sync_session.begin().__enter__()
        return self._session

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self._session.run_sync(lambda _: self._transaction.__exit__(kind, error, traceback))
        finally:
            await self._session.__aexit__(kind, error, traceback)
