from sqlalchemy import func, select

from tenancy.prove.attack import Attack, not_shared
from tenancy.prove.expectation import returns
from tenancy.prove.ground import Attempt
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    table, is_theirs = target.table, target.is_row(target.others[0])
    async with on.attacker() as attacker:
        filtered = select(func.count().filter(is_theirs), func.bool_or(is_theirs)).select_from(table)
        await attacker.expect(filtered, target.unless_denied(returns([(0, False)]), Command.SELECT))
        exists = select(select(table.c[target.key[0].key]).where(is_theirs).exists())
        await attacker.expect(exists, target.unless_denied(returns([(False,)]), Command.SELECT))


ATTACK = Attack(
    tries="Asks aggregates and EXISTS about the victim's row.",
    why="An aggregate or EXISTS answers without showing a row; each must be computed after the policy.",
    applies_to=not_shared,
    attempt=attempt,
)
