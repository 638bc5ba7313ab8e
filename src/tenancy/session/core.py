"""The session's predicate for Core statements, which nobody adds by himself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Alias, ColumnElement, Table
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from tenancy.errors import ConfigurationError, TenantNotSet
from tenancy.session.predicate import Parameters, check_identity_types, condition, scope_of
from tenancy.session.tenant_session import TenantSession


def tenant_predicate(session: AsyncSession | Session, table: Table | Alias) -> ColumnElement[bool]:
    """The condition that ORM statements of the session carry, for a Core statement: plans then see the tenant.

    `select(task).where(tenant_predicate(session, task))`. The policies hold the statement without it, too; with it
    PostgreSQL plans as for the hand-written one.

    Args:
        session: of `Database.session()` or `begin()`, or of `SyncDatabase`.
        table: a table that belongs to tenants or users, or an alias of one.

    Raises:
        ConfigurationError: the session is not one of these, or the table is nobody's.
        TenantNotSet: the session lacks the id that the table's rows belong to.
        InvalidTenant: the id is not of the column's type.
    """
    sync: Any = session.sync_session if isinstance(session, AsyncSession) else session
    named = table.element if isinstance(table, Alias) else table
    scope = scope_of(named) if isinstance(named, Table) else None
    if not isinstance(sync, TenantSession) or not isinstance(named, Table) or scope is None:
        raise ConfigurationError(
            f"tenant_predicate({type(session).__name__}, {table}) needs a session of Database and a classified table."
        )
    check_identity_types(named, sync.principal)
    said = condition(scope, named, table.c.__getitem__, Parameters.of(sync.principal))
    if said is None:
        raise TenantNotSet(f"{named.fullname} belongs to tenants or users, and the session lacks the id: {scope}.")
    return said
