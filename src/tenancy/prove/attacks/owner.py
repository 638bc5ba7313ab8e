from sqlalchemy import select

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import NO_ROWS, UNSET, returns
from tenancy.prove.ground import Attempt


async def attempt(on: Attempt) -> None:
    target = on.target
    async with on.owner() as owner:
        await owner.expect(select(*target.key), UNSET)
        await owner.become(target.parties.attacker)
        await owner.expect(select(*target.key), returns(target.keys(target.own)))
        await owner.become(target.parties.stranger)
        await owner.expect(select(*target.key), NO_ROWS)


ATTACK = Attack(
    tries="Reads as the owner of the table, first without a tenant, then with one.",
    why="The owner is held to the policies only under FORCE (PostgreSQL documentation, 5.9 Row Security Policies). "
    "Migrations, cascades and definer functions run as the owner.",
    applies_to=is_scoped,
    attempt=attempt,
)
