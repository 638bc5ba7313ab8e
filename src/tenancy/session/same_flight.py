"""BEGIN and the settings in one flight with the first statement, and behind a ROLLBACK that nobody waited for.

Messages of the extended protocol are executed as they arrive and answered at the next Sync. So BEGIN and the settings
are sent without one, and the Sync of the first statement brings the answer for all. If one of them fails, the server
skips everything up to that Sync, the statement as well, and the statement raises the error: fail closed. A ROLLBACK is
sent in the same way; the order of the messages guarantees that it comes before the next BEGIN on its connection.

This is the only file that touches what asyncpg keeps to itself: the transport to write to, whose `write` it puts itself
before, the count of queries, which tells whether a Sync has gone out since, and the state of a transaction. So it is
used with versions of asyncpg that it was tested with, and after a `Trial` on a real connection. Else BEGIN is folded
(`tenancy.session.connection`).
"""

# ruff: noqa: SLF001 - see above
from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import asyncpg
from asyncpg.transaction import Transaction, TransactionState

if TYPE_CHECKING:
    from tenancy.session.connection import TenantConnection

_log = logging.getLogger("tenancy")

#: asyncpg's versions whose private parts are as this file expects them.
_KNOWN = ("0.30.", "0.31.", "0.32.")


class Flight:
    """What a connection has to send and asks no answer for; it goes out in one write with the next message.

    Args:
        protocol: asyncpg's, of the connection.
        transport: where the protocol writes.
    """

    __slots__ = ("_begun", "_held", "_holds", "_protocol", "_queries", "_write")

    def __init__(self, protocol: Any, transport: Any) -> None:
        self._protocol = protocol
        self._queries = -1
        self._begun = False
        self._held = b""
        self._write = transport.write
        try:
            transport.write = self._write_behind_held
        except AttributeError:
            self._holds = False  # uvloop's transports take no attributes: there everything is sent at once
        else:
            self._holds = True

    def add(self, messages: bytes, *, begun: bool) -> None:
        """Takes statements along, without a Sync.

        Args:
            messages: see `messages`. Where nothing follows them at once, `depart` sends them.
            begun: whether a transaction is open behind them.
        """
        self._held += messages
        self._queries = self._protocol.queries_count
        self._begun = begun
        if not self._holds:
            self.depart()

    def depart(self) -> None:
        """Sends what is held."""
        if self._held:
            held, self._held = self._held, b""
            self._write(held)

    def _write_behind_held(self, data: bytes | memoryview) -> None:
        if self._held:
            data = b"".join((self._held, data))
            self._held = b""
        self._write(data)

    @property
    def queries(self) -> int:
        """How many queries asyncpg has sent."""
        return int(self._protocol.queries_count)

    def landed(self) -> None:
        """What was sent is answered, by something that asyncpg does not count."""
        self._queries = -1

    def ended(self) -> None:
        """The transaction ends by something that is waited for."""
        self._begun = False

    @property
    def unanswered(self) -> bool:
        """Whether nothing has been sent since that brings the answer."""
        return bool(self._protocol.queries_count == self._queries)

    def is_in_transaction(self) -> bool:
        return self._begun if self.unanswered else bool(self._protocol.is_in_transaction())

    def is_lost(self) -> bool:
        """Of an answered flight: whether a transaction was begun and none is open. Then BEGIN itself failed."""
        return self._begun and not self._protocol.is_in_transaction()


def messages(statements: Iterable[str]) -> bytes:
    """Statements that return no rows as messages of the extended protocol, without a Sync."""
    return b"".join(map(_messages, statements))


@lru_cache(maxsize=4096)
def _messages(statement: str) -> bytes:
    # Parse, Bind and Execute of the unnamed statement, without parameters.
    parse, bind, execute = b"\0" + statement.encode() + b"\0\0\0", bytes(8), bytes(5)
    return b"".join(
        kind + struct.pack("!i", len(body) + 4) + body for kind, body in ((b"P", parse), (b"B", bind), (b"E", execute))
    )


_COMMIT, _ROLLBACK = messages(["COMMIT"]), messages(["ROLLBACK"])


class SameFlightTransaction(Transaction):
    """asyncpg's transaction, whose begin waits for nothing where the connection is armed for it.

    Nor does its ROLLBACK, or the COMMIT of what only read: of a READ ONLY transaction, or on a connection that is tidy:
    it was sent SELECTs that change nothing. That of a SERIALIZABLE one does: there PostgreSQL says at COMMIT whether
    what was read holds.
    """

    __slots__ = ("_begin", "_flies", "_is_read_only", "_is_serializable")
    _connection: Any

    def __init__(self, connection: TenantConnection, isolation: Any, readonly: bool, deferrable: bool) -> None:
        super().__init__(connection, isolation, readonly, deferrable)
        level = f" ISOLATION LEVEL {isolation.replace('_', ' ').upper()}" if isolation else ""
        self._begin = "BEGIN" + level + " READ ONLY" * readonly + " DEFERRABLE" * deferrable
        self._is_read_only = readonly
        self._is_serializable = (isolation or connection.isolation) == "serializable"
        self._flies = False

    async def start(self) -> None:
        connection = self._connection
        # Inside another transaction it is a savepoint.
        if not connection.may_fly or connection._top_xact is not None:
            await connection.answered()
            await super().start()
            return
        connection.flight.add(messages((self._begin, *connection.opening(flies=True))), begun=True)
        connection._top_xact = self
        self._state = TransactionState.STARTED
        self._flies = True

    async def __aenter__(self) -> None:
        await super().__aenter__()
        # A block is code that goes round SQLAlchemy, and may begin with what cannot bring the answer.
        await self._answered_or_terminated()
        self._flies = False

    async def commit(self) -> None:
        # Unanswered where nothing followed the begin, as when parameters could not be encoded. It may have failed.
        await self._answered_or_terminated()
        only_read = self._is_read_only or self._connection.is_tidy
        if only_read and not self._is_serializable and await self._may_end_unanswered():
            self._end(_COMMIT, TransactionState.COMMITTED)
        else:
            self._connection.flight.ended()
            was_tidy = self._connection.is_tidy
            await super().commit()
            self._connection.kept_tidy(was_tidy=was_tidy)

    async def rollback(self) -> None:
        try:
            await self._connection.answered()
        except asyncpg.PostgresError:
            _log.debug("a begin failed that nothing followed", exc_info=True)
        if await self._may_end_unanswered():
            self._end(_ROLLBACK, TransactionState.ROLLEDBACK)
        else:
            await super().rollback()

    async def _answered_or_terminated(self) -> None:
        try:
            await self._connection.answered()
        except BaseException:
            self._connection.terminate()
            raise

    async def _may_end_unanswered(self) -> bool:
        if not self._flies or self._state is not TransactionState.STARTED:
            return False
        if not self._connection.is_tidy:
            # Without rows nothing is sent. But asyncpg waits for a cancellation that is under way, and raises where
            # another task is in the middle of a statement: its next message must not find the transaction gone.
            await asyncpg.Connection.executemany(self._connection, ";", ())
        # Ended past SQLAlchemy, by a COMMIT as text or PREPARE TRANSACTION: PostgreSQL would answer with a warning at
        # once, and asyncpg expects nothing where nobody waits.
        return bool(self._connection.is_in_transaction())

    def _end(self, message: bytes, state: TransactionState) -> None:
        self._connection.flight.add(message, begun=False)
        # Soon, for what the transaction holds on the server; but a unit that follows at once takes it along.
        asyncio.get_running_loop().call_soon(self._connection.flight.depart)
        self._connection._top_xact = None
        self._state = state


_ASK = "SELECT current_setting('app.tenant_id')"
#: It stands in the server's log.
_FAIL = "SELECT 1/0 /* tenancy tries whether a failing begin stops its statement */"


class Trial:
    """Finds out on an engine's first connection whether its begins can travel with the first statement.

    Args:
        wanted: whether they are to, if they can.
        seconds: after which the answer is no.
    """

    def __init__(self, *, wanted: bool, seconds: float) -> None:
        self._seconds = seconds
        #: None: not tried yet.
        self.passed: bool | None = None if wanted else False
        if wanted and not asyncpg.__version__.startswith(_KNOWN):
            self.passed = self._refuse(f"not tested with asyncpg {asyncpg.__version__}")

    async def passes(self, connection: TenantConnection) -> bool:
        """Tries it; where that failed, the connection is closed: nobody knows what is left on it."""
        try:
            async with asyncio.timeout(self._seconds):
                reason = await _reason_against(connection)
        except Exception as error:  # noqa: BLE001 - whatever it is, the folded begin does not need it
            reason = f"{type(error).__name__}: {error}"
        except BaseException:
            connection.terminate()
            raise
        if reason is None:
            return True
        connection.terminate()
        return self._refuse(reason)

    def _refuse(self, reason: str) -> bool:
        _log.warning("Every BEGIN is waited for, and does not travel with the first statement: %s.", reason)
        return False


async def _reason_against(connection: TenantConnection) -> str | None:
    """What the server, or something between, does otherwise than expected."""
    connection.always((), same_flight=True)
    for tenant in ("first", "second"):  # the second time behind an unanswered ROLLBACK
        connection.arm((f"SET LOCAL app.tenant_id = '{tenant}'",))
        transaction = connection.transaction()
        await transaction.start()
        if await connection.fetchval(_ASK) != tenant or not connection.is_in_transaction():
            return "a setting did not arrive with its statement"
        await transaction.rollback()
    connection.arm(("SET LOCAL app.tenant_id = 'third'", _FAIL))
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.fetchval(_ASK)
    except asyncpg.DivisionByZeroError:
        await transaction.rollback()
    else:
        return "a statement was executed although its begin had failed"
    await connection.answered()
    return "a ROLLBACK did not arrive" if connection.is_in_transaction() else None
