"""Data migrations under FORCE: `op.for_each_tenant()` and `op.as_system()`.

The owner is held to the policies: without a tenant its UPDATE raises, or, where no policy covers the command, changes 0
rows and reports success. A data migration says whose rows it means.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from alembic.operations import MigrateOperation, Operations
from sqlalchemy import Connection, column, select, table, text

from tenancy.errors import UnscopedStatement
from tenancy.migrations.guard import statements_allowed
from tenancy.security.functions import TENANT_SETTING
from tenancy.security.quoting import identifier, literal
from tenancy.security.roles import Roles


class DataScope(MigrateOperation):
    """The two scopes as operations of `op`; they run statements and leave nothing to autogenerate."""

    @classmethod
    def for_each_tenant(
        cls, operations: Operations, root: str, *, schema: str = "public", id: str = "id"
    ) -> Iterator[Any]:
        """Runs a loop's body once per tenant, with the tenant set: `for organization_id in op.for_each_tenant("organization"):`

        Args:
            operations: given by Alembic.
            root: the table of the tenants.
            schema: its PostgreSQL schema.
            id: the column of its id.

        Raises:
            UnscopedStatement: in `--sql` mode, where no database can be asked for the tenants.
        """
        connection = _connection(operations)
        # The owner sees no tenant but the one that is set; the system role sees all.
        with _as_role(connection, _roles(operations).system):
            tenants = connection.scalars(
                select(column(id)).select_from(table(root, schema=schema)).order_by(column(id))
            ).all()
        for tenant in tenants:
            connection.execute(text(f"SET LOCAL {TENANT_SETTING} = {literal(str(tenant))}"))
            with statements_allowed(connection):
                yield tenant
        connection.execute(text(f"SET LOCAL {TENANT_SETTING} = ''"))

    @classmethod
    def as_system(cls, operations: Operations) -> AbstractContextManager[None]:
        """Runs statements as the system role, which sees the rows of every tenant: `with op.as_system():`"""
        return _as_system(_connection(operations), _roles(operations).system)


@contextmanager
def _as_system(connection: Connection, role: str) -> Iterator[None]:
    with _as_role(connection, role), statements_allowed(connection):
        yield


NAMES = ("for_each_tenant", "as_system")


@contextmanager
def _as_role(connection: Connection, role: str) -> Iterator[None]:
    previous = connection.scalar(text("SELECT current_user"))
    connection.execute(text(f"SET LOCAL ROLE {identifier(role)}"))
    yield
    # Only where all went well: after an error the transaction takes no statement, and its end takes the role back.
    connection.execute(text(f"SET LOCAL ROLE {identifier(str(previous))}"))


def _connection(operations: Operations) -> Connection:
    if operations.migration_context.as_sql:
        raise UnscopedStatement(
            "op.for_each_tenant() and op.as_system() ask the database, so this revision cannot be written with --sql. "
            "Run it with `alembic upgrade`."
        )
    return operations.get_bind()


def _roles(operations: Operations) -> Roles:
    roles: Roles = operations.migration_context.opts.get("tenancy_roles", Roles())
    return roles
