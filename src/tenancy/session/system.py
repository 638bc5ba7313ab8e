"""System sessions: another role, another pool, and a record that is durable before the session is handed out."""

from __future__ import annotations

from sqlalchemy import Insert, insert

from tenancy.errors import ConfigurationError
from tenancy.security.functions import system_access


def record_of(reason: str, actor: str) -> Insert:
    """The row of `tenancy.system_access` for one system session.

    Raises:
        ConfigurationError: reason or actor is empty.
    """
    for name, value in (("reason", reason), ("actor", actor)):
        if not value.strip():
            raise ConfigurationError(f"db.system() needs a {name}: it is what the audit will show.")
    return insert(system_access).values(reason=reason, actor=actor)
