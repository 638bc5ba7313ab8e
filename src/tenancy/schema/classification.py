"""Every table is classified: who may see a row, and what the application may do with it.

A mapped class says so by its mixin or by `__scope__` and `__access__`; a Core `Table` by `info=scoped(...)`. Both end
as a `Classification` in `Table.info`, and there tenant foreign keys and the tenant column are completed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnDefault, MetaData, Table
from sqlalchemy.orm import Mapper

from tenancy.errors import InvalidScope, UnclassifiedTable
from tenancy.schema import foreign_key, metadata
from tenancy.schema.access import Access
from tenancy.schema.filling import tenant_of_session, user_of_session
from tenancy.schema.scope import AllOf, AnyOf, IsNull, Scope, TenantColumn, UserColumn, parts

#: The key of a table's classification in `Table.info`.
CLASSIFICATION = "tenancy"


@dataclass(frozen=True)
class Classification:
    """A table's scope and access, with every column named."""

    scope: Scope
    access: Access = Access.READ_WRITE
    #: The table holds the tenants themselves.
    root: bool = False

    @property
    def tenant_column(self) -> str | None:
        """The column of the row's tenant, whatever else the scope says; None where there is none."""
        return next((part.column for part in parts(self.scope) if isinstance(part, TenantColumn)), None)


def scoped(scope: Scope, access: Access = Access.READ_WRITE) -> dict[str, Any]:
    """The `info` of a Core table: `Table("tag", metadata, ..., info=scoped(tenant()))`."""
    return {CLASSIFICATION: Classification(scope, access)}


def classification_of(table: Table) -> Classification:
    """The classification of a table.

    Raises:
        UnclassifiedTable: the table has none; an unclassified table is an error, never a default.
    """
    if CLASSIFICATION not in table.info:
        raise UnclassifiedTable(
            f"{table.fullname} does not say who may see its rows. Add a mixin to its class (TenantScoped, TenantRoot, "
            f'UserScoped, Shared or Private), or a scope: `__scope__ = tenant("{_tenant_column_of(table)}")`. '
            f"For a Core table: `Table(..., info=tenancy.scoped(tenant()))`."
        )
    classification: Classification = table.info[CLASSIFICATION]
    return classification


def is_classified(table: Table) -> bool:
    return CLASSIFICATION in table.info


def classify_mapped_class(mapper: Mapper[Any], class_: type[Any]) -> None:
    """Listener: a class was mapped."""
    table = mapper.local_table
    if not isinstance(table, Table) or not metadata.has_conventions(table.metadata):
        return
    # A subclass in the same table (single-table inheritance) was classified with its parent.
    if is_classified(table) or getattr(class_, "__scope__", None) is None:
        return
    table.info[CLASSIFICATION] = Classification(
        class_.__scope__, getattr(class_, "__access__", Access.READ_WRITE), getattr(class_, "__tenant_root__", False)
    )
    _complete(table)


def classify_core_table(table: Table, parent: MetaData) -> None:
    """Listener: a table was declared. A mapped class's table has no classification yet and is completed later."""
    if metadata.has_conventions(parent) and is_classified(table):
        _complete(table)


def _complete(table: Table) -> None:
    classification = classification_of(table)
    conventions = metadata.conventions_of(table.metadata)
    named = _with_columns_named(classification.scope, conventions)
    table.info[CLASSIFICATION] = replace(classification, scope=named)
    if not classification.root:
        _fill_columns(table, named)
    foreign_key.complete(table, conventions)


def _fill_columns(table: Table, scope: Scope) -> None:
    """Gives the columns of tenant and user a default that takes the id from the session."""
    may_mean_all = {part.column for part in parts(scope) if isinstance(part, IsNull)}
    for part in parts(scope):
        # A user left out where it may be empty means "for everybody"; filling it would make it "for me".
        if isinstance(part, TenantColumn) or (isinstance(part, UserColumn) and part.column not in may_mean_all):
            column = table.columns.get(part.column or "")
            if column is not None and column.default is None and column.server_default is None:
                column.default = ColumnDefault(tenant_of_session if isinstance(part, TenantColumn) else user_of_session)
                if column.nullable:
                    # None said on purpose is no column left out: the unit of work hands it on, and it stays empty.
                    column.type = column.type.evaluates_none()


def _with_columns_named(scope: Scope, conventions: metadata.Conventions) -> Scope:
    match scope:
        case TenantColumn(None):
            return TenantColumn(conventions.tenant_column)
        case UserColumn(None):
            return UserColumn(conventions.user_column)
        case AnyOf(scopes):
            return AnyOf(tuple(_with_columns_named(inner, conventions) for inner in scopes))
        case AllOf(scopes):
            return AllOf(tuple(_with_columns_named(inner, conventions) for inner in scopes))
        case Scope():
            return scope
    raise InvalidScope(f"{scope!r} is no scope: write tenant(), user(), parent() or is_null().")


def _tenant_column_of(table: Table) -> str:
    return metadata.conventions_of(table.metadata).tenant_column
