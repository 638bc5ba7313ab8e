"""What the server answered to a statement, and what it had to answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tenancy.security.functions import TENANT_NOT_SET, USER_NOT_SET

_SHOWN = 3


@dataclass(frozen=True)
class Answer:
    """Rows, or a number of rows, or a refusal."""

    rows: tuple[tuple[Any, ...], ...] | None = None
    affected: int | None = None
    #: Of a refusal by the server.
    sqlstate: str | None = None
    #: Of a refusal by the session, which the server was not asked about: the error's class.
    error: type[BaseException] | None = None
    message: str = ""
    #: What the refusal says besides: DETAIL and HINT.
    detail: str = ""

    @property
    def is_refusal(self) -> bool:
        return self.sqlstate is not None or self.error is not None

    def __str__(self) -> str:
        if self.is_refusal:
            refused_by = self.sqlstate or self.error.__name__  # type: ignore[union-attr]
            return f"{refused_by}: {self.message}{f' ({self.detail})' if self.detail else ''}"
        if self.rows is None:
            return f"{self.affected} rows affected"
        shown = ", ".join(_shortened(row) for row in self.rows[:_SHOWN])
        more = ", …" if len(self.rows) > _SHOWN else ""
        return f"{len(self.rows)} rows: {shown}{more}" if self.rows else "no rows"


@dataclass(frozen=True)
class Expectation:
    """What must happen, in words and as a test."""

    text: str
    accepts: Callable[[Answer], bool]

    def __or__(self, other: Expectation) -> Expectation:
        return Expectation(
            f"{self.text}, or {other.text}", lambda answer: self.accepts(answer) or other.accepts(answer)
        )

    def but_silent(self) -> Expectation:
        """For a refusal that has printed what it must not: nothing that it says is good enough."""
        return Expectation(f"{self.text}, printing nothing of the victim's row", lambda answer: False)


def refused(*sqlstates: str) -> Expectation:
    """The server refuses with one of these SQLSTATEs; any other refusal is none."""
    return Expectation(f"refused with {' or '.join(sqlstates)}", lambda answer: answer.sqlstate in sqlstates)


def refused_by(*errors: type[Exception]) -> Expectation:
    """The session refuses with one of these errors; a subclass is another refusal."""
    names = " or ".join(error.__name__ for error in errors)
    return Expectation(f"refused by {names}", lambda answer: answer.error in errors)


def affects(number: int) -> Expectation:
    """So many rows are written, no more and no fewer."""
    return Expectation(
        f"{number} rows affected",
        lambda answer: not answer.is_refusal and answer.rows is None and (answer.affected or 0) == number,
    )


def returns(rows: Iterable[Sequence[Any]]) -> Expectation:
    """Exactly these rows, in any order."""
    wanted = [tuple(row) for row in rows]
    text = (
        f"exactly {len(wanted)} rows: {', '.join(_shortened(row) for row in wanted[:_SHOWN])}" if wanted else "no rows"
    )

    def accepts(answer: Answer) -> bool:
        return answer.rows is not None and Counter(map(repr, answer.rows)) == Counter(map(repr, wanted))

    return Expectation(text, accepts)


def among(rows: Iterable[Sequence[Any]]) -> Expectation:
    """None but these rows, and none of them twice: where how many come is PostgreSQL's to decide."""
    allowed = Counter(repr(tuple(row)) for row in rows)
    return Expectation(
        f"none but {allowed.total()} own rows",
        lambda answer: answer.rows is not None and Counter(map(repr, answer.rows)) <= allowed,
    )


#: Whatever comes of it, it is no refusal; what came of it is for the next statement to tell.
TAKEN = Expectation("no refusal", lambda answer: answer.sqlstate is None)
#: No row is shown.
NO_ROWS = returns([])
#: Nobody is set, and the policy says so.
UNSET = refused(TENANT_NOT_SET, USER_NOT_SET)


def _shortened(row: Sequence[Any]) -> str:
    text = ", ".join(str(value) for value in row)
    return f"({text if len(text) < 80 else text[:79] + '…'})"
