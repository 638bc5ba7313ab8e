"""The tenant column fills itself: column defaults that take the id from the session of the statement.

A Python-side default covers the unit of work, bulk inserts and Core `insert()` alike. `tenancy.session` leaves the
principal in the execution options of the connection that its transaction uses.
"""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.engine.default import DefaultExecutionContext

from tenancy.errors import TenantNotSet
from tenancy.schema.identity import Identity

#: The execution option of a connection under which a session leaves its principal.
PRINCIPAL_OPTION = "tenancy_principal"


class _Principal(Protocol):
    @property
    def tenant(self) -> Identity | None: ...
    @property
    def user(self) -> Identity | None: ...


def _principal(context: DefaultExecutionContext) -> _Principal | None:
    principal: _Principal | None = context.root_connection.get_execution_options().get(PRINCIPAL_OPTION)
    return principal


def tenant_of_session(context: DefaultExecutionContext) -> Identity | None:
    """The tenant of the session that inserts, for a column that was left out.

    Raises:
        TenantNotSet: the statement does not run in a tenant session, and the column must not be empty.
    """
    principal = _principal(context)
    tenant = principal.tenant if principal else None
    column = context.current_column
    if tenant is None and not column.nullable:
        raise TenantNotSet(
            f"{column.table.fullname}.{column.name} was left out, and this connection has no tenant to fill it from. "
            f"Insert inside `db.begin(organization_id)`, or, in a system session, set {column.name} yourself."
        )
    return tenant


def user_of_session(context: DefaultExecutionContext) -> Identity | None:
    """The user of the session that inserts, if it has one; an empty NOT NULL column is PostgreSQL's to refuse."""
    principal = _principal(context)
    return principal.user if principal else None
