"""`tenancy dev`: the embedded development server."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Annotated

import typer

from tenancy.cli.development import development_server, prepare_database, running_server
from tenancy.cli.output import console, emit_json, say
from tenancy.cli.seed import seed
from tenancy.embedded import EmbeddedServer, default_directory
from tenancy.schema.loading import load_metadata
from tenancy.session.owner import push_as_owner
from tenancy.session.urls import DEVELOPMENT_DATABASE, development_url, roles_of
from tenancy.settings import RoleName, Settings

app = typer.Typer(help="The embedded development server: PostgreSQL without a server.", no_args_is_help=True)


class Role(StrEnum):
    """Whose URL to print."""

    admin = "admin"
    owner = "owner"
    app = "app"
    system = "system"


_ROLES: dict[Role, RoleName] = {Role.owner: "owner", Role.app: "application", Role.system: "system"}


def _url(server: EmbeddedServer, role: Role, settings: Settings) -> str:
    if role is Role.admin:
        return server.url(database=DEVELOPMENT_DATABASE)
    return development_url(server, _ROLES[role], roles_of(settings))


@app.command()
def up(
    port: Annotated[int | None, typer.Option(help="Also listen on this port of 127.0.0.1; 0 picks one.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the URLs as JSON.")] = False,
) -> None:
    """Start the server, prepare its database, and print the URLs. Does nothing that is done already.

    Examples:
    - `tenancy dev up`, then `alembic upgrade heads`: with no TENANCY_*_URL set, every command uses this server.
    """
    settings = Settings()
    server = EmbeddedServer(default_directory(), port=port)
    fresh = not server.running
    server.start()
    asyncio.run(prepare_database(server, settings))
    urls = {role.value: _url(server, role, settings) for role in Role}
    if as_json:
        emit_json({"pid": server.pid, "directory": str(server.directory), "started": fresh, "urls": urls})
        return
    say(f"PostgreSQL {server.version} {'started' if fresh else 'runs already'} in {server.directory}.")
    for name, url in urls.items():
        console.print(f"{name:7}{url}", highlight=False, soft_wrap=True, markup=False)


@app.command()
def down() -> None:
    """Stop the server. Its data stay; `tenancy dev up` brings them back."""
    server = EmbeddedServer(default_directory())
    was_running = server.running
    server.stop()
    say("The development server is stopped." if was_running else "The development server was not running.")


@app.command()
def url(
    role: Annotated[Role, typer.Option(help="Whose URL.")] = Role.app,
) -> None:
    """Print a URL of the server, for any client.

    Examples:
    - `psql "$(tenancy dev url --role owner)"`
    """
    console.print(_url(running_server(), role, Settings()), highlight=False, soft_wrap=True, markup=False)


@app.command()
def push() -> None:
    """Create schemas, tables, policies and grants straight from the models, without a migration.

    On the embedded development server only: elsewhere, and as soon as somebody else shares the database, write a
    migration: `alembic revision --autogenerate`.
    """
    settings = Settings()
    server = development_server()
    metadata = load_metadata(settings)
    asyncio.run(push_as_owner(development_url(server, "owner", roles_of(settings)), metadata, settings))
    say(f"{sum(len(one.tables) for one in metadata)} tables are as the models say.")


app.command()(seed)
