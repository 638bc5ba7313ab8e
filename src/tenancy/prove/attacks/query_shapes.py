from tenancy.prove.attack import Attack, not_shared
from tenancy.prove.attempts import read_in_many_ways
from tenancy.prove.ground import Attempt

#: Each reads the whole table, through another part of the planner.
_SHAPES = {
    "common table expression": "WITH mine AS (SELECT * FROM {table}) SELECT {key} FROM mine",
    "materialized": "WITH mine AS MATERIALIZED (SELECT * FROM {table}) SELECT {key} FROM mine",
    "recursive": "WITH RECURSIVE steps (step) AS (SELECT 0 UNION ALL SELECT steps.step + 1 FROM steps, {table} AS mine "
    "WHERE steps.step < 1) SELECT {key} FROM {table} AS mine WHERE EXISTS (SELECT FROM steps WHERE steps.step = 1)",
    "union": "SELECT {key} FROM {table} AS mine WHERE false UNION ALL SELECT {key} FROM {table} AS mine",
    "except": "SELECT {key} FROM {table} AS mine EXCEPT ALL SELECT {key} FROM {table} AS mine WHERE false",
    "intersect": "SELECT {key} FROM {table} AS mine INTERSECT ALL SELECT {key} FROM {table} AS mine",
    "window": "SELECT {key} FROM (SELECT *, row_number() OVER () AS tenancy_number FROM {table}) AS mine "
    "WHERE tenancy_number > 0",
    "lateral": "SELECT {key} FROM (SELECT 1) AS one, LATERAL (SELECT * FROM {table} OFFSET 0) AS mine",
    "join with values": "SELECT {key} FROM (VALUES (1)) AS one LEFT JOIN {table} AS mine ON true",
    "subquery in the select list": "SELECT {key} FROM (SELECT *, (SELECT count(*) FROM {table}) AS tenancy_number "
    "FROM {table}) AS mine WHERE tenancy_number > 0",
    "distinct": "SELECT DISTINCT ON (mine.ctid) {key} FROM {table} AS mine",
    "by the index": "SELECT {key} FROM {table} AS mine ORDER BY {key}",
}


async def attempt(on: Attempt) -> None:
    async with on.attacker() as attacker:
        await read_in_many_ways(attacker, on.target, _SHAPES)
        # The least and the greatest of an index, and all of it, without the table.
        await attacker.perform("SET LOCAL enable_seqscan = off")
        await attacker.perform("SET LOCAL enable_bitmapscan = off")
        await read_in_many_ways(attacker, on.target, _SHAPES)


ATTACK = Attack(
    tries="Reads the whole table as CTE, recursion, set operation, window, LATERAL, subquery, DISTINCT and by index, "
    "with sequential scans and without.",
    why="Conditions of policies are pushed into every subquery by the planner; a shape in which they were lost was "
    "CVE-2024-10976 (row security below subqueries and CTEs).",
    applies_to=not_shared,
    attempt=attempt,
)
