from collections.abc import Iterator

from tenancy.prove.belonging import is_scoped
from tenancy.prove.mutation import Mutation, Variant, Wall


def variants(wall: Wall) -> Iterator[Variant]:
    yield Variant("", (f"ALTER TABLE {wall.relation} NO FORCE ROW LEVEL SECURITY",), ("owner",))


MUTATION = Mutation(
    breaks="Lets the owner past the policies: NO FORCE, which is PostgreSQL's default.",
    applies_to=is_scoped,
    variants=variants,
)
