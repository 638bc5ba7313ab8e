"""The three roles. All are groups (NOLOGIN): login roles are made members of one of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Roles:
    """The names of the roles.

    Attributes:
        owner: owns the tables and runs migrations; neither superuser nor BYPASSRLS, so FORCE holds it.
        application: what services run as: no ownership, no bypass, and no way to become what has.
        system: BYPASSRLS, for audited work across tenants; migrations enter it by `op.as_system()`.
    """

    owner: str = "tenancy_owner"
    application: str = "tenancy_app"
    system: str = "tenancy_system"

    def login(self, role: str) -> str:
        """The name of the login role that `tenancy bootstrap --with-logins` makes for a role."""
        return f"{role}_login"
