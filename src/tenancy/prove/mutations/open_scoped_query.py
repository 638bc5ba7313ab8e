from collections.abc import Iterator

from tenancy.prove.attacks.scoped_query import queries_reading
from tenancy.prove.belonging import is_scoped
from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.security.changes import function_sql
from tenancy.security.querying import query_function
from tenancy.security.quoting import identifier


def variants(wall: Wall) -> Iterator[Variant]:
    for query in queries_reading(wall.table):
        opened = query_function(query, wall.roles, narrowed=False)
        signature = f"{identifier(opened.schema, opened.name)}({opened.arguments})"
        unpinned = f"ALTER FUNCTION {signature} RESET search_path"
        yield Variant(f"{query.name}, search_path", (unpinned,), ("undeclared_function",))
        replaced = function_sql(opened, or_replace=True)
        yield Variant(f"{query.name}, finds everybody's", (replaced,), ("scoped_query",))


MUTATION = Mutation(
    breaks="Takes the tenant's condition out of a scoped query, or its search_path away.",
    applies_to=lambda table: is_scoped(table) and bool(queries_reading(table)),
    variants=variants,
)
