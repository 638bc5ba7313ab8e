from sqlalchemy import select

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import refused
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED

_OFF = "SET LOCAL row_security = off"


async def attempt(on: Attempt) -> None:
    target = on.target
    async with on.attacker() as attacker:
        await attacker.perform(_OFF)
        await attacker.expect(select(*target.key), refused(DENIED))
    async with on.owner() as owner:
        await owner.become(target.parties.attacker)
        await owner.perform(_OFF)
        await owner.expect(select(*target.key), refused(DENIED))


ATTACK = Attack(
    tries="Switches the setting row_security off and reads, as the application and as the owner.",
    why="The setting lets no one past the policies: it makes an error of a query that they would filter (PostgreSQL "
    "documentation, 5.9 Row Security Policies). That the query runs is the sign that none would.",
    applies_to=is_scoped,
    attempt=attempt,
)
