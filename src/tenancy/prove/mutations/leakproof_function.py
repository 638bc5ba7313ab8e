from collections.abc import Iterator

from tenancy.prove.mutation import Mutation, Variant, Wall


def variants(wall: Wall) -> Iterator[Variant]:
    made = "CREATE FUNCTION public.tenancy_mutation(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 LEAKPROOF"
    body = "AS 'BEGIN RAISE NOTICE ''%'', $1; RETURN true; END'"
    yield Variant("", (f"{made} {body}",), ("undeclared_function",))


MUTATION = Mutation(
    breaks="Marks a function LEAKPROOF, a common tip for speed: it then runs before the policies and sees every row.",
    applies_to=None,
    variants=variants,
)
