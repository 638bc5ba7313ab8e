from collections.abc import Iterator

from tenancy.prove.attack import every
from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.schema.access import Command
from tenancy.security.quoting import identifier


def variants(wall: Wall) -> Iterator[Variant]:
    target = wall.target
    keys = ", ".join(identifier(one.name) for one in target.key)
    if not wall.allows(Command.SELECT):
        grant = f"GRANT SELECT ({keys}) ON {wall.relation} TO {wall.application}"
        yield Variant("select", (grant,), ("select",))
    elif not wall.allows(Command.UPDATE):
        settable = target.settable(target.others[0] if target.others else target.other_spare)
        columns = ", ".join(identifier(target.table.columns[key].name) for key in settable)
        grant = f"GRANT UPDATE ({columns}) ON {wall.relation} TO {wall.application}"
        yield Variant("update", (grant,), ("update",))


MUTATION = Mutation(
    breaks="Grants a privilege on single columns, which no list of the table's privileges shows.",
    applies_to=every,
    variants=variants,
)
