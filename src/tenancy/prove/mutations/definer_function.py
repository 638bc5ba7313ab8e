from collections.abc import Iterator

from tenancy.prove.belonging import is_shared
from tenancy.prove.mutation import Mutation, Variant, Wall


def variants(wall: Wall) -> Iterator[Variant]:
    name = wall.beside("function")
    made = f"CREATE FUNCTION {name}() RETURNS bigint STABLE SECURITY DEFINER"
    body = f"RETURN (SELECT count(*) FROM {wall.relation})"  # noqa: S608 - quoted names
    yield Variant("", (f"{made} {body}",), ("undeclared_function",))
    yield Variant("search_path", (f"{made} SET search_path = pg_catalog {body}",), ("undeclared_function",))


MUTATION = Mutation(
    breaks="Makes a SECURITY DEFINER function as a superuser, which everybody may call by default.",
    applies_to=lambda table: not is_shared(table),
    variants=variants,
)
