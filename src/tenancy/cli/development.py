"""The embedded development server, for the commands that use it."""

from __future__ import annotations

from tenancy.cli.output import say
from tenancy.embedded import EmbeddedServer, default_directory
from tenancy.errors import EmbeddedServerError


def development_server() -> EmbeddedServer:
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
    say(f"Using the embedded development server in {server.directory}.")
    return server
