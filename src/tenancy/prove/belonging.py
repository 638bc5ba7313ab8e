"""Whose a row is, from its table's scope: the columns that decide it, and what they must hold to be somebody's."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Table

from tenancy.errors import ProofError
from tenancy.schema.access import Command
from tenancy.schema.classification import classification_of
from tenancy.schema.identity import Identity, IdentityType
from tenancy.schema.scope import (
    AllOf,
    AnyOf,
    Everyone,
    IsNull,
    Nobody,
    ParentRow,
    Scope,
    TenantColumn,
    UserColumn,
    parts,
)
from tenancy.session.principal import Principal


def is_shared(table: Table) -> bool:
    """Every tenant reads it, and the application writes it for nobody."""
    return isinstance(classification_of(table).scope, Everyone)


def is_private(table: Table) -> bool:
    """The application role has no privilege at all."""
    return isinstance(classification_of(table).scope, Nobody)


def is_scoped(table: Table) -> bool:
    """Its rows belong to tenants, to users, or to whom their parents belong."""
    return not is_shared(table) and not is_private(table)


def granted(table: Table) -> tuple[Command, ...]:
    """What the application may do with the rows that it sees."""
    if is_private(table):
        return ()
    return (Command.SELECT,) if is_shared(table) else classification_of(table).access.commands


def owning_columns(table: Table) -> list[str]:
    """The columns that decide whose a row is: the tenant's, the user's, or the reference to the parent."""
    found: dict[str, None] = {}
    for part in parts(classification_of(table).scope):
        match part:
            case TenantColumn(column) | UserColumn(column):
                found[column or ""] = None
            case ParentRow(columns):
                found.update(dict.fromkeys(columns))
    return list(found)


def ways_to_belong(table: Table, principal: Principal) -> list[dict[str, Any]]:
    """What the columns of a row must hold so that it is the principal's: one dictionary for each way.

    A reference to a parent is not among them: it is filled with a parent that belongs to the principal.
    """
    return _ways(table, classification_of(table).scope, principal)


def _ways(table: Table, scope: Scope, principal: Principal) -> list[dict[str, Any]]:
    match scope:
        case TenantColumn(column):
            return [{column or "": as_column(table.columns[column or ""], principal.tenant)}]
        case UserColumn(column):
            return [{column or "": as_column(table.columns[column or ""], principal.user)}]
        case IsNull(column):
            return [{column: None}]
        case AllOf(scopes):
            ways: list[dict[str, Any]] = [{}]
            for inner in scopes:
                ways = [{**way, **more} for way in ways for more in _ways(table, inner, principal)]
            return ways
        case AnyOf(scopes):
            found = [(inner, way) for inner in scopes for way in _ways(table, inner, principal)]
            # What another way would need stays empty where it may: the row then belongs in this way only, and tables
            # that ask for exactly one owner get one.
            others = {key for _, way in found for key in way if table.columns[key].nullable}
            return [{**dict.fromkeys(others - _parent_columns(inner)), **way} for inner, way in found]
    return [{}]


def _parent_columns(scope: Scope) -> set[str]:
    return {column for part in parts(scope) if isinstance(part, ParentRow) for column in part.columns}


def as_column(column: Column[Any], identity: Identity | None) -> Identity | None:
    """An id in the type of the column that it is compared with.

    Raises:
        ProofError: the column cannot hold it.
    """
    if identity is None:
        return None
    wanted = IdentityType.of(column.type, str(column)).python_type
    if isinstance(identity, wanted):
        return identity
    try:
        return uuid.UUID(str(identity)) if wanted is uuid.UUID else wanted(str(identity))
    except ValueError as error:
        raise ProofError(
            f"{column} compares with the current tenant or user, but cannot hold the id {identity!r}: give the "
            f"metadata a tenant_type and a user_type that fit its columns."
        ) from error


def identity_columns(tables: Iterable[Table]) -> dict[Table, dict[str, str]]:
    """The columns that tenants' and users' ids refer to, in tables that are nobody's: by table and column, whose."""
    found: dict[Table, dict[str, str]] = {}
    for table in tables:
        for part in parts(classification_of(table).scope):
            if not isinstance(part, TenantColumn | UserColumn):
                continue
            for key in table.columns[part.column or ""].foreign_keys:
                parent = key.column.table
                if not is_scoped(parent):
                    who = "tenant" if isinstance(part, TenantColumn) else "user"
                    found.setdefault(parent, {})[key.column.key] = who
    return found
