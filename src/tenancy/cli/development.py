"""The embedded development server, for the commands that use it."""

from __future__ import annotations

from tenancy.cli.output import say
from tenancy.embedded import EmbeddedServer, default_directory
from tenancy.errors import EmbeddedServerError
from tenancy.schema.loading import load_metadata
from tenancy.security.bootstrap import needed_extensions
from tenancy.session.administrator import bootstrap, create_database
from tenancy.session.urls import DEVELOPMENT_DATABASE
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
