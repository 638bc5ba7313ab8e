from collections.abc import Iterator

from tenancy.prove.mutation import UNPRIVILEGED, Mutation, Variant, Wall
from tenancy.security.quoting import identifier

_ATTRIBUTES = ("SUPERUSER", "BYPASSRLS", "CREATEROLE", "REPLICATION")
_FILES = ("pg_read_server_files", "pg_write_server_files", "pg_execute_server_program")


def variants(wall: Wall) -> Iterator[Variant]:
    for label, name in (("role", wall.roles.application), ("login", wall.login)):
        role = identifier(name)
        for attribute in _ATTRIBUTES:
            yield Variant(f"{label}, {attribute.lower()}", (f"ALTER ROLE {role} {attribute}",), (UNPRIVILEGED,))
        for group in (wall.roles.owner, wall.roles.system, *_FILES):
            granted = f"GRANT {identifier(group)} TO {role}"
            yield Variant(f"{label}, member of {group}", (granted,), (UNPRIVILEGED,))
        yield Variant(
            f"{label}, member who does not inherit",
            (f"ALTER ROLE {role} NOINHERIT", f"GRANT {identifier(wall.roles.system)} TO {role}"),
            (UNPRIVILEGED,),
        )
        for schema in ("public", "tenancy"):
            granted = f"GRANT CREATE ON SCHEMA {schema} TO {role}"
            yield Variant(f"{label}, creates in {schema}", (granted,), (UNPRIVILEGED,))


MUTATION = Mutation(
    breaks="Gives the application's role or login what leads round the policies: an attribute, a membership, CREATE.",
    applies_to=None,
    variants=variants,
)
