from collections.abc import Iterator

from tenancy.prove.belonging import is_scoped
from tenancy.prove.mutation import REACHABLE, Mutation, Variant, Wall
from tenancy.security.quoting import identifier


def variants(wall: Wall) -> Iterator[Variant]:
    for policy in wall.permissive:
        to_owner = wall.alter(policy, f"TO {identifier(wall.roles.owner)}")
        yield Variant(f"{policy.command.lower()}, owner", (to_owner,), (REACHABLE,))
        if policy.command == "SELECT":
            to_application = wall.alter(policy, f"TO {wall.application}")
            yield Variant("select, application", (to_application,), ("owner",))


MUTATION = Mutation(
    breaks="Makes a policy for one role only, so that another one gets an empty table instead of an error.",
    applies_to=is_scoped,
    variants=variants,
)
