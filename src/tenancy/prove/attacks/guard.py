from tenancy.prove.attack import Attack
from tenancy.prove.attempts import reach_nothing
from tenancy.prove.belonging import is_scoped
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import relation


async def attempt(on: Attempt) -> None:
    async with on.owner() as owner:
        await owner.perform(
            f"CREATE POLICY tenancy_proof ON {relation(on.target.table)} TO PUBLIC USING (true) WITH CHECK (true)"
        )
        await reach_nothing(on, owner)


ATTACK = Attack(
    tries="Adds a hand-made permissive policy that lets everybody do everything, and then reads and writes.",
    why="Permissive policies are joined by OR (PostgreSQL documentation, CREATE POLICY): one made for a report opens a "
    "table. Only a restrictive policy with the whole predicate, for every role, holds against it.",
    applies_to=is_scoped,
    attempt=attempt,
)
