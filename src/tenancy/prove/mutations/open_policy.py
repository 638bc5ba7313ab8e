from collections.abc import Iterator

from tenancy.prove.belonging import is_scoped
from tenancy.prove.mutation import Mutation, Variant, Wall

#: What is open where a condition is always true, by command and kind of condition.
_CAUGHT_BY = {
    ("SELECT", "USING"): "select",
    ("INSERT", "WITH CHECK"): "insert",
    ("UPDATE", "USING"): "raw_sql",
    ("UPDATE", "WITH CHECK"): "move",
    ("DELETE", "USING"): "raw_sql",
}


def variants(wall: Wall) -> Iterator[Variant]:
    for policy in wall.permissive:
        for kind, condition in (("USING", policy.using), ("WITH CHECK", policy.check)):
            if condition is not None:
                opened = (wall.drop(wall.guard), wall.alter(policy, f"{kind} (true)"))
                yield Variant(f"{policy.command.lower()}, {kind.lower()}", opened, (_CAUGHT_BY[policy.command, kind],))


MUTATION = Mutation(
    breaks="Lets the policy of one command pass everything, with no guard: WITH CHECK (true), blind UPDATE and DELETE.",
    applies_to=is_scoped,
    variants=variants,
)
