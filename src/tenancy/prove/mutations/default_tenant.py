from collections.abc import Iterator

from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.security.functions import TENANT_SETTING
from tenancy.security.quoting import identifier


def variants(wall: Wall) -> Iterator[Variant]:
    for label, name in (("role", wall.roles.application), ("login", wall.login)):
        changed = f"ALTER ROLE {identifier(name)} SET {TENANT_SETTING} = 'everyone'"
        yield Variant(label, (changed,), ("default_tenant",))
    every_role = f"ALTER ROLE ALL SET {TENANT_SETTING} = 'everyone'"
    yield Variant("all roles", (every_role,), ("default_tenant",))


MUTATION = Mutation(
    breaks="Gives every connection of a role a tenant by default.",
    applies_to=None,
    variants=variants,
)
