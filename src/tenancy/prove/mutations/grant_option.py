from collections.abc import Iterator

from tenancy.prove.attack import every
from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.schema.access import Command


def variants(wall: Wall) -> Iterator[Variant]:
    if wall.allows(Command.SELECT):
        grant = f"GRANT SELECT ON {wall.relation} TO {wall.application} WITH GRANT OPTION"
        yield Variant("", (grant,), ("grant",))


MUTATION = Mutation(
    breaks="Lets the application hand its privilege on to others: WITH GRANT OPTION.",
    applies_to=every,
    variants=variants,
)
