from sqlalchemy import func, select

from tenancy.prove.attack import Attack, not_shared
from tenancy.prove.expectation import returns
from tenancy.prove.ground import Attempt
from tenancy.schema.access import Command

_FREE = ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size", "min_parallel_index_scan_size")
#: It was renamed in PostgreSQL 16.
_FORCING = "SELECT name FROM pg_settings WHERE name IN ('debug_parallel_query', 'force_parallel_mode')"


async def attempt(on: Attempt) -> None:
    target = on.target
    async with on.attacker() as attacker:
        for setting in _FREE:
            await attacker.perform(f"SET LOCAL {setting} = 0")
        await attacker.perform(f"SET LOCAL {await attacker.scalar(_FORCING)} = on")
        await attacker.expect(select(*target.key), target.exactly_own)
        counted = select(func.count()).select_from(target.table)
        await attacker.expect(counted, target.unless_denied(returns([(len(target.own),)]), Command.SELECT))


ATTACK = Attack(
    tries="Reads and counts by parallel workers, which anybody can ask for.",
    why="Workers are processes of their own, and the tenant is a setting of the leader's, copied when they start "
    "(PostgreSQL documentation, 15.4 Parallel Safety). A helper that is not safe there sees another tenant or none.",
    applies_to=not_shared,
    attempt=attempt,
)
