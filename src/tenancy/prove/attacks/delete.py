from sqlalchemy import delete

from tenancy.prove.attack import Attack, every
from tenancy.prove.expectation import affects
from tenancy.prove.ground import Attempt
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    other = target.others[0] if target.others else target.other_spare
    async with on.attacker() as attacker:
        statement = delete(target.table).where(target.is_row(other))
        await attacker.expect(statement, target.unless_denied(affects(0), Command.SELECT, Command.DELETE))


ATTACK = Attack(
    tries="Deletes the victim's row by its primary key.",
    why="DELETE has a policy of its own; where the access is append-only it has no privilege either.",
    applies_to=every,
    attempt=attempt,
)
