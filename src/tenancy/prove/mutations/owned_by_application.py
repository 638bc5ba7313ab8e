from collections.abc import Iterator

from tenancy.prove.attack import every
from tenancy.prove.mutation import UNPRIVILEGED, Mutation, Variant, Wall
from tenancy.security.quoting import identifier


def variants(wall: Wall) -> Iterator[Variant]:
    for label, role in (("role", wall.roles.application), ("login", wall.login)):
        yield Variant(label, (f"ALTER TABLE {wall.relation} OWNER TO {identifier(role)}",), (UNPRIVILEGED,))


MUTATION = Mutation(
    breaks="Gives the table to the application, as metadata.create_all() at start-up does.",
    applies_to=every,
    variants=variants,
)
