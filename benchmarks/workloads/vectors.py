"""Vector search: the nearest ten of a tenant's vectors.

One HNSW index on `halfvec` over all tenants, and the index of the tenant column; then also, for the large tenants,
indexes of their own, made by `tenancy vectors`. Each search is one unit of work of tenancy, over a Unix socket; vectors
that are asked for lie near some of the tenant's own. *Recall* is the share of the true ten that was found, *short* how
many of the searches found fewer than ten. The baseline is the fastest way by hand that finds 95 % and is never short.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from random import Random
from statistics import median
from uuid import UUID

from sqlalchemy import text

from benchmarks.comparison import Comparison
from benchmarks.data.vectors import DIMENSIONS, OWN_INDEX, index_large_tenants, rows, tenants, vectors
from benchmarks.ground import Ground, Place, Size
from benchmarks.rounds import Batch, timed
from benchmarks.search import LIMIT, Search, searches
from benchmarks.target import Target
from tenancy import Database

ORDER = 6
QUERIES = 40
#: In one batch.
SEARCHES = 20
RECALL = 0.95
HELPER = "tenancy's helper"
TARGETS = (
    Target("vector search as it stands: recall@10", "as it stands", at_least=RECALL, fact="recall"),
    Target("vector search as it stands: searches that found fewer than 10", "as it stands", at_most=0, fact="short"),
    Target("vector search by session.nearest(): recall@10", HELPER, at_least=RECALL, fact="recall"),
    Target("vector search by session.nearest(): searches that found fewer than 10", HELPER, at_most=0, fact="short"),
    Target("vector search by session.nearest(), against the fastest way that reaches both", HELPER, at_most=1.2),
)
SAMPLE = text("SELECT embedding::text FROM chunk WHERE organization_id = :tenant ORDER BY id LIMIT :queries")


def data(size: Size) -> str:
    return f"{rows(size):,} vectors of {DIMENSIONS} dimensions in a hundred clusters."


async def measure(ground: Ground) -> AsyncGenerator[Comparison, None]:
    place = await ground.once(vectors)
    for size, tenant in tenants(ground.size).items():
        yield await _comparison(ground, place, f"tenant of {size:,}", tenant)
    await index_large_tenants(place)
    for size, tenant in tenants(ground.size).items():
        if size >= OWN_INDEX:
            yield await _comparison(ground, place, f"tenant of {size:,}, with its own index", tenant)


async def _comparison(ground: Ground, place: Place, title: str, tenant: UUID) -> Comparison:
    queries = await _queries(place, tenant)
    async with Database.from_url(place.url("tenancy_app_login")) as database:
        truth = [await _found(database, tenant, searches()["exact"](), query) for query in queries]
        batches, facts = {}, {}
        for name, search_type in searches().items():
            search = search_type()
            batches[name] = _batch(database, tenant, search, queries)
            answers = [await _found(database, tenant, search, query) for query in queries]
            hits = sum(len(set(found) & set(true)) for found, true in zip(answers, truth, strict=True))
            short = sum(len(found) < LIMIT for found in answers)
            facts[name] = {"recall": hits / (LIMIT * len(queries)), "short": short}
        timings = await ground.rounds(batches)
    reaching = [name for name in facts if facts[name]["recall"] >= RECALL and not facts[name]["short"]]
    fastest = min((name for name in reaching if name != HELPER), key=lambda name: median(timings[name]))
    return Comparison.of("searches", title, timings, fastest, facts)


async def _queries(place: Place, tenant: UUID) -> list[list[float]]:
    """Vectors near some of the tenant's."""
    draw = Random(0)
    async with place.connect() as connection:
        texts = (await connection.scalars(SAMPLE, {"tenant": tenant, "queries": QUERIES})).all()
    return [[float(value) + draw.uniform(-0.2, 0.2) for value in one.strip("[]").split(",")] for one in texts]


async def _found(database: Database, tenant: UUID, search: Search, query: list[float]) -> list[int]:
    async with database.begin(tenant, read_only=True) as session:
        return [chunk.id for chunk in await search.nearest(session, query)]


def _batch(database: Database, tenant: UUID, search: Search, queries: list[list[float]]) -> Batch:
    async def batch(number: int) -> float:
        async def run() -> None:
            for offset in range(SEARCHES):
                await _found(database, tenant, search, queries[(number * SEARCHES + offset) % len(queries)])

        return await timed(run, SEARCHES)

    return batch
