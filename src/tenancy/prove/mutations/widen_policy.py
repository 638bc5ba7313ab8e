from collections.abc import Iterator

from tenancy.prove.belonging import is_scoped
from tenancy.prove.mutation import Mutation, Variant, Wall


def variants(wall: Wall) -> Iterator[Variant]:
    for policy in wall.permissive:
        command = policy.command.lower()
        if policy.using is not None:
            yield Variant(f"{command}, using", (wall.alter(policy, "USING (true)"),), ("guard_lost",))
        if policy.check is not None:
            yield Variant(f"{command}, check", (wall.alter(policy, "WITH CHECK (true)"),), ("guard_lost",))


MUTATION = Mutation(
    breaks="Lets the policy of one command pass everything, behind a guard that still holds.",
    applies_to=is_scoped,
    variants=variants,
)
