from collections.abc import Iterator

from tenancy.prove.attack import every
from tenancy.prove.mutation import Mutation, Variant, Wall


def variants(wall: Wall) -> Iterator[Variant]:
    name = wall.beside("copy")
    copied = f"CREATE TABLE {name} AS TABLE {wall.relation}"
    for privilege in ("SELECT", "INSERT"):
        grant = f"GRANT {privilege} ON {name} TO {wall.application}"
        yield Variant(privilege.lower(), (copied, grant), ("undeclared_relation",))
    inherited = f"CREATE TABLE {name} () INHERITS ({wall.relation})"
    grant = f"GRANT SELECT ON {name} TO {wall.application}"
    yield Variant("child", (inherited, grant), ("undeclared_relation",))


MUTATION = Mutation(
    breaks="Leaves a copy or a child of the table behind that no model declares, and that the application may use.",
    applies_to=every,
    variants=variants,
)
