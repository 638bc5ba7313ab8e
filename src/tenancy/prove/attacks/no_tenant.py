from sqlalchemy import delete, insert, select, update

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import UNSET, refused
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    # Where the privilege is missing too, the planner may come to the policy before the executor asks for the privilege.
    either = UNSET | refused(DENIED)
    constant = target.belonging(target.own[0])
    async with on.nobody() as nobody:
        await nobody.expect(select(target.table), UNSET)
        planted = insert(target.table).values(target.insertable(target.own_spare))
        await nobody.expect(planted, UNSET if target.allows(Command.INSERT) else either)
        await nobody.expect(update(target.table).values(constant), UNSET if target.allows(Command.UPDATE) else either)
        await nobody.expect(delete(target.table), UNSET if target.allows(Command.DELETE) else either)


ATTACK = Attack(
    tries="Reads and writes on a plain connection, for which nobody has set a tenant.",
    why="A forgotten tenant must be an error. All rows would be a leak, and no rows a bug that nobody sees: a backfill "
    "that changes nothing and reports success.",
    applies_to=is_scoped,
    attempt=attempt,
)
