"""The driver's connection: whatever begins a transaction on it, BEGIN carries the settings.

SQLAlchemy's asyncpg adapter starts a transaction lazily, through asyncpg's `Transaction`, at the first statement. For
that the connection is armed before (`tenancy.session.begin`). Where it was found to work, BEGIN then travels with the
statement (`tenancy.session.same_flight`). Else, and for code that goes round SQLAlchemy, it is *folded*: BEGIN and the
settings are one simple query, which is waited for. That needs asyncpg's public seams only: `connection_class`,
`execute`, `terminate`. That `Transaction.start` calls `execute("BEGIN…")` is pinned by `tests/session/test_begin.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import asyncpg
from asyncpg.transaction import Transaction

from tenancy.session.leftovers import FORGET
from tenancy.session.planning import PlannedStatement, Planning
from tenancy.session.principal import NOBODY
from tenancy.session.same_flight import Flight, SameFlightTransaction, messages

_UNARMED = NOBODY.settings()
# In a transaction of its own: what is sent without a Sync and outside of one would belong to that which follows.
_FORGETTING = messages(("BEGIN", *FORGET, "COMMIT"))
#: How asyncpg ends a transaction.
_ENDS = ("COMMIT;", "ROLLBACK;")
#: Seconds after which a connection in the pool asks for what is unanswered. Until then PostgreSQL shows it as active.
_ASK_AFTER = 0.01


def _when_answered(method: Callable[..., Awaitable[Any]]) -> Any:
    """A method whose messages could not bring the answer to a begin, and so wait for it."""

    @wraps(method)
    async def waiting(self: TenantConnection, *args: Any, **kwargs: Any) -> Any:
        await self.answered()
        return await method(self, *args, **kwargs)

    return waiting


def _planned(method: Callable[..., Any]) -> Any:
    """A method that executes a query, and says before how it is to be planned."""

    @wraps(method)
    def planned(self: TenantConnection, query: str, *args: Any, **kwargs: Any) -> Any:
        self.planning.before(query)
        return method(self, query, *args, **kwargs)

    return planned


class TenantConnection(asyncpg.Connection):
    """A connection whose every transaction says whom it is for; one that nobody armed says nobody."""

    __slots__ = (
        "_armed",
        "_asking",
        "_idle_since",
        "_preamble",
        "_same_flight",
        "_tidy",
        "_timer",
        "flight",
        "isolation",
        "planning",
        "was_armed",
    )

    def __init__(self, protocol: Any, transport: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(protocol, transport, *args, **kwargs)
        self._armed: tuple[str, ...] | None = None
        #: Whether the last BEGIN carried what the connection was armed with.
        self.was_armed = False
        self._preamble: tuple[str, ...] = ()
        self._timer: asyncio.TimerHandle | None = None
        self._asking: asyncio.Task[None] | None = None
        self._idle_since: float | None = None
        self._same_flight = False
        #: The isolation level of transactions that ask for none.
        self.isolation = "read_committed"
        #: How many queries had been sent when the connection was last known to keep nothing.
        self._tidy = -1
        self.flight = Flight(protocol, transport)
        self.planning = Planning(self.flight)

    def always(self, preamble: tuple[str, ...], *, same_flight: bool, isolation: str = "read_committed") -> None:
        """What holds for every transaction of this connection.

        Args:
            preamble: statements that open it, before the settings.
            same_flight: whether BEGIN travels with the first statement; else it is folded.
            isolation: the server's level for transactions that ask for none.
        """
        self._preamble = preamble
        self._same_flight = same_flight
        self.isolation = isolation

    def arm(self, settings: tuple[str, ...]) -> None:
        """Adds the settings to the next BEGIN, and to that one only."""
        self._armed = settings

    @property
    def may_fly(self) -> bool:
        """Whether the next BEGIN may travel with the first statement."""
        return self._same_flight and self._armed is not None and not self.is_closed()

    def opening(self, *, flies: bool = False) -> tuple[str, ...]:
        """The statements that follow the next BEGIN; what was armed is used up by it.

        Args:
            flies: whether it travels with the first statement.
        """
        self.was_armed = self._armed is not None
        settings, self._armed = self._armed or _UNARMED, None
        return (*self._preamble, *settings, *self.planning.opening(flies=flies))

    def transaction(self, *, isolation: Any = None, readonly: bool = False, deferrable: bool = False) -> Transaction:
        return SameFlightTransaction(self, isolation, readonly, deferrable)

    def is_in_transaction(self) -> bool:
        return self.flight.is_in_transaction()

    async def answered(self) -> None:
        """Waits until PostgreSQL has answered what was sent without waiting.

        Raises:
            asyncpg.PostgresError: it failed.
        """
        if not self.flight.unanswered:
            return
        try:
            await super().fetch(";")
        except asyncpg.PostgresError:
            self.flight.landed()
            raise
        except BaseException:
            self.terminate()
            raise

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:  # noqa: ASYNC109 - asyncpg's
        if not args:
            await self.answered()
        if not self._same_flight and query in _ENDS:
            # Folded as the begin is; where ends travel unanswered, the connection forgets when it is returned.
            query = "; ".join((query.rstrip("; "), *FORGET))
        if args or not query.startswith("BEGIN"):
            if args:
                self.planning.before(query)
            else:
                query = self.planning.script(query)
            result: str = await super().execute(query, *args, timeout=timeout)
            return result
        opening = "; ".join((query.rstrip("; "), *self.opening()))
        try:
            result = await super().execute(f"{opening};", timeout=timeout)
        except BaseException:
            # Cancelled or failed: nobody can say what the server has done of it. Never to be used again.
            self.terminate()
            raise
        return result

    async def prepare(self, query: str, **options: Any) -> Any:
        statement = await super().prepare(query, **options)
        return PlannedStatement.of(statement) if self._same_flight else statement

    cursor = _planned(asyncpg.Connection.cursor)
    fetch = _planned(asyncpg.Connection.fetch)
    fetchrow = _planned(asyncpg.Connection.fetchrow)
    fetchval = _planned(asyncpg.Connection.fetchval)
    executemany = _when_answered(_planned(asyncpg.Connection.executemany))
    fetchmany = _when_answered(_planned(asyncpg.Connection.fetchmany))
    copy_from_table = _when_answered(asyncpg.Connection.copy_from_table)
    copy_from_query = _when_answered(asyncpg.Connection.copy_from_query)
    copy_to_table = _when_answered(asyncpg.Connection.copy_to_table)
    copy_records_to_table = _when_answered(asyncpg.Connection.copy_records_to_table)

    @property
    def is_tidy(self) -> bool:
        """Whether everything that was sent since the connection was taken is known to leave nothing behind."""
        return self._tidy == self.flight.queries

    def kept_tidy(self, *, was_tidy: bool) -> None:
        """What was sent since leaves nothing behind: the connection is as tidy as it was before."""
        if was_tidy:
            self._tidy = self.flight.queries

    def returned(self) -> None:
        """The connection is in the pool again: it forgets what its user has left.

        The next BEGIN travels behind that. If nobody takes the connection soon, it asks for what is unanswered.
        """
        if self.is_closed():
            return
        # Where the statement that it was armed for could not be sent.
        self._armed = None
        if self.is_in_transaction():
            # Begun past SQLAlchemy, which would have rolled it back: whose it is, nobody knows.
            self.terminate()
        elif self._same_flight:
            if not self.is_tidy:
                self.flight.add(_FORGETTING, begun=False)
            if self.flight.unanswered:
                loop = asyncio.get_running_loop()
                self._idle_since = loop.time()
                # One that an earlier return has set goes on: to cancel and set one for each unit would cost as much as
                # to wait for an answer.
                self._timer = self._timer or loop.call_later(_ASK_AFTER, self._ask_if_idle, loop)

    def _ask_if_idle(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        if self._idle_since is None:
            return
        remaining = self._idle_since + _ASK_AFTER - loop.time()
        if remaining > 0:
            self._timer = loop.call_later(remaining, self._ask_if_idle, loop)
        else:
            self._asking = loop.create_task(self._ask_for_nobody())

    async def _ask_for_nobody(self) -> None:
        try:
            await self.answered()
        except Exception:  # noqa: BLE001 - nobody is told; the pool finds the connection closed
            self.terminate()

    def taken(self) -> bool:
        """Somebody takes the connection from the pool. Returns whether `asked` must be waited for before it is used."""
        self._idle_since = None
        self._tidy = self.flight.queries
        return self._asking is not None and not self._asking.done()

    async def asked(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as of `close`
        """Waits until the connection is not asking any more; a waiter that is cancelled does not disturb it."""
        if self._asking is not None:
            await asyncio.wait([self._asking], timeout=timeout)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncpg's
        self._stop_timer()
        await self.asked(timeout)
        await super().close(timeout=timeout)

    def terminate(self) -> None:
        self._stop_timer()
        super().terminate()
