from collections.abc import Iterator

from tenancy.prove.belonging import is_shared
from tenancy.prove.mutation import Mutation, Variant, Wall


def variants(wall: Wall) -> Iterator[Variant]:
    name = wall.beside("view")
    grant = f"GRANT SELECT ON {name} TO {wall.application}"
    for kind in ("VIEW", "MATERIALIZED VIEW"):
        made = f"CREATE {kind} {name} AS SELECT * FROM {wall.relation}"  # noqa: S608 - quoted names
        yield Variant(kind.lower(), (made, grant), ("view",))
    counted = f"CREATE VIEW {name} AS SELECT count(*) FROM {wall.relation}"  # noqa: S608 - quoted names
    yield Variant("count", (counted, grant), ("view",))


MUTATION = Mutation(
    breaks="Makes a view as a superuser, without security_invoker: it reads the table with the superuser's rights.",
    applies_to=lambda table: not is_shared(table),
    variants=variants,
)
