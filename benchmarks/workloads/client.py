"""The client's part of a unit: CPU time of the Python process.

The same reads as above by one client over a Unix socket, measured by the processor time that the client's process used,
in all its threads: what a service pays itself, wherever the server is. Other work on the machine hardly disturbs it.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator

from benchmarks.comparison import Comparison
from benchmarks.contestant import contestants
from benchmarks.data.tasks import spread, tasks
from benchmarks.ground import Ground
from benchmarks.target import Target
from benchmarks.workloads.unit import Field, data, keys_of

__all__ = ["data"]

ORDER = 1.5
TARGETS: tuple[Target, ...] = ()


async def measure(ground: Ground) -> AsyncGenerator[Comparison, None]:
    place, tenants = await ground.once(tasks), spread(ground.size.tenants, 50)
    keys = await keys_of(place, tenants)
    for contestant in contestants().values():
        await contestant.prepare(place, tenants)
    async with Field(place, ground.server.url(), list(contestants()), 1) as field:
        for work, words in (("get", "get by key"), ("newest", "list of 20")):
            batches = field.batches(work, keys, units=50, clock=time.process_time)
            yield Comparison.of("processor time", words, await ground.rounds(batches), "plain")
