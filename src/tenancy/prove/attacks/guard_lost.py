from tenancy.prove.attack import Attack
from tenancy.prove.attempts import reach_nothing
from tenancy.prove.belonging import is_scoped
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import quoted, relation

_RESTRICTIVE = "SELECT array_agg(polname) FROM pg_policy WHERE NOT polpermissive AND polrelid = '{}'::regclass"


async def attempt(on: Attempt) -> None:
    name = relation(on.target.table)
    async with on.owner() as owner:
        for policy in await owner.scalar(_RESTRICTIVE.format(name.replace("'", "''"))) or ():
            await owner.perform(f"DROP POLICY {quoted(policy)} ON {name}")
        await reach_nothing(on, owner)


ATTACK = Attack(
    tries="Drops the guard, and then reads and writes.",
    why="A guard over permissive policies that say USING (true) is one DROP away from an open table, and hides that "
    "they do. Both must carry the predicate.",
    applies_to=is_scoped,
    attempt=attempt,
)
