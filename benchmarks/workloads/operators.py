"""Operators that are not leakproof.

Under row-level security PostgreSQL uses an index only for an operator that is marked leakproof: any other might tell
about rows that the policy hides. What tenancy offers for them are scoped queries: declared functions that no policy
holds, with its condition in their text. A call plans its statement anew and hands the rows on, which takes some 40 µs
more than the statement by hand, however long that takes. Each statement selects one in a thousand or fewer of a large
tenant's rows; the indexes are there on both sides. Run by the driver alone over a Unix socket, one by one.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, literal
from sqlalchemy.dialects.postgresql import TSQUERY, Range
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.comparison import Comparison
from benchmarks.contestant import SessionContestant, opened
from benchmarks.data.documents import LARGE, SEARCHES, Document, Status, counted, documents, rows
from benchmarks.ground import Ground, Size
from benchmarks.prepared import Prepared
from benchmarks.rounds import Batch
from benchmarks.target import Target

ORDER = 4
SCOPED = "tenancy, scoped query"
TARGETS = (Target("operators that are not leakproof, by a scoped query on a large tenant", SCOPED, at_most=1.5),)


def data(size: Size) -> str:
    return f"{rows(size):,} documents, half of them one tenant's."


async def measure(ground: Ground) -> AsyncGenerator[Comparison, None]:
    place, middle = await ground.once(documents), rows(ground.size) // 2
    async with opened(place, "plain", "tenancy") as contestants:
        _, ours = contestants
        for title, wanted in _not_leakproof(middle).items():
            search = SEARCHES[title]
            batches = {one.name: await _batch(one, search.by_hand(wanted, *_where(one))) for one in contestants}
            batches[SCOPED] = await _batch(ours, search.query.select(wanted=wanted))
            yield Comparison.of("not leakproof", title, await ground.rounds(batches), "plain")
        for title, condition in _leakproof(middle).items():
            batches = {one.name: await _batch(one, counted(condition, *_where(one))) for one in contestants}
            yield Comparison.of("leakproof", title, await ground.rounds(batches), "plain")


def _not_leakproof(middle: int) -> dict[str, object]:
    return {
        "LIKE prefix": f"Document {middle // 100}1",
        "jsonb @>": {"kind": 7},
        "tsvector @@": cast("word7", TSQUERY),
        "range &&": Range(middle, middle + 20),
        "numeric >": Decimal(f"{middle * 2 * 0.01 - 0.5}"),
        "enum =": Status.overdue,
    }


def _leakproof(middle: int) -> dict[str, ColumnElement[bool]]:
    return {
        "integer =": Document.id == middle // 2 * 2,
        "text =": Document.title == literal(f"Document {middle // 2 * 2}", Text),
    }


def _where(contestant: SessionContestant) -> tuple[ColumnElement[bool], ...]:
    # The same mapped class for both: `plain` has no tenancy, and finds the other table by its search_path.
    return contestant.where(LARGE, Document)


async def _batch(contestant: SessionContestant, counting: Select[Any]) -> Batch:
    async def run(session: AsyncSession) -> None:
        for _ in range(10):
            await session.execute(counting)

    return (await Prepared.of(contestant, LARGE, run)).one_by_one
