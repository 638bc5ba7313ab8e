from sqlalchemy import text

from tenancy.prove.attack import Attack, every
from tenancy.prove.expectation import refused
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import relation
from tenancy.prove.target import DENIED


async def attempt(on: Attempt) -> None:
    async with on.attacker() as attacker:
        # Without CASCADE, which would need the privilege on the tables that refer to this one as well.
        await attacker.expect(text(f"TRUNCATE {relation(on.target.table)}"), refused(DENIED))


ATTACK = Attack(
    tries="Empties the table with TRUNCATE.",
    why="TRUNCATE knows no policy (PostgreSQL documentation, 5.9 Row Security Policies), and GRANT ALL includes it.",
    applies_to=every,
    attempt=attempt,
)
