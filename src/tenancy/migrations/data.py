"""Data migrations under FORCE: `op.for_each_tenant()` and `op.as_system()`.

The owner is held to the policies: without a tenant its UPDATE raises, or, where no policy covers the command, changes 0
rows and reports success. A data migration says whose rows it means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from alembic.operations import MigrateOperation, Operations
from sqlalchemy import Connection, column, select, table, text
from sqlalchemy.exc import DBAPIError

from tenancy.errors import UnscopedStatement
from tenancy.migrations.guard import statements_allowed
from tenancy.migrations.operations import roles_in
from tenancy.security.functions import TENANT_SETTING
from tenancy.security.quoting import identifier, literal
from tenancy.security.statements import execute


class DataScope(MigrateOperation):
    """The two scopes as operations of `op`; they run statements and leave nothing to autogenerate."""

    @classmethod
    def for_each_tenant(
        cls,
        operations: Operations,
        root: str,
        *,
        schema: str = "public",
        id: str = "id",  # noqa: A002 - the column's name, as everybody calls it
    ) -> Iterator[Any]:
        """Runs a loop's body once per tenant, with the tenant set.

        `for organization_id in op.for_each_tenant("organization"):`

        Args:
            operations: given by Alembic.
            root: the table of the tenants.
            schema: its PostgreSQL schema.
            id: the column of its id.

        Raises:
            UnscopedStatement: in `--sql` mode, where no database can be asked for the tenants; or as a role that
                bypasses row-level security.
        """
        connection = _connection(operations)
        _require_row_security(connection)
        # The owner sees no tenant but the one that is set; the system role sees all.
        with _as_role(connection, roles_in(operations.migration_context.opts).system):
            tenants: Sequence[Any] = connection.scalars(
                select(column(id)).select_from(table(root, schema=schema)).order_by(column(id))
            ).all()
        previous = connection.scalar(text("SELECT current_setting(:name, true)"), {"name": TENANT_SETTING})
        try:
            for tenant in tenants:
                execute(connection, _tenant_is(str(tenant)))
                with statements_allowed(connection):
                    yield tenant
        finally:
            # Also after a `break`; what comes next in the revision must not belong to the last tenant.
            _restore(connection, _tenant_is(previous or ""))

    @classmethod
    def as_system(cls, operations: Operations) -> AbstractContextManager[None]:
        """Runs statements as the system role, which sees the rows of every tenant: `with op.as_system():`"""
        return _as_system(_connection(operations), roles_in(operations.migration_context.opts).system)


@contextmanager
def _as_system(connection: Connection, role: str) -> Iterator[None]:
    with _as_role(connection, role), statements_allowed(connection):
        yield


@contextmanager
def _as_role(connection: Connection, role: str) -> Iterator[None]:
    previous = connection.scalar(text("SELECT current_user"))
    execute(connection, f"SET LOCAL ROLE {identifier(role)}")
    try:
        yield
    finally:
        _restore(connection, f"SET LOCAL ROLE {identifier(str(previous))}")


def _restore(connection: Connection, sql: str) -> None:
    """Takes a local setting back; after a failed statement the transaction takes none, and its end does it itself."""
    if connection.invalidated:
        return
    try:
        execute(connection, sql)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _IN_FAILED_TRANSACTION:
            raise


_IN_FAILED_TRANSACTION = "25P02"


def _tenant_is(tenant: str) -> str:
    return f"SET LOCAL {TENANT_SETTING} = {literal(tenant)}"


def _require_row_security(connection: Connection) -> None:
    role, bypasses = connection.execute(_CURRENT_ROLE).one()
    if bypasses:
        raise UnscopedStatement(
            f"op.for_each_tenant() as {role}, which bypasses row-level security, would reach the rows of all tenants "
            f"each time: use it as the owner, and not inside op.as_system()."
        )


_CURRENT_ROLE = text("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")


def _connection(operations: Operations) -> Connection:
    if operations.migration_context.as_sql:
        raise UnscopedStatement(
            "op.for_each_tenant() and op.as_system() ask the database, so this revision cannot be written with --sql. "
            "Run it with `alembic upgrade`."
        )
    return operations.get_bind()
