from collections.abc import Iterator

from tenancy.prove.belonging import is_scoped
from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.schema.access import Command
from tenancy.security.functions import SCHEMA, TENANT_SETTING, helpers
from tenancy.security.values import Function


def variants(wall: Wall) -> Iterator[Variant]:
    """The helpers that the table's policies call."""
    if not wall.allows(Command.SELECT):
        return
    called = [one for one in helpers(wall.roles) if f"{SCHEMA}.{one.name}()" in wall.predicate]
    for function in called:
        signature = f"{SCHEMA}.{function.name}()"
        immutable = f"ALTER FUNCTION {signature} IMMUTABLE"
        yield Variant(f"{function.name}, immutable", (immutable,), ("prepared_statement",))
        if len(called) == 1:
            # Where two are called, the other one still raises.
            setting = f"current_setting('{_setting(function)}', true)"
            silent = f"NULLIF({setting}, '')"
            yield Variant(f"{function.name}, silent", (_replaced(function, silent),), ("no_tenant",))
            other = f"COALESCE(current_setting('app.impersonate', true), {setting})"
            yield Variant(f"{function.name}, other setting", (_replaced(function, other),), ("setting",))


def _setting(function: Function) -> str:
    return TENANT_SETTING if "tenant" in function.name else TENANT_SETTING.replace("tenant", "user")


def _replaced(function: Function, value: str) -> str:
    body = f"RETURN ({value})::{function.returns}"
    return (
        f"CREATE OR REPLACE FUNCTION {SCHEMA}.{function.name}() RETURNS {function.returns} STABLE PARALLEL SAFE {body}"
    )


MUTATION = Mutation(
    breaks="Replaces the helper that every policy stands on, or marks it IMMUTABLE, so that plans keep its answer.",
    applies_to=is_scoped,
    variants=variants,
)
