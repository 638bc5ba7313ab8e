from sqlalchemy import select

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import NO_ROWS, UNSET, returns
from tenancy.prove.ground import Attempt


async def attempt(on: Attempt) -> None:
    target = on.target
    # The driver prepares it once and keeps it, as it does with every statement of a service.
    prepared = select(*target.key)
    async with on.attacker() as attacker:
        await attacker.perform("SET LOCAL plan_cache_mode = force_generic_plan")
        await attacker.expect(prepared, target.exactly_own)
        await attacker.become(target.parties.stranger)
        await attacker.expect(prepared, NO_ROWS)
        await attacker.become(target.parties.victim)
        await attacker.expect(prepared, returns(target.keys(target.others)))
        await attacker.become()
        await attacker.expect(prepared, UNSET)


ATTACK = Attack(
    tries="Executes one prepared statement with one generic plan as the attacker, a stranger, the victim and nobody.",
    why="A function marked IMMUTABLE is computed when a plan is made (PostgreSQL documentation, 38.7 Function "
    "Volatility Categories): the kept plan then serves the first tenant's rows to all others.",
    applies_to=is_scoped,
    attempt=attempt,
)
