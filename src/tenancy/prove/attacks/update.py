from sqlalchemy import update

from tenancy.prove.attack import Attack, every
from tenancy.prove.expectation import affects
from tenancy.prove.ground import Attempt
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    other = target.others[0] if target.others else target.other_spare
    own = target.own[0] if target.own else target.own_spare
    async with on.attacker() as attacker:
        # Once as it is, once towards the attacker: stealing the row.
        for values in (target.settable(other), target.settable(own)):
            statement = update(target.table).where(target.is_row(other)).values(values)
            await attacker.expect(statement, target.unless_denied(affects(0), Command.SELECT, Command.UPDATE))


ATTACK = Attack(
    tries="Updates the victim's row by its primary key, also so that it would become the attacker's.",
    why="An UPDATE is held by the USING of a policy of its own (PostgreSQL documentation, CREATE POLICY); what SELECT "
    "is held by says nothing about it.",
    applies_to=every,
    attempt=attempt,
)
