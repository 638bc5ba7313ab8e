"""`TenantForeignKey`: a foreign key that carries the tenant.

PostgreSQL checks foreign keys with row-level security off (docs: "Row Security Policies", last paragraphs): a
single-column key lets a tenant's child refer to another tenant's parent, and tells whether that parent exists. With
the tenant inside the key, both are impossible. `MATCH SIMPLE` skips a key with a NULL in it, so the tenant column of a
child should be NOT NULL.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ForeignKeyConstraint, Table, UniqueConstraint
from sqlalchemy.schema import SchemaItem

from tenancy.errors import ConfigurationError

if TYPE_CHECKING:
    from tenancy.schema.metadata import Conventions

_INFO_KEY = "tenancy.foreign_key"


@dataclass(frozen=True)
class _Reference:
    table: str
    column: str
    ondelete: str | None
    onupdate: str | None
    name: str | None
    deferrable: bool | None
    initially: str | None


class TenantForeignKey(SchemaItem):
    """A foreign key to another tenant-scoped table, over the column and the tenant together.

    `mapped_column(TenantForeignKey("project.id", ondelete="CASCADE"))` becomes
    `FOREIGN KEY (project_id, organization_id) REFERENCES project (id, organization_id) ON DELETE CASCADE`, and the
    parent gets the UNIQUE (organization_id, id) that it needs. `ondelete="SET NULL"` empties this column only, never
    the tenant.

    Args:
        column: `"table.column"`, or `"schema.table.column"` for a table of another PostgreSQL schema.
        ondelete: CASCADE, SET NULL, SET DEFAULT, RESTRICT or NO ACTION.
        onupdate: as SQLAlchemy's `ForeignKey`.
        name: the constraint's name; by default the metadata's naming convention gives it.
        deferrable: as SQLAlchemy's `ForeignKey`.
        initially: as SQLAlchemy's `ForeignKey`.

    Raises:
        ConfigurationError: when the tables are mapped and one of them has no tenant column, or when `column` is no
            `table.column`.
    """

    __visit_name__ = "tenant_foreign_key"

    def __init__(
        self,
        column: str,
        *,
        ondelete: str | None = None,
        onupdate: str | None = None,
        name: str | None = None,
        deferrable: bool | None = None,
        initially: str | None = None,
    ) -> None:
        table, dot, column_name = column.rpartition(".")
        if not dot or not table:
            raise ConfigurationError(f"TenantForeignKey({column!r}) names no column: write table.column.")
        self._reference = _Reference(table, column_name, ondelete, onupdate, name, deferrable, initially)

    def _set_parent(self, parent: Any, **_: Any) -> None:
        # Column.info survives the copy that SQLAlchemy makes of a mixin's columns; items of its own kind do not.
        parent.info[_INFO_KEY] = self._reference


def complete(table: Table, conventions: Conventions) -> None:
    """Turns the tenant foreign keys of a table into constraints, now or when their parent is declared."""
    for column in table.columns:
        reference: _Reference | None = column.info.get(_INFO_KEY)
        if reference is not None:
            name = reference.table
            if "." not in name and table.metadata.schema:
                name = f"{table.metadata.schema}.{name}"
            parent = table.metadata.tables.get(name)
            if parent is not None and _tenant_column(parent) is not None:
                _add_constraint(table, column, reference, parent)
            else:
                conventions.awaited.setdefault(name, []).append((table, column, reference))
    for child, column, reference in conventions.awaited.pop(table.fullname, ()):
        _add_constraint(child, column, reference, table)


def _add_constraint(child: Table, column: Column[Any], reference: _Reference, parent: Table) -> None:
    child_tenant, parent_tenant = _tenant_column(child), _tenant_column(parent)
    if child_tenant is None or parent_tenant is None:
        culprit = child if child_tenant is None else parent
        raise ConfigurationError(
            f"{child.fullname}.{column.name} has a TenantForeignKey to {parent.fullname}.{reference.column}, but "
            f"{culprit.fullname} has no tenant column. Use a plain ForeignKey where one side belongs to no tenant."
        )
    if reference.column not in parent.columns:
        raise ConfigurationError(
            f"{child.fullname}.{column.name} refers to {parent.fullname}.{reference.column}, which does not exist. "
            f"{parent.fullname} has: {', '.join(parent.columns.keys())}."
        )
    # The referring column first: naming conventions then name the key after it, as they would without the tenant.
    if reference.column == parent_tenant and column.name != child_tenant:
        raise ConfigurationError(
            f"{child.fullname}.{column.name} has a TenantForeignKey to {parent.fullname}.{reference.column}, which is "
            f"the tenant itself: it would let a row name any tenant. Only {child_tenant} may refer to it."
        )
    referred = [parent.columns[reference.column]]
    if reference.column != parent_tenant:
        referred.append(parent.columns[parent_tenant])
        _require_unique(parent, parent_tenant, reference.column)
    child.append_constraint(
        ForeignKeyConstraint(
            [column.name, child_tenant][: len(referred)],
            referred,
            ondelete=_ondelete(reference.ondelete, column),
            onupdate=reference.onupdate,
            name=reference.name,
            deferrable=reference.deferrable,
            initially=reference.initially,
        )
    )


def _ondelete(action: str | None, column: Column[Any]) -> str | None:
    # A bare SET NULL would empty the tenant as well; PostgreSQL 15 and later can name the column.
    if action is not None and re.fullmatch(r"SET (NULL|DEFAULT)", action, re.IGNORECASE):
        name = (
            column.name if re.fullmatch("[a-z_][a-z0-9_]*", column.name) else '"' + column.name.replace('"', '""') + '"'
        )
        return f"{action.upper()} ({name})"
    return action


def _require_unique(parent: Table, tenant_column: str, column: str) -> None:
    wanted = {tenant_column, column}
    uniques = [c for c in parent.constraints if isinstance(c, UniqueConstraint)]
    if {c.name for c in parent.primary_key.columns} == wanted or any(set(u.columns.keys()) == wanted for u in uniques):
        return
    parent.append_constraint(UniqueConstraint(parent.columns[tenant_column], parent.columns[column]))


def _tenant_column(table: Table) -> str | None:
    classification = table.info.get("tenancy")
    column: str | None = classification.tenant_column if classification is not None else None
    return column if column is not None and column in table.columns else None


def is_tenant_pair(child: Column[Any], parent: Column[Any]) -> bool:
    """Whether two columns of a foreign key are the tenants of both rows."""
    return child.name == _tenant_column(child.table) and parent.name == _tenant_column(parent.table)


def keys_over(table: Table, columns: Collection[str]) -> list[ForeignKeyConstraint]:
    """The foreign keys of a table that contain some columns: those that `parent()` may mean."""
    return [key for key in table.foreign_key_constraints if set(columns) <= set(key.column_keys)]


def missing_parents(conventions: Conventions) -> list[str]:
    """What tenant foreign keys still wait for, as sentences."""
    return [
        f"{child.fullname}.{column.name} refers to {parent}.{reference.column}, but no tenant-scoped table "
        f"{parent} is declared"
        for parent, waiting in conventions.awaited.items()
        for child, column, reference in waiting
    ]
