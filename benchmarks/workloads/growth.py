"""Growth: from 10 tenants to 100,000, each of the same size.

One database for each number of tenants, in which every tenant has twenty tasks. A unit of work reads for a tenant drawn
at random, over a Unix socket with one client. The baseline is the same contestant among ten tenants: flat is 1.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from random import Random

from benchmarks.comparison import Comparison
from benchmarks.contestant import SessionContestant, opened
from benchmarks.data.tasks import TASKS_PER_PROJECT, fill, organization, task_key
from benchmarks.ground import Ground, Size
from benchmarks.rounds import Batch, timed
from benchmarks.target import Target

ORDER = 7
NAMES = ("tenancy", "plain")
FEW = 10
TARGETS = (Target("10 → 100,000 tenants of the same size", "100,000 tenants", "tenancy / .*", at_most=1.10),)


def data(size: Size) -> str:
    return f"{', '.join(f'{count:,}' for count in _steps(size))} tenants with {TASKS_PER_PROJECT} tasks each."


async def measure(ground: Ground) -> AsyncGenerator[Comparison, None]:
    steps = _steps(ground.size)
    async with AsyncExitStack() as stack:
        field = {}
        for tenants in steps:
            place = await ground.place(f"growth_{tenants}")
            await fill(place, rows=tenants * TASKS_PER_PROJECT, tenants=tenants, largest=0, copies=["plain"])
            field[tenants] = await stack.enter_async_context(opened(place, *NAMES))
        for position, name in enumerate(NAMES):
            for work in ("get by key", "newest 20"):
                batches = {
                    f"{tenants:,} tenants": _batch(contestants[position], work, tenants)
                    for tenants, contestants in field.items()
                }
                yield Comparison.of(name, work, await ground.rounds(batches), f"{FEW} tenants")


def _steps(size: Size) -> list[int]:
    return [FEW, size.rows(1_000, 2 * FEW), size.rows(100_000, 3 * FEW)]


def _batch(contestant: SessionContestant, work: str, tenants: int) -> Batch:
    async def batch(number: int) -> float:
        draw = Random(number)
        chosen = [draw.randint(1, tenants) for _ in range(50)]

        async def run() -> None:
            for one in chosen:
                # Task n belongs to project n + 1, and project n + 1 to tenant n + 2, all of them in a ring.
                tenant = organization(1 + (one + 1) % tenants)
                await (contestant.get(tenant, task_key(one)) if work == "get by key" else contestant.newest(tenant))

        return await timed(run, len(chosen))

    return batch
