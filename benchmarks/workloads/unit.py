"""One unit of work: a read in its own transaction.

From taking a connection to giving it back, with all that client and server do; on each transport, with 1, 8 and 32
clients of one asyncio loop. Every unit is for another one of 50 tenants, large and small. A contestant's pool has as
many connections as there are clients, but at least five, SQLAlchemy's default, and at most 16. *Round trips* are
counted on the wire, in units on a warm connection; those that are *waited for* by the time that a unit takes when each
of them takes 40 ms.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random
from typing import Self
from uuid import UUID

from sqlalchemy import text

from benchmarks.comparison import Comparison
from benchmarks.contestant import Contestant, contestants
from benchmarks.data.tasks import spread, tasks
from benchmarks.ground import Ground, Place, Size
from benchmarks.proxy import counting_flights
from benchmarks.rounds import Batch, timed
from benchmarks.target import Target
from benchmarks.transport import FAR, SOCKET, TRANSPORTS

ORDER = 1
TARGETS = (
    Target(
        "round trips of a unit that reads, in a read-write transaction",
        "tenancy",
        "1 client / get .*",
        at_most=2,
        fact="waited for",
    ),
    Target("round trips of a read-only unit", "tenancy, read-only", "1 client / get .*", at_most=1, fact="waited for"),
    Target("read unit against plain, 1 client", "tenancy", r"1 client / .* \((Unix|TCP) .*", at_most=0.95),
    Target("read unit against plain, 32 clients", "tenancy", r"32 clients / .* \((Unix|TCP) .*", at_most=1.0),
    Target("read unit against plain at 1 ms each way", "tenancy", r"1 client / .* \(1 ms .*", at_most=0.72),
    Target("the same, read-only unit", "tenancy, read-only", r"1 client / .* \(1 ms .*", at_most=0.40),
    Target("against sqlalchemy-tenants, 50 tenants", "tenancy", "peer / 50 tenants", at_most=0.70),
    Target("against sqlalchemy-tenants, 400 tenants", "tenancy", "peer / 400 tenants", at_most=0.60),
)
CLIENTS = (1, 8, 32)
FEWEST_CONNECTIONS, MOST_CONNECTIONS = 5, 16
#: How many are run to count their round trips.
UNITS = 8
PEER = "sqlalchemy-tenants"
Key = tuple[UUID, UUID]
Clock = Callable[[], float]
KEYS = text("""
    SELECT organization_id, id
    FROM unnest(CAST(:tenants AS uuid[])) AS tenant,
        LATERAL (SELECT * FROM public.task WHERE organization_id = tenant LIMIT 20) AS task
""")


def data(size: Size) -> str:
    return f"{size.rows(1_000_000, 2_000):,} tasks of {size.tenants:,} tenants, one of which has a tenth."


async def measure(ground: Ground) -> AsyncGenerator[Comparison, None]:
    place, port = await ground.once(tasks), await ground.tcp_port()
    tenants = spread(ground.size.tenants, 50)
    keys = await keys_of(place, tenants)
    for contestant in contestants().values():
        await contestant.prepare(place, tenants)
    round_trips = {name: await _round_trips(place, name, keys) for name in contestants()}
    for transport in TRANSPORTS if ground.size.thorough else (SOCKET, FAR):
        with transport.reach(ground.server.url(), port) as url:
            for clients in CLIENTS if ground.size.thorough else CLIENTS[:2]:
                group = "1 client" if clients == 1 else f"{clients} clients"
                async with Field(place, url, list(contestants()), clients) as field:
                    for work in ("get", "newest"):
                        batches = field.batches(work, keys, units=20)
                        timings = await ground.rounds(batches, fewer=1 if transport.local else 2)
                        facts = round_trips if (clients, transport, work) == (1, SOCKET, "get") else None
                        words = {"get": "get by key", "newest": "list of 20"}[work]
                        yield Comparison.of(group, f"{words} ({transport.name})", timings, "plain", facts)
    for count in sorted({min(count, ground.size.tenants) for count in (50, 400)}):
        tenants = spread(ground.size.tenants, count)
        await contestants()[PEER].prepare(place, tenants)
        keys = await keys_of(place, tenants)
        async with Field(place, ground.server.url(), ["tenancy", "tenancy, read-only", "plain", PEER], 1) as field:
            timings = await ground.rounds(field.batches("get", keys, units=50))
        yield Comparison.of("peer", f"{len(tenants)} tenants", timings, PEER)


class Field:
    """The contestants of one comparison, each with its pool open."""

    def __init__(self, place: Place, url: str, names: list[str], clients: int) -> None:
        self._place, self._url, self._clients = place, url, clients
        self._open: dict[str, Contestant] = {name: contestants()[name]() for name in names}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for contestant in self._open.values():
            url = self._place.url(contestant.login, self._url)
            await contestant.open(url, min(max(self._clients, FEWEST_CONNECTIONS), MOST_CONNECTIONS))
            self._stack.push_async_callback(contestant.close)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def batches(self, work: str, keys: list[Key], *, units: int, clock: Clock = time.perf_counter) -> dict[str, Batch]:
        """A batch of each contestant: `units` units of one client, or about five of each of many."""
        return {
            name: _batch(
                contestant, work, keys, clients=self._clients, each=max(5, units // self._clients), clock=clock
            )
            for name, contestant in self._open.items()
        }


def _batch(contestant: Contestant, work: str, keys: list[Key], *, clients: int, each: int, clock: Clock) -> Batch:
    async def client(chosen: list[Key]) -> None:
        for tenant, key in chosen:
            await (contestant.get(tenant, key) if work == "get" else contestant.newest(tenant))

    async def batch(number: int) -> float:
        # By the round's number: in a round all contestants have the same units.
        draw = Random(number)
        chosen = [draw.choices(keys, k=each) for _ in range(clients)]
        return await timed(lambda: asyncio.gather(*map(client, chosen)), clients * each, clock)

    return batch


async def keys_of(place: Place, tenants: list[UUID]) -> list[Key]:
    """Twenty tasks of each of the tenants."""
    async with place.connect() as connection:
        return [(tenant, key) for tenant, key in await connection.execute(KEYS, {"tenants": tenants})]


async def _round_trips(place: Place, name: str, keys: list[Key]) -> dict[str, float]:
    """How many flights a unit takes, once its statements are prepared, and how many of them it waits for."""
    # One tenant: sqlalchemy-tenants prepares a statement more for each.
    key, delay = keys[0], 0.02
    url = place.url(contestants()[name].login)
    async with counting_flights(url) as flights, _warm(name, flights.url, key) as contestant:
        before = flights.count
        for _ in range(UNITS):
            await contestant.get(*key)
        # What is still under way belongs to the last unit.
        await asyncio.sleep(0.1)
        counted = (flights.count - before) / UNITS
    async with counting_flights(url, delay=delay) as flights, _warm(name, flights.url, key) as contestant:
        # The way takes much longer than the work, so time counts what is waited for.
        waited = min([await timed(lambda: contestant.get(*key)) for _ in range(3)])
    return {"round trips": counted, "waited for": waited // (2 * delay)}


@asynccontextmanager
async def _warm(name: str, url: str, key: Key) -> AsyncIterator[Contestant]:
    """A contestant that has two connections, and statements prepared on both."""
    contestant = contestants()[name]()
    await contestant.open(url, 2)
    for _ in range(UNITS):
        await asyncio.gather(contestant.get(*key), contestant.get(*key))
    yield contestant
    await contestant.close()
