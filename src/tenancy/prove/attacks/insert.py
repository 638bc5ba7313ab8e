from sqlalchemy import insert

from tenancy.prove.attack import Attack, every
from tenancy.prove.expectation import refused
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED


async def attempt(on: Attempt) -> None:
    target = on.target
    row = target.insertable(target.other_spare)
    async with on.attacker() as attacker:
        # Without RETURNING, which would read columns and so bring the SELECT policy in.
        await attacker.expect(insert(target.table).values(row), refused(DENIED))


ATTACK = Attack(
    tries="Inserts a row that belongs to the victim.",
    why="USING says what is seen, WITH CHECK what may be written (PostgreSQL documentation, CREATE POLICY). WITH CHECK "
    "(true) lets anybody plant rows in another tenant, and no test that reads would notice.",
    applies_to=every,
    attempt=attempt,
)
