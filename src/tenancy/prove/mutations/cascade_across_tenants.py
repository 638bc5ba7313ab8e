from collections.abc import Iterator

from tenancy.prove.attacks.cascade import keys_across_tenants
from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.security.quoting import identifier


def variants(wall: Wall) -> Iterator[Variant]:
    alter = f"ALTER TABLE {wall.relation}"
    for key in keys_across_tenants(wall.table):
        columns = ", ".join(identifier(element.parent.name) for element in key.elements)
        referred = ", ".join(identifier(element.column.name) for element in key.elements)
        relation = identifier(key.referred_table.schema or "public", key.referred_table.name)
        name = identifier(str(key.name))
        cascading = f"FOREIGN KEY ({columns}) REFERENCES {relation} ({referred}) ON DELETE CASCADE"
        changed = (f"{alter} DROP CONSTRAINT {name}", f"{alter} ADD CONSTRAINT {name} {cascading}")
        yield Variant(str(key.name), changed, ("cascade",))


MUTATION = Mutation(
    breaks="Lets the deletion of a row that belongs to a user cascade into rows of every tenant that refer to it.",
    applies_to=lambda table: bool(keys_across_tenants(table)),
    variants=variants,
)
