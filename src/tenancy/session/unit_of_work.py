"""UPDATE and DELETE by primary key say the tenant, too.

What a flush or a bulk update writes is no ORM statement: SQLAlchemy addresses each row by its key, on the table. The
tenant is added where all of them pass, and where the statements on a plain `Table` pass as well: by an event of the
session's connection, once the session writes or hands its connection out. Readers are spared the event.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Delete, Executable, Table, Update, event

from tenancy.schema.filling import PRINCIPAL_OPTION
from tenancy.session.predicate import Parameters, check_identity_types, condition, scope_of
from tenancy.session.principal import Principal


def say_tenant_by_key(connection: Connection) -> None:
    """Adds the predicate of the session's principal to each UPDATE and DELETE of a table from now on."""
    if not event.contains(connection, "before_execute", _add_predicate):
        event.listen(connection, "before_execute", _add_predicate, retval=True)


def _add_predicate(
    connection: Connection, statement: Executable, multiparams: Any, params: Any, execution_options: Any
) -> tuple[Executable, Any, Any]:
    if isinstance(statement, Update | Delete):
        principal: Principal | None = connection.get_execution_options().get(PRINCIPAL_OPTION)
        table = None if principal is None else _table(statement)
        scope = None if table is None else scope_of(table)
        if principal is not None and table is not None and scope is not None:
            check_identity_types(table, principal)
            said = condition(scope, table, table.columns.__getitem__, Parameters.of(principal))
            statement = statement if said is None else statement.where(said)
    return statement, multiparams, params


def _table(statement: Update | Delete) -> Table | None:
    """The table, unless it is an ORM statement, which brings its own predicate.

    A bulk update by primary key looks like one, but SQLAlchemy rewrites it without, for one table after another.
    """
    # SQLAlchemy has no public way to ask a statement what kind it is.
    if "plugin_subject" in statement._propagate_attrs:  # noqa: SLF001 - as above
        return statement._annotations.get("_emit_update_table")  # noqa: SLF001 - as above
    return statement.table if isinstance(statement.table, Table) else None
