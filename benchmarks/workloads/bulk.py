"""Bulk load: many rows of one tenant, in one transaction.

Rows are tuples in Python's memory, loaded by the application role into an empty table under row-level security, with
its primary key and the index of its tenant column. The baseline is COPY into a table without row-level security and
with the same indexes. *Speed* is the share of its rows per second.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack
from statistics import median
from uuid import uuid4

from benchmarks.comparison import Comparison
from benchmarks.data.events import events, rows
from benchmarks.ground import Ground, Place, Size
from benchmarks.loader import Loader, Row, loaders
from benchmarks.rounds import Batch, timed
from benchmarks.target import Target

ORDER = 5
BASELINE = "COPY without RLS"
TARGETS = (
    Target("bulk load as the application role, speed against COPY", "session.bulk_load", at_least=0.6, fact="speed"),
    Target("bulk load through a loader of ours, speed against COPY", "db.bulk_load", at_least=0.9, fact="speed"),
)


def data(size: Size) -> str:
    return f"{_count(size):,} rows of five columns."


async def measure(ground: Ground) -> AsyncGenerator[Comparison, None]:
    place, tenant = await ground.once(events), uuid4()
    loaded = rows(tenant, _count(ground.size))
    async with AsyncExitStack() as stack:
        batches = {}
        for name, loader_type in loaders().items():
            loader = loader_type()
            await loader.open(place.url(loader.login))
            stack.push_async_callback(loader.close)
            batches[name] = _batch(loader, place, loaded)
        timings = await ground.rounds(batches, fewer=2)
        facts = {
            name: {"speed": median(timings[BASELINE]) / median(seconds), "rows per second": 1 / median(seconds)}
            for name, seconds in timings.items()
        }
        yield Comparison.of("loaders", f"{len(loaded):,} rows", timings, BASELINE, facts)


def _count(size: Size) -> int:
    return size.rows(100_000, 1_000)


def _batch(loader: Loader, place: Place, loaded: Sequence[Row]) -> Batch:
    async def batch(number: int) -> float:
        await place.run("TRUNCATE public.event, plain.event")
        return await timed(lambda: loader.load(loaded[0][1], loaded), len(loaded))

    return batch
