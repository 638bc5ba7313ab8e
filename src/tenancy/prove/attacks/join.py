from sqlalchemy import func, or_, select, true

from tenancy.prove.attack import Attack, not_shared
from tenancy.prove.closure import keys_of, parent_of
from tenancy.prove.expectation import NO_ROWS, returns
from tenancy.prove.ground import Attempt
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    mine, theirs = target.table.alias("mine"), target.table.alias("theirs")
    async with on.attacker() as attacker:
        joined = select(*(theirs.c[column.key] for column in target.key)).select_from(mine.join(theirs, true()))
        hidden = joined.where(target.is_row(target.others[0], theirs))
        await attacker.expect(hidden, target.unless_denied(NO_ROWS, Command.SELECT))
        for key in keys_of(target.declared):
            parent = on.ground.targets.get(parent_of(key))
            # Of a shared parent everybody reads every row; a private one cannot be joined at all.
            if parent is None or not parent.allows(Command.SELECT) or not parent.others or parent is target:
                continue
            condition = or_(*(parent.is_row(row) for row in parent.others), target.is_row(target.others[0]))
            counted = select(func.count()).select_from(target.table.join(parent.table, true())).where(condition)
            await attacker.expect(counted, target.unless_denied(returns([(0,)]), Command.SELECT))


ATTACK = Attack(
    tries="Joins the table with itself and with its parents, in search of the victim's rows on either side.",
    why="A join reaches a table through another one; each table in a statement must be held by its own policy.",
    applies_to=not_shared,
    attempt=attempt,
)
