from collections.abc import Iterator

from tenancy.prove.belonging import is_scoped
from tenancy.prove.mutation import REACHABLE, Mutation, Variant, Wall
from tenancy.security.changes import CreatePolicy
from tenancy.security.values import Policy

_OTHER = {"SELECT": "DELETE", "INSERT": "UPDATE", "UPDATE": "DELETE", "DELETE": "SELECT"}


def variants(wall: Wall) -> Iterator[Variant]:
    for policy in wall.permissive:
        other = _OTHER[policy.command]
        using, check = (wall.predicate, wall.predicate) if other == "UPDATE" else (wall.predicate, None)
        made = Policy(policy.name, other, permissive=True, roles=policy.roles, using=using, check=check)
        create = CreatePolicy(wall.schema, wall.table.name, made).sql()
        label = f"{policy.command.lower()} for {other.lower()}"
        yield Variant(label, (wall.drop(policy), create), (REACHABLE,))


MUTATION = Mutation(
    breaks="Makes a policy of the right name and condition for another command than the one it is for.",
    applies_to=is_scoped,
    variants=variants,
)
