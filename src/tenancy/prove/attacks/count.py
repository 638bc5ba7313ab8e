from sqlalchemy import func, select

from tenancy.prove.attack import Attack, not_shared
from tenancy.prove.expectation import returns
from tenancy.prove.ground import Attempt
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    async with on.attacker() as attacker:
        statement = select(func.count()).select_from(target.table)
        await attacker.expect(statement, target.unless_denied(returns([(len(target.own),)]), Command.SELECT))


ATTACK = Attack(
    tries="Counts the rows of the table; the number must be that of the attacker's own.",
    why="A count shows no row, and still tells how much the others have. It is also planned otherwise than reading "
    "rows: as an index-only scan.",
    applies_to=not_shared,
    attempt=attempt,
)
