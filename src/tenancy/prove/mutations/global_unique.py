from collections.abc import Iterator

from tenancy.prove.attacks.unique_key import copied_columns, has_room, is_tried_on
from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.security.quoting import identifier


def variants(wall: Wall) -> Iterator[Variant]:
    target = wall.target
    if not has_room(target):
        return  # the tenant's own key refuses the row before this one could
    rows = (*target.own, *target.others)
    for column in copied_columns(target):
        held = [row.get(column.key) for row in rows]
        if isinstance(held[0], str) and None not in held and len(set(map(str, held))) == len(held):
            index = f"CREATE UNIQUE INDEX ON {wall.relation} ({identifier(column.name)})"
            yield Variant(column.name, (index,), ("unique_key",))
            return


MUTATION = Mutation(
    breaks="Makes a column unique across tenants: a value that is refused tells that somebody else has it.",
    applies_to=is_tried_on,
    variants=variants,
)
