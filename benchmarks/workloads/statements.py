"""ORM statements on the server: under row-level security, and by hand without.

What SQLAlchemy makes of a statement is run again and again on one connection over a Unix socket, by the driver alone.
*One by one* each execution waits for the one before it, as in a service: a round trip of the fastest kind is part of
the figure. Client and server are kept on one processor for it; left alone, they wake each other now on one and now
across two, which takes longer than short statements do. *In one flight* all executions travel together, and hardly
anything but the server's own work is left; this shows what planning each execution anew costs, which `tenancy` asks for
where the plan could depend on the tenant, and the others never do. Every batch is a transaction that is rolled back.
The large tenant has a tenth of all rows, the middle one stands at the fiftieth part of the list, the small one is the
last.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from math import inf

from benchmarks.comparison import Comparison
from benchmarks.contestant import opened
from benchmarks.data.statements import INSERT_OF_MANY, Statements
from benchmarks.data.tasks import by_size, tasks
from benchmarks.ground import Ground, Size
from benchmarks.prepared import Prepared
from benchmarks.target import Target

ORDER = 2
TARGETS = (
    Target("ORM statements of ≥ 100 µs, one by one", "tenancy", ".*one by one / .*", at_most=1.15, seconds=(1e-4, inf)),
    Target("ORM statements of < 100 µs, one by one", "tenancy", ".*one by one / .*", at_most=1.25, seconds=(0, 1e-4)),
    Target("ORM statements of ≥ 100 µs, in one flight", "tenancy", ".*flight / .*", at_most=1.15, seconds=(1e-4, inf)),
    Target("ORM statements of < 100 µs, in one flight", "tenancy", ".*flight / .*", at_most=1.25, seconds=(0, 1e-4)),
)


def data(size: Size) -> str:
    return f"{size.rows(1_000_000, 2_000):,} tasks of {size.tenants:,} tenants, one of which has a tenth."


async def measure(ground: Ground) -> AsyncGenerator[Comparison, None]:
    place = await ground.once(tasks)
    async with opened(place, "plain", "usual hook", "tenancy") as contestants:
        for size, tenant in by_size(ground.size.tenants).items():
            runs = {
                contestant.name: (await Statements.of(contestant, tenant, place)).all() for contestant in contestants
            }
            for name in runs["plain"]:
                prepared = {one.name: await Prepared.of(one, tenant, runs[one.name][name]) for one in contestants}
                flight = await ground.rounds({key: one.in_one_flight for key, one in prepared.items()})
                yield Comparison.of(f"{size} tenant, in one flight", name, flight, "plain")
                if name != INSERT_OF_MANY:
                    single = await ground.rounds({key: one.one_by_one for key, one in prepared.items()})
                    yield Comparison.of(f"{size} tenant, one by one", name, single, "plain")
