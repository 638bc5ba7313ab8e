"""Operators that are not leakproof.

Under row-level security PostgreSQL uses an index only for an operator that is marked leakproof: any other might tell
about rows that the policy hides. Each statement selects one in a thousand or fewer of a large tenant's rows; the
indexes are there on both sides. Run by the driver alone over a Unix socket, one by one.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from sqlalchemy import ColumnElement, Text, func, literal, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.comparison import Comparison
from benchmarks.contestant import SessionContestant, opened
from benchmarks.data.documents import LARGE, Document, Status, documents, rows
from benchmarks.ground import Ground, Size
from benchmarks.prepared import Prepared
from benchmarks.target import Target

ORDER = 4
TARGETS = (Target("operators that are not leakproof, on a large tenant", "tenancy", "not leakproof / .*", at_most=1.5),)


def data(size: Size) -> str:
    return f"{rows(size):,} documents, half of them one tenant's."


async def measure(ground: Ground) -> AsyncGenerator[Comparison, None]:
    place, middle = await ground.once(documents), rows(ground.size) // 2
    async with opened(place, "plain", "tenancy") as contestants:
        for group, conditions in (("not leakproof", _not_leakproof(middle)), ("leakproof", _leakproof(middle))):
            for title, condition in conditions.items():
                batches = {one.name: (await _prepared(one, condition)).one_by_one for one in contestants}
                yield Comparison.of(group, title, await ground.rounds(batches, fewer=2), "plain")


def _not_leakproof(middle: int) -> dict[str, ColumnElement[bool]]:
    return {
        "LIKE prefix": Document.title.like(f"Document {middle // 100}1%"),
        "jsonb @>": Document.labels.contains({"kind": 7}),
        "tsvector @@": Document.words.bool_op("@@")(func.to_tsquery("simple", "word7")),
        "range &&": Document.pages.overlaps(Range(middle, middle + 20)),
        "numeric >": Document.amount > literal(middle * 2 * 0.01 - 0.5, Document.amount.type),
        "enum =": Document.status == Status.overdue,
    }


def _leakproof(middle: int) -> dict[str, ColumnElement[bool]]:
    return {
        "integer =": Document.id == middle // 2 * 2,
        "text =": Document.title == literal(f"Document {middle // 2 * 2}", Text),
    }


async def _prepared(contestant: SessionContestant, condition: ColumnElement[bool]) -> Prepared:
    # The same mapped class for both: `plain` has no tenancy, and finds the other table by its search_path.
    by_hand = contestant.where(LARGE, Document)
    statement = select(func.count()).select_from(Document).where(condition, *by_hand)

    async def run(session: AsyncSession) -> None:
        for _ in range(3):
            await session.execute(statement)

    return await Prepared.of(contestant, LARGE, run)
