from sqlalchemy import func, select

from tenancy.prove.attack import Attack, not_shared
from tenancy.prove.ground import Attempt


async def attempt(on: Attempt) -> None:
    target = on.target
    async with on.attacker() as attacker:
        for method in (func.system(100), func.bernoulli(100)):
            sample = target.table.tablesample(method)
            await attacker.expect(select(*(sample.columns[one.key] for one in target.key)), target.exactly_own)


ATTACK = Attack(
    tries="Samples the whole table with TABLESAMPLE SYSTEM (100) and BERNOULLI (100).",
    why="A sample is read by a scan of its own kind, whose rows come by block and not by condition (PostgreSQL "
    "documentation, SELECT, TABLESAMPLE); the policy must be asked after it as after any other.",
    applies_to=not_shared,
    attempt=attempt,
)
