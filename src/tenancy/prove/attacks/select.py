from sqlalchemy import select

from tenancy.prove.attack import Attack, not_shared
from tenancy.prove.expectation import returns
from tenancy.prove.ground import Attempt
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    async with on.attacker() as attacker:
        # One row more than the attacker owns is a leak already; a table that leaks may be large.
        statement = select(*target.key).limit(len(target.own) + 1)
        await attacker.expect(statement, target.unless_denied(returns(target.keys(target.own)), Command.SELECT))


ATTACK = Attack(
    tries="Reads the whole table; only the attacker's own rows may come.",
    why="What row-level security is for (PostgreSQL documentation, 5.9 Row Security Policies). It is off until a table "
    "enables it, and a policy by itself does nothing.",
    applies_to=not_shared,
    attempt=attempt,
)
