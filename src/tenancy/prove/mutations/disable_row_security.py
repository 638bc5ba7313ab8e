from collections.abc import Iterator

from tenancy.prove.belonging import is_private, is_shared
from tenancy.prove.mutation import Mutation, Variant, Wall


def variants(wall: Wall) -> Iterator[Variant]:
    caught_by = "stray_grant" if is_private(wall.table) else "select"
    yield Variant("", (f"ALTER TABLE {wall.relation} DISABLE ROW LEVEL SECURITY",), (caught_by,))


MUTATION = Mutation(
    breaks="Switches row-level security off, as a migration does for a moment and forgets.",
    applies_to=lambda table: not is_shared(table),
    variants=variants,
)
