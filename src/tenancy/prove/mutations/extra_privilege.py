from collections.abc import Iterator

from tenancy.prove.attack import every
from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.schema.access import Command

_CAUGHT_BY = {
    "SELECT": ("select",),
    # Without a policy for it an INSERT is refused all the same, with the same SQLSTATE.
    "INSERT": ("insert", "privileges"),
    "UPDATE": ("update", "raw_sql"),
    "DELETE": ("delete", "raw_sql"),
    "TRUNCATE": ("truncate",),
    "REFERENCES": ("references",),
    "TRIGGER": ("trigger",),
}


def variants(wall: Wall) -> Iterator[Variant]:
    granted = {command.value for command in Command if wall.allows(command)}
    for privilege, caught_by in _CAUGHT_BY.items():
        if privilege not in granted:
            for grantee in (wall.application, "PUBLIC"):
                grant = f"GRANT {privilege} ON {wall.relation} TO {grantee}"
                yield Variant(f"{privilege.lower()} to {grantee}", (grant,), caught_by)
    yield Variant("all", (f"GRANT ALL ON {wall.relation} TO {wall.application}",), ("truncate",))


MUTATION = Mutation(
    breaks="Grants the application, or everybody, what its access does not say; GRANT ALL is the habit of many tools.",
    applies_to=every,
    variants=variants,
)
