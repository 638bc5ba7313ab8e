from collections.abc import Iterator

from tenancy.prove.attacks.resolver import resolvers_reading
from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.schema.resolver import Resolver
from tenancy.security.declared import function_of
from tenancy.security.quoting import identifier
from tenancy.security.values import Function


def variants(wall: Wall) -> Iterator[Variant]:
    for resolver in resolvers_reading(wall.table):
        function = function_of(resolver, wall.roles)
        signature = f"{identifier(function.schema, function.name)}({function.arguments})"
        unpinned = f"ALTER FUNCTION {signature} RESET search_path"
        yield Variant(f"{resolver.name}, search_path", (unpinned,), ("undeclared_function",))
        opened = f"CREATE OR REPLACE FUNCTION {signature} RETURNS {function.returns} STABLE SECURITY DEFINER"
        pinned = "SET search_path = pg_catalog, pg_temp"
        yield Variant(
            f"{resolver.name}, answers anybody",
            (f"{opened} {pinned} RETURN {_anything(resolver, function)}",),
            ("resolver",),
        )


def _anything(resolver: Resolver, function: Function) -> str:
    column = next(iter(resolver.statement.selected_columns))
    table = column.table
    name, relation = identifier(column.name), identifier(table.schema or "public", table.name)
    if resolver.many:
        return f"ARRAY(SELECT {name} FROM {relation})::{function.returns}"  # noqa: S608 - quoted names
    return f"(SELECT {name} FROM {relation} WHERE {name} IS NOT NULL LIMIT 1)::{function.returns}"  # noqa: S608 - so


MUTATION = Mutation(
    breaks="Replaces a resolver by one that answers whoever asks, or takes its search_path away.",
    applies_to=lambda table: bool(resolvers_reading(table)),
    variants=variants,
)
