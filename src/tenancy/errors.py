"""Every error that tenancy raises. The docstring of a class is its default message."""

from __future__ import annotations

import inspect


class TenancyError(Exception):
    """Something in the tenancy layer was refused."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or " ".join((inspect.getdoc(type(self)) or "").split()))


class ConfigurationError(TenancyError):
    """The models or the settings contradict themselves."""


class UnclassifiedTable(ConfigurationError):
    """A table does not say who may see its rows."""


class InvalidScope(ConfigurationError):
    """A scope names a column that its table does not have."""


class TenantNotSet(TenancyError):
    """No tenant is set.

    Name one: `db.begin(organization_id)`, or run inside `with tenant_context(organization_id):`.
    """


class UserNotSet(TenancyError):
    """No user is set, and the table shows rows to their user only.

    Name one: `db.begin(organization_id, user=user_id)`, or `db.begin(user=user_id)`.
    """


class InvalidTenant(TenancyError):
    """A tenant or user id must be a UUID, an integer or a non-empty text without NUL characters."""


class TenantMismatch(TenancyError):
    """A row belongs to one tenant or user, but the session is bound to another."""


class TenantViolation(TenancyError):
    """PostgreSQL refused a row that does not belong to the session's tenant."""


class BulkLoadError(TenancyError):
    """A row could not be loaded, and so none was."""

    def __init__(self, message: str | None = None, *, row: int | None = None, column: str | None = None) -> None:
        super().__init__(message)
        #: The number of the row in the input, from 1.
        self.row = row
        #: The name of its column, where one is at fault.
        self.column = column


class NotAMember(TenancyError):
    """The user of the session does not belong to its tenant."""


class AccessDenied(TenancyError):
    """The database role has no privilege for this statement."""


class UnsafeRole(TenancyError):
    """The database role could get round row-level security."""


class UnsafeTransaction(TenancyError):
    """A tenant session needs a transaction of its own: not AUTOCOMMIT, and not one that is open already."""


class DatabaseUnavailable(TenancyError):
    """The database cannot be reached."""


class ServerTooOld(TenancyError):
    """The server is older than PostgreSQL 15."""


class MissingExtension(TenancyError):
    """An extension that the models need is not installed in the database."""


class IncompleteInstallation(TenancyError):
    """The database lacks what tenancy installs: run `tenancy bootstrap`, then `alembic upgrade heads`."""


class UnscopedStatement(TenancyError):
    """A migration would change rows of a table under forced row-level security without saying whose."""


class IrreversibleChange(TenancyError):
    """This change cannot be undone."""


class ProofError(TenancyError):
    """The isolation proof could not be made, which is not the same as passed."""


class EmbeddedServerError(TenancyError):
    """The embedded PostgreSQL server could not do what was asked."""
