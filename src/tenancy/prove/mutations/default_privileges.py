from collections.abc import Iterator

from tenancy.prove.belonging import is_scoped
from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.security.quoting import identifier


def variants(wall: Wall) -> Iterator[Variant]:
    owner, schema = identifier(wall.roles.owner), identifier(wall.schema)
    granted = f"GRANT SELECT ON TABLES TO {wall.application}"
    changed = f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} {granted}"
    yield Variant("", (changed,), ("child_table",))


MUTATION = Mutation(
    breaks="Grants the application every table that will ever be made: the next partition has no policy.",
    applies_to=is_scoped,
    variants=variants,
)
