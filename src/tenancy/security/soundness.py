"""What scopes and foreign keys must not say together: each is a way to another tenant that no policy sees.

Foreign keys are checked, and their actions carried out, with row-level security off; and a policy's condition is the
same for what a row was and for what it becomes.
"""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, Table

from tenancy.errors import InvalidScope
from tenancy.schema.access import Command
from tenancy.schema.classification import Classification, classification_of
from tenancy.schema.foreign_key import is_tenant_pair
from tenancy.schema.scope import (
    AllOf,
    AnyOf,
    Everyone,
    IsNull,
    Nobody,
    ParentRow,
    Scope,
    TenantColumn,
    conjuncts,
    parts,
)

#: The key, in a foreign key's `info`, of the reason for which it may lead from one tenant to another.
CROSSES_TENANTS = "crosses_tenants"

_ACTIONS = ("CASCADE", "SET NULL", "SET DEFAULT")


def refuse_unsound(table: Table) -> None:
    """Refuses what would lead past the policies.

    Raises:
        InvalidScope: names the table, the column, and what to write instead.
    """
    classification = classification_of(table)
    if isinstance(classification.scope, Everyone | Nobody):
        return
    if {Command.INSERT, Command.UPDATE} & set(classification.access.commands):
        _refuse_open_alternatives(table, classification.scope, frozenset())
    for key in table.foreign_key_constraints:
        parent = classification_of(key.referred_table)
        if isinstance(parent.scope, Everyone | Nobody) or key not in table.constraints:
            continue
        if _belongs_to_users(parent):
            _refuse_cascade(table, classification, key, parent)
        else:
            _refuse_key_without_tenant(table, classification, key)


def _belongs_to_users(classification: Classification) -> bool:
    """Whether the rows are somebody's whatever the tenant, and not by way of a parent."""
    owned = tuple(parts(classification.scope))
    return classification.tenant_column is None and not any(isinstance(part, ParentRow) for part in owned)


def _refuse_open_alternatives(table: Table, scope: Scope, pinned: frozenset[str]) -> None:
    """Every alternative must hold every tenant column: what one leaves open, a row may be planted in."""
    if isinstance(scope, AllOf):
        held = frozenset(part.column or "" for part in conjuncts(scope) if isinstance(part, TenantColumn))
        for inner in conjuncts(scope):
            _refuse_open_alternatives(table, inner, pinned | held)
    if not isinstance(scope, AnyOf):
        return
    named = {part.column or "" for part in parts(scope) if isinstance(part, TenantColumn)}
    for alternative in scope.scopes:
        held = frozenset(
            part.column or "" for part in conjuncts(alternative) if isinstance(part, TenantColumn | IsNull)
        )
        for column in sorted(named - held - pinned):
            raise InvalidScope(
                f"The scope of {table.fullname} is refused: one of its alternatives leaves {column} open, so whoever "
                f"meets it could plant a row in any tenant. Hold the column in each: "
                f'tenant("{column}") | (is_null("{column}") & user()).'
            )
        _refuse_open_alternatives(table, alternative, pinned)


def _refuse_cascade(table: Table, child: Classification, key: ForeignKeyConstraint, parent: Classification) -> None:
    """A user who works for two tenants must not, by deleting their own row in one, delete the other's."""
    if child.tenant_column is None:
        return
    for action, command in ((key.ondelete, Command.DELETE), (key.onupdate, Command.UPDATE)):
        if (action or "").upper().startswith(_ACTIONS) and command in parent.access.commands:
            raise InvalidScope(
                f"The foreign key {table.fullname} ({', '.join(key.column_keys)}) is refused: {command.value} of a row "
                f"of {key.referred_table.fullname}, which the application may do, would reach rows of every tenant by "
                f"its {action}. Set `__access__ = Access.NO_DELETE` on {key.referred_table.name} and delete by "
                f"db.system(), or let the key restrict."
            )


def _refuse_key_without_tenant(table: Table, child: Classification, key: ForeignKeyConstraint) -> None:
    """The key must carry the tenant, or be the way by which the row itself is seen."""
    columns = set(key.column_keys)
    carried = any(is_tenant_pair(element.parent, element.column) for element in key.elements)
    ways = [set(part.columns) for part in parts(child.scope) if isinstance(part, ParentRow)]
    own = columns == {child.tenant_column}
    if (
        carried
        or own
        or any(way <= columns for way in ways)
        or any(one.info.get(CROSSES_TENANTS) for one in (key, *key.elements))
    ):
        return
    column, referred = sorted(columns)[0], key.elements[0].target_fullname
    instead = (
        f'mapped_column(TenantForeignKey("{referred}"))' if child.tenant_column is not None else f'parent("{column}")'
    )
    raise InvalidScope(
        f"The foreign key {table.fullname} ({', '.join(sorted(columns))}) to {referred} is refused: PostgreSQL checks "
        f"it with row-level security off, so a row could refer to another tenant's, and learn that it exists. "
        f"Write {instead}; or, where it must lead to another tenant, give the constraint "
        f'info={{"{CROSSES_TENANTS}": "the reason"}}.'
    )
