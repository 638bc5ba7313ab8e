"""Growth: from 10 tenants to 100,000, each of the same size.

One database for each number of tenants, in which every tenant has forty tasks. A unit of work reads for a tenant drawn
at random, over a Unix socket with one client. The baseline is the same contestant among ten tenants: flat is 1.

What grows besides the number of tenants is the database: to 800 MB of tasks and their indexes on either side, where the
server keeps 128 MB in memory. Rows that are *scattered* have a page each, which has to be fetched, with tenancy and
without; *against plain* is our growth divided by plain's in the same round. *Side by side* are the same rows in the
order of their tenants, so that two or three pages hold all that is read, and what is left is what tenants cost.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack
from random import Random
from statistics import median

from benchmarks.comparison import Comparison
from benchmarks.contestant import SessionContestant, opened
from benchmarks.data.tasks import TASKS_PER_PROJECT, fill, organization, task_key
from benchmarks.ground import Ground, Place, Size
from benchmarks.rounds import Batch, Timings, timed
from benchmarks.target import Target

ORDER = 7
NAMES = ("tenancy", "plain")
FEW = 10
# More than are read. Of just as many PostgreSQL finds it as cheap to sort all, and decides by chance.
TASKS = 2 * TASKS_PER_PROJECT
SCATTERED, SIDE_BY_SIDE = "newest 20, scattered", "newest 20, side by side"
AGAINST_PLAIN = "against plain"
TARGETS = (
    Target(
        "10 → 100,000 tenants of the same size",
        "100,000 tenants",
        f"tenancy / (get by key|{SIDE_BY_SIDE})",
        at_most=1.10,
    ),
    Target(
        "the same with scattered rows, against plain's growth",
        "100,000 tenants",
        f"tenancy / {SCATTERED}",
        at_most=1.10,
        fact=AGAINST_PLAIN,
    ),
)


def data(size: Size) -> str:
    return f"{', '.join(f'{count:,}' for count in _steps(size))} tenants with {TASKS} tasks each."


async def measure(ground: Ground) -> AsyncGenerator[Comparison, None]:
    steps = _steps(ground.size)
    async with AsyncExitStack() as stack:
        places, field = [], {}
        for tenants in steps:
            place = await ground.place(f"growth_{tenants}")
            await fill(place, rows=tenants * TASKS, tenants=tenants, largest=0, copies=["plain"])
            places.append(place)
            field[tenants] = await stack.enter_async_context(opened(place, *NAMES))
        for work in ("get by key", SCATTERED, SIDE_BY_SIDE):
            if work == SIDE_BY_SIDE:
                for place in places:
                    await _gather(place)
            batches = {
                f"{name}, {_words(tenants)}": _batch(contestant, work, tenants)
                for tenants, contestants in field.items()
                for name, contestant in zip(NAMES, contestants, strict=True)
            }
            timings = await ground.rounds(batches)
            ours, plain = ({_words(one): timings[f"{name}, {_words(one)}"] for one in steps} for name in NAMES)
            yield Comparison.of("tenancy", work, ours, _words(FEW), _against(ours, plain))
            yield Comparison.of("plain", work, plain, _words(FEW))


def _steps(size: Size) -> list[int]:
    return [FEW, size.rows(1_000, 2 * FEW), size.rows(100_000, 3 * FEW)]


def _words(tenants: int) -> str:
    return f"{tenants:,} tenants"


async def _gather(place: Place) -> None:
    """Puts the rows of each tenant side by side."""
    await place.run(*(f"CLUSTER {schema}.task USING task_newest" for schema in ("public", "plain")))
    await place.vacuum()


def _against(ours: Timings, plain: Timings) -> Mapping[str, Mapping[str, float]]:
    """How much more ours grows than plain: the median over the rounds."""
    few = _words(FEW)
    facts = {}
    for tenants in ours:
        both = zip(ours[tenants], ours[few], plain[tenants], plain[few], strict=True)
        facts[tenants] = {
            AGAINST_PLAIN: median((own / own_few) / (its / its_few) for own, own_few, its, its_few in both)
        }
    return facts


def _batch(contestant: SessionContestant, work: str, tenants: int) -> Batch:
    async def batch(number: int) -> float:
        draw = Random(number)
        chosen = [draw.randint(1, tenants) for _ in range(50)]

        async def run() -> None:
            for one in chosen:
                # Task n belongs to project n + 1, and project n + 1 to tenant n + 2, as far as there are tenants.
                tenant = organization(1 + (one + 1) % tenants)
                await (contestant.get(tenant, task_key(one)) if work == "get by key" else contestant.newest(tenant))

        return await timed(run, len(chosen))

    return batch
