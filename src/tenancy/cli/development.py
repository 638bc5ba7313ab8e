"""The embedded development server, for the commands that use it."""

from __future__ import annotations

from tenancy.cli.output import say
from tenancy.embedded import EmbeddedServer, default_directory
from tenancy.errors import EmbeddedServerError
from tenancy.schema.loading import load_metadata
from tenancy.security.bootstrap import needed_extensions
from tenancy.session.administrator import bootstrap, create_database
from tenancy.session.urls import DEVELOPMENT_DATABASE, development_url, roles_of
from tenancy.settings import Settings


async def prepare_database(server: EmbeddedServer, settings: Settings) -> None:
    """Makes the server's database, if there is none, and bootstraps it with one login for each role."""
    await create_database(server.url(), DEVELOPMENT_DATABASE, settings)
    extensions = needed_extensions(load_metadata(settings))
    await bootstrap(server.url(database=DEVELOPMENT_DATABASE), settings, extensions=extensions, logins=True)


def development_server() -> EmbeddedServer:
    """The running development server; says that it is used.

    Raises:
        EmbeddedServerError: it does not run.
    """
    server = running_server()
    say(f"Using the embedded development server in {server.directory}.")
    return server


def running_server() -> EmbeddedServer:
    """The running development server.

    Raises:
        EmbeddedServerError: it does not run.
    """
    server = EmbeddedServer(default_directory())
    if not server.running:
        raise EmbeddedServerError(
            "The embedded development server does not run. Start it with `tenancy dev up`, or name a server: "
            "TENANCY_DATABASE_URL, TENANCY_OWNER_URL, TENANCY_SYSTEM_URL, TENANCY_ADMIN_URL."
        )
    return server


def development_settings(server: EmbeddedServer, settings: Settings) -> Settings:
    """The settings with the URLs of a development server."""
    roles = roles_of(settings)
    urls = {
        "database_url": development_url(server, "application", roles),
        "owner_url": development_url(server, "owner", roles),
        "system_url": development_url(server, "system", roles),
    }
    return settings.model_copy(update=urls)


def reachable(settings: Settings) -> Settings:
    """The settings; where they name no URL at all, those of the running development server, and says so.

    Raises:
        EmbeddedServerError: they name none, and it does not run.
    """
    if settings.database_url or settings.owner_url or settings.system_url:
        return settings
    return development_settings(development_server(), settings)
