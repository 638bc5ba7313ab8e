"""Plans: what a connection remembers, and what raw SQL does not say.

*Prepared*: a statement with parameters is used by a small tenant, ten times, and then by the large one on the same
connection. The baseline is a fresh plan: the hand-written statement without row-level security, planned anew for its
values each time. *Raw SQL* names no tenant and leaves that to the policies; its baseline names the tenant by hand,
without row-level security. All is the large tenant's, run by the driver alone over a Unix socket.

To PostgreSQL the policies' condition is dear, and it does all to ask it seldom. So it takes the tenant's index, where
asking each row would take four times as long (the *sequential scan* forbids it that); and of a tenant of a million rows
it makes room to remember every project ahead of a join, even if only twenty rows are wanted, which takes a millisecond.
Told that the condition is cheap it does neither, and large scans take twice the time of the hand-written ones instead
of half. A statement that names the tenant, as all of the ORM's do, has neither problem.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from uuid import UUID

from sqlalchemy import text

from benchmarks.comparison import Comparison
from benchmarks.contestant import SessionContestant, opened
from benchmarks.data.statements import Statements
from benchmarks.data.tasks import by_size, tasks
from benchmarks.ground import Ground, Place, Size
from benchmarks.prepared import BEGIN, Prepared
from benchmarks.rounds import Batch
from benchmarks.target import Target

ORDER = 3
FRESH = "fresh plan"
ANEW = text("SET LOCAL plan_cache_mode = force_custom_plan")
TARGETS = (
    Target(
        "prepared by a small tenant, then the large one, against a fresh plan", "tenancy", "prepared.*", at_most=1.2
    ),
    Target("raw SQL that names no tenant: sequential scan", "tenancy", "raw SQL / sequential scan", at_most=1.2),
    Target("raw SQL that names no tenant: skewed join", "tenancy", "raw SQL / join.*", at_most=1.2),
)
# The planner is kept from the tenant's index, which it takes for any share of the rows where it may: see "as planned".
SCAN = text("SELECT set_config('enable_indexscan', 'off', true), set_config('enable_bitmapscan', 'off', true)")
FILTER = "SELECT count(*) FROM task WHERE {where} length(title) > 10"
RAW = {
    "sequential scan": FILTER,
    "the same, as planned": FILTER + " -- PostgreSQL has a plan of the other text",
    "aggregate by index": "SELECT count(*), max(title) FROM task WHERE {where} true",
    "join, newest 20": """
        SELECT task.title, project.name FROM task JOIN project ON project.id = task.project_id
        WHERE {where} true ORDER BY task.created_at DESC LIMIT 20
    """,
}


def data(size: Size) -> str:
    return f"{size.rows(1_000_000, 2_000):,} tasks of {size.tenants:,} tenants, one of which has a tenth."


async def measure(ground: Ground) -> AsyncGenerator[Comparison, None]:
    place = await ground.once(tasks)
    sizes = by_size(ground.size.tenants)
    large, small = sizes["large"], sizes["small"]
    async with opened(place, "plain", "usual hook", "tenancy") as contestants:
        plain, hook, ours = contestants
        for title in ("join, newest 20", "join, aggregate", "aggregate"):
            fresh = await _prepared(plain, place, large, title)
            batches: dict[str, Batch] = {FRESH: replace(fresh, opening=ANEW).one_by_one}
            # Not the usual hook: its generic plan for the join takes ten seconds and more on a million tasks.
            for contestant in (plain, ours):
                batches[contestant.name] = await _after_small(contestant, place, large, small, title)
            yield Comparison.of("prepared, small tenant first", title, await ground.rounds(batches), FRESH)
        for title, sql in RAW.items():
            by_hand = sql.format(where=f"task.organization_id = '{large}' AND")
            opening = SCAN if title == "sequential scan" else BEGIN
            batches = {"plain": Prepared(plain, large, by_hand, opening=opening).one_by_one}
            for contestant in (hook, ours):
                raw = Prepared(contestant, large, sql.format(where=""), opening=opening)
                batches[contestant.name] = raw.one_by_one
            yield Comparison.of("raw SQL", title, await ground.rounds(batches), "plain")


async def _after_small(contestant: SessionContestant, place: Place, large: UUID, small: UUID, title: str) -> Batch:
    first, then = [await _prepared(contestant, place, tenant, title) for tenant in (small, large)]
    # PostgreSQL tries five custom plans; then it may keep a generic one, as good as it was for these.
    await replace(first, arguments=[first.arguments[0]] * 10).one_by_one(0)
    return then.one_by_one


async def _prepared(contestant: SessionContestant, place: Place, tenant: UUID, title: str) -> Prepared:
    statements = await Statements.of(contestant, tenant, place)
    return await Prepared.of(contestant, tenant, statements.all()[title])
