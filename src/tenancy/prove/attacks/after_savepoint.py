from sqlalchemy import insert, select

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import refused, returns
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED


async def attempt(on: Attempt) -> None:
    target = on.target
    own = returns(target.keys(target.own))
    async with on.attacker() as attacker:
        await attacker.expect(select(*target.key), own)
        planted = insert(target.table).values(target.insertable(target.other_spare))
        # Refused, and rolled back to the savepoint in which each statement stands.
        await attacker.expect(planted, refused(DENIED))
        await attacker.expect(select(*target.key), own)
        await attacker.perform("SAVEPOINT before_the_other_tenant")
        await attacker.become(target.parties.stranger)
        await attacker.expect(select(*target.key), returns([]))
        await attacker.perform("ROLLBACK TO SAVEPOINT before_the_other_tenant")
        await attacker.expect(select(*target.key), own)


ATTACK = Attack(
    tries="Rolls back to a savepoint after a refused statement and after a change of tenant, and reads on.",
    why="ROLLBACK TO SAVEPOINT restores settings to what they were at the savepoint (PostgreSQL documentation, SET): "
    "the transaction's tenant must come back, neither none nor another.",
    applies_to=is_scoped,
    attempt=attempt,
)
