from collections.abc import Iterator

from tenancy.prove.belonging import is_scoped
from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.schema.access import Command

_HATCHES = {
    "bypass": "current_setting('app.bypass_rls', true) = 'on'",
    "administrator": "COALESCE(current_setting('app.is_admin', true), 'f')::boolean",
    "role": "current_setting('request.role', true) IN ('admin', 'service')",
}


def variants(wall: Wall) -> Iterator[Variant]:
    if not wall.allows(Command.SELECT):
        return
    for label, hatch in _HATCHES.items():
        condition = f"USING ({hatch} OR {wall.predicate})"
        changed = tuple(
            wall.alter(policy, condition) for policy in (*wall.permissive, wall.guard) if policy.using is not None
        )
        yield Variant(label, changed, ("setting",))


MUTATION = Mutation(
    breaks="Builds a hatch into every policy: a setting that opens them, and that any SQL of the application can set.",
    applies_to=is_scoped,
    variants=variants,
)
