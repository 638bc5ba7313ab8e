from collections.abc import Iterator

from sqlalchemy import Table

from tenancy.prove.belonging import is_scoped
from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.schema.classification import classification_of
from tenancy.schema.identity import IdentityType
from tenancy.schema.scope import TenantColumn, UserColumn
from tenancy.security.functions import SCHEMA, helper
from tenancy.security.quoting import identifier


def _comparison(table: Table) -> tuple[str, str] | None:
    """Column and helper of a scope that compares one text with another."""
    scope = classification_of(table).scope
    if not isinstance(scope, TenantColumn | UserColumn):
        return None
    column = table.columns[scope.column or ""]
    if IdentityType.of(column.type, str(column)) is not IdentityType.TEXT:
        return None
    who = "tenant" if isinstance(scope, TenantColumn) else "user"
    return identifier(column.name), f"{SCHEMA}.{helper(who, IdentityType.TEXT)}()"


def variants(wall: Wall) -> Iterator[Variant]:
    column, current = _comparison(wall.table) or ("", "")
    conditions = {
        "case": f"lower({column}) = lower({current})",
        "spaces": f"btrim({column}) = btrim({current})",
        "first letters": f"{column} = {current}::varchar(24)",
        "prefix": f"{column} LIKE {current} || '%'",
        "pattern": f"{column} LIKE {current}",
        "decoded": f"{column} = replace({current}, '_tenant_', '_')",
        "prefix taken off": f"{column} = regexp_replace({current}, '^tenant_', '')",
    }
    for label, condition in conditions.items():
        for policy in wall.permissive:
            if policy.command == "SELECT":
                changed = (wall.drop(wall.guard), wall.alter(policy, f"USING ({condition})"))
                yield Variant(label, changed, ("hostile_tenant",))


MUTATION = Mutation(
    breaks="Compares text ids carelessly: without case or spaces, cut short, as a pattern, or decoded.",
    applies_to=lambda table: is_scoped(table) and _comparison(table) is not None,
    variants=variants,
)
