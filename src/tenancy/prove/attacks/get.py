from sqlalchemy import select

from tenancy.prove.attack import Attack, not_shared
from tenancy.prove.expectation import NO_ROWS
from tenancy.prove.ground import Attempt
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    async with on.attacker() as attacker:
        for other in target.others:
            statement = select(target.table).where(target.is_row(other))
            await attacker.expect(statement, target.unless_denied(NO_ROWS, Command.SELECT))


ATTACK = Attack(
    tries="Reads the victim's row by its primary key.",
    why="Insecure direct object reference, the commonest leak between tenants: an id seen in an address or a log is "
    "tried (OWASP API Security Top 10, API1:2023 Broken Object Level Authorization).",
    applies_to=not_shared,
    attempt=attempt,
)
