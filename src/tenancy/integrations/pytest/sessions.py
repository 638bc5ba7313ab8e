"""Sessions of the tests' tenants that leave nothing behind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from types import TracebackType

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from tenancy.integrations.pytest.tenants import Tenant
from tenancy.session.database import Database
from tenancy.session.sync import SyncDatabase
from tenancy.settings import Settings


class RolledBack:
    """A tenant's session, in a transaction that ends with the block and leaves nothing behind.

    `async with` gives the `AsyncSession` of `Database`, `with` the `Session` of `SyncDatabase`. Either is an ordinary
    one: a commit of the code under test releases a savepoint, and what it wrote can be read on within the block.
    """

    def __init__(self, connect: Callable[[Settings], Database], settings: Settings, tenant: Tenant) -> None:
        self._connect = connect
        self._settings = settings
        self._tenant = tenant

    async def __aenter__(self) -> AsyncSession:
        self._entered: AbstractAsyncContextManager[AsyncSession] = self._session()
        return await self._entered.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._entered.__aexit__(kind, error, traceback)

    def __enter__(self) -> Session:
        self._entered_sync: AbstractContextManager[Session] = self._sync_session()
        return self._entered_sync.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._entered_sync.__exit__(kind, error, traceback)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[AsyncSession]:
        # A pool of its own: connections belong to the event loop of the test.
        database = self._connect(self._settings)
        try:
            async with (
                database.engine.connect() as connection,
                database.session(self._tenant.id, user=self._tenant.user) as session,
            ):
                await connection.execution_options(**session.sync_session.execution_options)
                await connection.begin()
                await connection.run_sync(_join, session.sync_session)
                yield session
        finally:
            await database.close()

    @contextmanager
    def _sync_session(self) -> Iterator[Session]:
        database = SyncDatabase(self._settings)
        try:
            with (
                database.engine.connect() as connection,
                database.session(self._tenant.id, user=self._tenant.user) as session,
            ):
                connection.execution_options(**session.execution_options)
                connection.begin()
                _join(connection, session)
                yield session
        finally:
            database.close()


def _join(connection: Connection, session: Session) -> None:
    """The session works in the connection's transaction, and its own transactions are savepoints of that one."""
    session.bind = connection
    session.join_transaction_mode = "create_savepoint"
