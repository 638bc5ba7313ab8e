from collections.abc import Iterator

from sqlalchemy import Table

from tenancy.prove.belonging import is_scoped
from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.schema.classification import classification_of
from tenancy.schema.scope import ParentRow, parts
from tenancy.security.functions import TENANT_SETTING, USER_SETTING

_NOTHING_SET = " AND ".join(
    f"NULLIF(current_setting('{setting}', true), '') IS NULL" for setting in (TENANT_SETTING, USER_SETTING)
)


def _says_itself(table: Table) -> bool:
    """Not by way of a parent, whose condition PostgreSQL's planner asks before any CASE can keep it from it."""
    return is_scoped(table) and not any(isinstance(part, ParentRow) for part in parts(classification_of(table).scope))


def variants(wall: Wall) -> Iterator[Variant]:
    conditions = {
        "everything": f"CASE WHEN {_NOTHING_SET} THEN true ELSE {wall.predicate} END",
        "silence": f"CASE WHEN {_NOTHING_SET} THEN false ELSE {wall.predicate} END",
    }
    for label, condition in conditions.items():
        for policy in wall.permissive:
            if policy.command == "SELECT":
                changed = (wall.drop(wall.guard), wall.alter(policy, f"USING ({condition})"))
                yield Variant(label, changed, ("no_tenant",))
                yield Variant(f"{label}, empty setting", changed, ("empty_tenant",))


MUTATION = Mutation(
    breaks="Answers a forgotten tenant with all rows, as COALESCE and IS NULL OR do, or with none and no error.",
    applies_to=_says_itself,
    variants=variants,
)
