from sqlalchemy import delete, select

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import UNSET, refused
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    async with on.attacker() as attacker:
        await attacker.become()
        await attacker.expect(select(target.table), UNSET)
        # Where the privilege is missing too, the planner may come to the policy first.
        denied = UNSET | refused(DENIED)
        await attacker.expect(delete(target.table), UNSET if target.allows(Command.DELETE) else denied)


ATTACK = Attack(
    tries="Sets tenant and user to the empty text.",
    why="A setting that was local in an earlier transaction reads '' and not NULL. Where ids are text, '' is then a "
    "working tenant of its own, shared by everyone who forgot theirs.",
    applies_to=is_scoped,
    attempt=attempt,
)
