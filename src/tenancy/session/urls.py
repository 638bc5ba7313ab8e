"""Which URL a role connects with: the settings', or, where they name none at all, the embedded development server's."""

from __future__ import annotations

import logging

from tenancy.embedded import EmbeddedServer, default_directory
from tenancy.errors import ConfigurationError
from tenancy.security.roles import Roles
from tenancy.settings import RoleName, Settings

_log = logging.getLogger("tenancy")

#: The database of the development server.
DEVELOPMENT_DATABASE = "tenancy"


def roles_of(settings: Settings) -> Roles:
    """The three roles by the names that the settings give them."""
    return Roles(settings.owner_role, settings.application_role, settings.system_role)


def url_of(settings: Settings, role: RoleName) -> str:
    """The URL to connect as a role.

    Raises:
        ConfigurationError: the settings name other URLs but not this one, or none and no development server runs.
    """
    variables = {"application": "database_url", "owner": "owner_url", "system": "system_url"}
    urls: dict[str, str | None] = {name: getattr(settings, name) for name in variables.values()}
    wanted = urls[variables[role]]
    if wanted is not None:
        return wanted
    if any(urls.values()):
        raise ConfigurationError(
            f"There is no URL for the {role} role: set TENANCY_{variables[role].upper()}="
            f"postgresql://role:password@host/database."
        )
    server = EmbeddedServer(default_directory())
    if not server.running:
        raise ConfigurationError(
            f"No database: set TENANCY_{variables[role].upper()}=postgresql://role:password@host/database, or start "
            f"the embedded development server with `tenancy dev up`."
        )
    _log.warning("No TENANCY_*_URL is set: using the embedded development server in %s.", server.directory)
    return development_url(server, role, roles_of(settings))


def development_url(server: EmbeddedServer, role: RoleName, roles: Roles) -> str:
    """The URL of the development server's database for one of the roles."""
    logins = {"application": roles.application, "owner": roles.owner, "system": roles.system}
    return server.url(role=roles.login(logins[role]), database=DEVELOPMENT_DATABASE)
