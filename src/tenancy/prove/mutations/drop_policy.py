from collections.abc import Iterator

from tenancy.prove.belonging import is_scoped
from tenancy.prove.mutation import REACHABLE, Mutation, Variant, Wall


def variants(wall: Wall) -> Iterator[Variant]:
    for policy in wall.permissive:
        yield Variant(policy.command.lower(), (wall.drop(policy),), (REACHABLE,))


MUTATION = Mutation(
    breaks="Drops the policy of one command: the table is then of no use to its own tenants, which proves nothing.",
    applies_to=is_scoped,
    variants=variants,
)
