from collections.abc import Iterator

from tenancy.prove.mutation import Mutation, Variant, Wall

_GRANTS = {
    "advisory lock": "EXECUTE ON FUNCTION pg_catalog.pg_advisory_lock(bigint)",
    "large object": "EXECUTE ON FUNCTION pg_catalog.lo_get(oid)",
    "activity": "EXECUTE ON FUNCTION pg_catalog.pg_stat_get_activity(integer)",
    "row counter": "EXECUTE ON FUNCTION pg_catalog.pg_stat_get_xact_tuples_fetched(oid)",
    "terminate": "EXECUTE ON FUNCTION pg_catalog.pg_terminate_backend(integer, bigint)",
    "file": "EXECUTE ON FUNCTION pg_catalog.pg_read_file(text)",
}


def variants(wall: Wall) -> Iterator[Variant]:
    for label, granted in _GRANTS.items():
        for grantee in (wall.application, "PUBLIC"):
            caught_by = "row_counters" if label == "row counter" else "server_function"
            yield Variant(f"{label} to {grantee}", (f"GRANT {granted} TO {grantee}",), (caught_by,))


MUTATION = Mutation(
    breaks="Gives back what bootstrap revokes, as a new or restored database has it.",
    applies_to=None,
    variants=variants,
)
