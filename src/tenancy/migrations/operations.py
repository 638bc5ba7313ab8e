"""Alembic's `op`, with one operation per change to a database's security, which carries all it needs to be undone.

Revisions call these with plain data only: a later version of the library derives other policies, and an old revision
still makes the ones it made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alembic.operations import MigrateOperation, Operations

from tenancy.security.changes import (
    Change,
    CreateFunction,
    CreatePolicy,
    CreateSchema,
    DropFunction,
    DropPolicy,
    DropSchema,
    ForceRowSecurity,
    GrantPrivileges,
    ReplaceFunction,
    RevokePrivileges,
    RowSecurity,
)
from tenancy.security.roles import Roles
from tenancy.security.statements import ddl
from tenancy.security.values import Function, Policy

#: The option of Alembic's context under which `env.py` leaves the names of the roles.
ROLES_OPTION = "tenancy_roles"


def roles_in(options: Mapping[str, Any]) -> Roles:
    """The roles that `env.py` was configured with, from the options of Alembic's context."""
    roles: Roles = options.get(ROLES_OPTION, Roles())
    return roles


class SecurityOperation(MigrateOperation):
    """A migration step that makes one `Change`."""

    def __init__(self, change: Change) -> None:
        self.change = change

    def reverse(self) -> SecurityOperation:
        return SecurityOperation(self.change.reverse())

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """What `alembic check` shows."""
        return (type(self.change).__name__, self.change.sql())

    @classmethod
    def create_schema(cls, operations: Operations, name: str) -> None:
        """CREATE SCHEMA."""
        operations.invoke(cls(CreateSchema(name)))

    @classmethod
    def drop_schema(cls, operations: Operations, name: str) -> None:
        """DROP SCHEMA, which must be empty."""
        operations.invoke(cls(DropSchema(name)))

    @classmethod
    def enable_row_security(cls, operations: Operations, table: str, *, schema: str = "public") -> None:
        """ENABLE ROW LEVEL SECURITY."""
        operations.invoke(cls(RowSecurity(schema, table, enabled=True)))

    @classmethod
    def disable_row_security(cls, operations: Operations, table: str, *, schema: str = "public") -> None:
        """DISABLE ROW LEVEL SECURITY."""
        operations.invoke(cls(RowSecurity(schema, table, enabled=False)))

    @classmethod
    def force_row_security(cls, operations: Operations, table: str, *, schema: str = "public") -> None:
        """FORCE ROW LEVEL SECURITY: the owner is held to the policies as well."""
        operations.invoke(cls(ForceRowSecurity(schema, table, forced=True)))

    @classmethod
    def no_force_row_security(cls, operations: Operations, table: str, *, schema: str = "public") -> None:
        """NO FORCE ROW LEVEL SECURITY."""
        operations.invoke(cls(ForceRowSecurity(schema, table, forced=False)))

    @classmethod
    def create_policy(
        cls,
        operations: Operations,
        name: str,
        table: str,
        *,
        schema: str = "public",
        command: str,
        permissive: bool,
        roles: Sequence[str],
        using: str | None = None,
        check: str | None = None,
    ) -> None:
        """CREATE POLICY."""
        policy = Policy(name, command, permissive, tuple(roles), using, check)
        operations.invoke(cls(CreatePolicy(schema, table, policy)))

    @classmethod
    def drop_policy(
        cls,
        operations: Operations,
        name: str,
        table: str,
        *,
        schema: str = "public",
        command: str,
        permissive: bool,
        roles: Sequence[str],
        using: str | None = None,
        check: str | None = None,
    ) -> None:
        """DROP POLICY; the policy is given whole, so that the revision shows what it takes away."""
        policy = Policy(name, command, permissive, tuple(roles), using, check)
        operations.invoke(cls(DropPolicy(schema, table, policy)))

    @classmethod
    def grant(
        cls,
        operations: Operations,
        privileges: Sequence[str],
        table: str | None,
        role: str,
        *,
        schema: str = "public",
        column: str | None = None,
        sequence: bool = False,
        grantable: bool = False,
    ) -> None:
        """GRANT on a table; with `table=None` on the schema; with `sequence` on the sequence that the column owns."""
        operations.invoke(
            cls(GrantPrivileges(schema, table, role, tuple(privileges), column, sequence, grantable=grantable))
        )

    @classmethod
    def revoke(
        cls,
        operations: Operations,
        privileges: Sequence[str],
        table: str | None,
        role: str,
        *,
        schema: str = "public",
        column: str | None = None,
        sequence: bool = False,
        grantable: bool = False,
    ) -> None:
        """REVOKE; arguments as for `grant`."""
        operations.invoke(
            cls(RevokePrivileges(schema, table, role, tuple(privileges), column, sequence, grantable=grantable))
        )

    @classmethod
    def create_function(cls, operations: Operations, name: str, **properties: Any) -> None:
        """CREATE FUNCTION, with every property of `tenancy.security.values.Function`."""
        operations.invoke(cls(CreateFunction(Function(name, **properties))))

    @classmethod
    def drop_function(cls, operations: Operations, name: str, **properties: Any) -> None:
        """DROP FUNCTION."""
        operations.invoke(cls(DropFunction(Function(name, **properties))))

    @classmethod
    def replace_function(
        cls, operations: Operations, name: str, *, to: dict[str, Any], previous: dict[str, Any]
    ) -> None:
        """CREATE OR REPLACE FUNCTION; policies that call it stay."""
        operations.invoke(cls(ReplaceFunction(Function(name, **to), Function(name, **previous))))


def perform(operations: Operations, operation: SecurityOperation) -> None:
    """Makes the change, or writes it in `--sql` mode."""
    for statement in operation.change.statements():
        operations.execute(ddl(statement))
