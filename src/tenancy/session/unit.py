"""One transaction, and a session for it."""

from __future__ import annotations

from types import TracebackType

from sqlalchemy.orm import SessionTransaction

from tenancy.session.async_session import AsyncTenantSession


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
