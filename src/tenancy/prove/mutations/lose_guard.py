from collections.abc import Iterator

from tenancy.prove.belonging import is_scoped
from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.security.quoting import identifier


def variants(wall: Wall) -> Iterator[Variant]:
    guard, relation = wall.guard, wall.relation
    yield Variant("dropped", (wall.drop(guard),), ("guard",))
    yield Variant("using", (wall.alter(guard, "USING (true)"),), ("guard",))
    yield Variant("check", (wall.alter(guard, "WITH CHECK (true)"),), ("guard",))
    yield Variant("for the owner only", (wall.alter(guard, f"TO {identifier(wall.roles.owner)}"),), ("guard",))
    yield Variant("for the application only", (wall.alter(guard, f"TO {wall.application}"),), ("guard",))
    permissive = (
        f"CREATE POLICY {identifier(guard.name)} ON {relation} USING ({guard.using}) WITH CHECK ({guard.check})"
    )
    yield Variant("permissive", (wall.drop(guard), permissive), ("guard",))


MUTATION = Mutation(
    breaks="Drops the guard, widens it, makes it permissive, or leaves it to one role only.",
    applies_to=is_scoped,
    variants=variants,
)
