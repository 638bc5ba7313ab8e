from sqlalchemy import text

from tenancy.prove.attack import Attack, every
from tenancy.prove.expectation import refused
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import relation
from tenancy.prove.target import DENIED


async def attempt(on: Attempt) -> None:
    async with on.attacker() as attacker:
        # A function that everybody has and may call.
        planted = (
            f"CREATE TRIGGER tenancy_proof BEFORE UPDATE ON {relation(on.target.table)} "
            "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        )
        await attacker.expect(text(planted), refused(DENIED))


ATTACK = Attack(
    tries="Puts a trigger on the table, of a function that everybody may call.",
    why="A trigger runs with the rights of whoever fires it (PostgreSQL documentation, 5.8 Privileges, TRIGGER): "
    "planted by one tenant, it copies what every other one writes. GRANT ALL includes it.",
    applies_to=every,
    attempt=attempt,
)
