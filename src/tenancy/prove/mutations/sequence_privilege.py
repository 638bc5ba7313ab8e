from collections.abc import Iterator

from tenancy.prove.attacks.sequence import numbered
from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.security.quoting import literal


def variants(wall: Wall) -> Iterator[Variant]:
    for column in numbered(wall.table):
        # The database names it.
        sequence = f"pg_get_serial_sequence({literal(wall.relation)}, {literal(column.name)})"
        grant = f"GRANT ALL ON SEQUENCE %s TO {wall.application}"
        block = f"BEGIN EXECUTE format({literal(grant)}, {sequence}); END"
        yield Variant(column.name, (f"DO {literal(block)}",), ("sequence",))


MUTATION = Mutation(
    breaks="Grants the application a sequence: its value counts, and steers, the inserts of all tenants.",
    applies_to=lambda table: bool(numbered(table)),
    variants=variants,
)
