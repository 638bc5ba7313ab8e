"""The transaction's begin: BEGIN and the tenant's settings in one round trip.

SQLAlchemy's asyncpg adapter starts a transaction lazily, through asyncpg's `Transaction`, at the first statement. The
session's `after_begin` hook arms the connection; the connection adds the settings to the BEGIN that follows. Only
asyncpg's public seams are used: `connection_class`, `execute`, `terminate`. That `Transaction.start` calls
`execute("BEGIN…")` is pinned by `tests/session/test_begin.py`.
"""

from __future__ import annotations

from typing import Any

import asyncpg

from tenancy.session.principal import NOBODY

_UNARMED = NOBODY.settings()


class TenantConnection(asyncpg.Connection):
    """A connection whose every transaction says whom it is for; one that nobody armed says nobody."""

    __slots__ = ("_armed", "_preamble")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._armed: tuple[str, ...] | None = None
        self._preamble: tuple[str, ...] = ()

    def always(self, preamble: tuple[str, ...]) -> None:
        """Statements that open every transaction of this connection, before the settings."""
        self._preamble = preamble

    def arm(self, settings: tuple[str, ...]) -> None:
        """Adds the settings to the next BEGIN, and to that one only."""
        self._armed = settings

    def disarm(self) -> None:
        """Forgets what was armed, for a session that began and sent nothing."""
        self._armed = None

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:  # noqa: ASYNC109 - asyncpg's
        if args or not query.startswith("BEGIN"):
            result: str = await super().execute(query, *args, timeout=timeout)
            return result
        settings, self._armed = self._armed or _UNARMED, None
        try:
            opening = "; ".join((query.rstrip("; "), *self._preamble, *settings))
            result = await super().execute(f"{opening};", timeout=timeout)
        except BaseException:
            # Cancelled or failed: nobody can say what the server has done of it. Never to be used again.
            self.terminate()
            raise
        return result
