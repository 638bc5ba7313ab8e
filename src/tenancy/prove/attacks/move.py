from sqlalchemy import update

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import refused
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED


async def attempt(on: Attempt) -> None:
    target = on.target
    async with on.attacker() as attacker:
        blind = update(target.table).values(target.belonging(target.others[0]))
        for statement in (blind.where(target.is_row(target.own[0])), blind):
            await attacker.expect(statement, refused(DENIED))


ATTACK = Attack(
    tries="Updates the attacker's own rows so that they belong to the victim, with a condition and without one.",
    why="Only WITH CHECK sees the new row. A condition makes PostgreSQL ask the SELECT policy about it as well "
    "(documentation, CREATE POLICY), so what UPDATE's own WITH CHECK lets through shows only without one.",
    applies_to=is_scoped,
    attempt=attempt,
)
