"""How PostgreSQL plans a connection's statements: each execution for its own values, save for what is simple.

A plan that PostgreSQL keeps from a small tenant can be three orders of magnitude slower for a large one, so connections
have plan_cache_mode `force_custom_plan`. Of a simple statement (`tenancy.session.simple`) all plans are the same, and
making one takes longer than the statement itself. So where BEGIN travels with the first statement and that is simple,
it says `auto`, and PostgreSQL keeps plans as it does by default. The first statement that is not simple brings
`force_custom_plan` back, ahead of it in the same flight, for the rest of the transaction.

SQLAlchemy's statements are announced before they are sent. Whatever nobody announced is not simple: text, and what the
driver's own methods are given.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Self

from asyncpg.prepared_stmt import PreparedStatement
from sqlalchemy import Compiled

from tenancy.session.same_flight import Flight, messages
from tenancy.session.simple import is_simple

AUTO = "SET LOCAL plan_cache_mode = auto"
CUSTOM = "SET LOCAL plan_cache_mode = force_custom_plan"
_CUSTOM = messages([CUSTOM])
# Where a transaction has failed, PostgreSQL takes only these: so nothing goes ahead of them.
_CONTROL = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:savepoint|release|rollback|commit|end|abort)\b", re.I | re.S)


class Planning:
    """What a connection's transaction was told about its plans.

    Args:
        flight: of the connection.
    """

    __slots__ = ("_announced", "_auto", "_began_auto", "_flight")

    def __init__(self, flight: Flight) -> None:
        self._flight = flight
        self._announced: str | None = None
        self._began_auto = False
        #: Whether PostgreSQL may keep a plan now.
        self._auto = False

    def announce(self, query: str | None) -> None:
        """A statement is about to be sent.

        Args:
            query: its text where it is simple; None where it is not.
        """
        self._announced = query

    def announce_compiled(self, query: str, compiled: Compiled | None) -> None:
        """SQLAlchemy is about to send a statement.

        Args:
            query: its text.
            compiled: what that was made from; None where it was text from the start.
        """
        self.announce(query if compiled is not None and is_simple(compiled) else None)

    def opening(self, *, flies: bool) -> tuple[str, ...]:
        """What a begin says about plans, by the statement that is announced.

        Args:
            flies: whether the begin travels with its first statement. Else there is no flight to say more in.
        """
        self._auto = self._began_auto = flies and self._announced is not None
        return (AUTO,) if self._auto else ()

    def before(self, query: str) -> None:
        """Sends what a statement needs ahead of it, without a Sync."""
        if not self._began_auto:
            return
        if _CONTROL.match(query):
            # What was said behind a savepoint is undone with it.
            self._auto = True
        elif self._auto and query != self._announced and self._flight.is_in_transaction():
            self._auto = False
            self._flight.add(_CUSTOM, begun=True)

    def script(self, query: str) -> str:
        """The text of a simple query, which nothing can be sent ahead of, with what it needs."""
        if self._auto and not _CONTROL.match(query) and self._flight.is_in_transaction():
            query = f"{CUSTOM}; {query}"
        # There may be a ROLLBACK TO in it.
        self._auto = self._began_auto
        return query


def _planned(method: Callable[..., Any]) -> Any:
    @wraps(method)
    def planned(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._connection.planning.before(self._query)
        return method(self, *args, **kwargs)

    return planned


class PlannedStatement(PreparedStatement):
    """A prepared statement that says what it needs whenever it is executed."""

    __slots__ = ()

    @classmethod
    def of(cls, statement: Any) -> Self:
        # Of asyncpg's versions that begins may travel with: what is private is as it was tested.
        return cls(statement._connection, statement._query, statement._state)  # noqa: SLF001 - as above

    cursor = _planned(PreparedStatement.cursor)
    executemany = _planned(PreparedStatement.executemany)
    fetch = _planned(PreparedStatement.fetch)
    fetchmany = _planned(PreparedStatement.fetchmany)
    fetchrow = _planned(PreparedStatement.fetchrow)
    fetchval = _planned(PreparedStatement.fetchval)
