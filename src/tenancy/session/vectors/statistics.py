"""How PostgreSQL would search by itself, and how many rows it expects there: asked of its planner, and remembered."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ClauseElement, Connection, Executable, Select, Table, text
from sqlalchemy.ext.compiler import compiles

from tenancy.security.quoting import identifier
from tenancy.security.statements import statement

Known = TypeVar("Known")

#: Seconds after which PostgreSQL is asked again. A tenant that grows meanwhile is searched more slowly, not wrongly.
_KEPT_SECONDS = 300
#: How many answers are kept: tenants times tables.
_KEPT = 10_000


class Statistics:
    """What was asked lately, for all sessions of one `Database`. A tenant's figures are kept under its own id."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[float, Any]] = {}

    def get(self, key: Hashable, ask: Callable[[], Known]) -> Known:
        """What is known under a key, or is asked now."""
        now = time.monotonic()
        until, known = self._known.get(key, (now, None))
        if until <= now:
            known = ask()
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = (now + _KEPT_SECONDS, known)
        return known  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Planned:
    """What PostgreSQL would do with a search.

    Attributes:
        rows: how many rows it expects that the search is about; under the policies, so of the session's own.
        index: the index that it would take them from in the order of the distance; None where it would sort them.
    """

    rows: float
    index: str | None


def planned(connection: Connection, search: Select[Any]) -> Planned:
    """The planner's answer for a SELECT with ORDER BY and LIMIT, which is not run."""
    answer = connection.execute(_Explain(search)).scalar_one()
    (plan,) = json.loads(answer) if isinstance(answer, str) else answer
    limit = plan["Plan"]
    index = next((node["Index Name"] for node in _nodes(limit) if "Order By" in node), None)
    return Planned(limit["Plans"][0]["Plan Rows"], index)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def entries_of(connection: Connection, table: Table, index: str) -> float | None:
    """How many rows are in an index; None where it cannot be searched until enough of them are a tenant's."""
    sql = text(statement("tenancy.session.vectors", "statistics.sql", "index"))
    name = identifier(*filter(None, (table.schema, table.name)))
    found = connection.execute(sql, {"table": name, "index": index}).one_or_none()
    return found.entries if found is not None and found.iterative else None


class _Explain(Executable, ClauseElement):
    """EXPLAIN of a SELECT."""

    inherit_cache = False

    def __init__(self, select: Select[Any]) -> None:
        self.select = select


@compiles(_Explain)
def _explain(element: _Explain, compiler: Any, **arguments: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.select, **arguments)}"
