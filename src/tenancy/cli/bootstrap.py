"""`tenancy bootstrap`."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Annotated

import typer

from tenancy.cli.development import development_server
from tenancy.cli.output import emit_json, say
from tenancy.errors import ConfigurationError
from tenancy.schema.loading import load_metadata
from tenancy.security.bootstrap import bootstrap_statements, needed_extensions
from tenancy.session import administrator
from tenancy.session.engine import database_url
from tenancy.session.urls import DEVELOPMENT_DATABASE, roles_of
from tenancy.settings import Settings

PASSWORD_VARIABLE = "TENANCY_LOGIN_PASSWORD"  # noqa: S105 - the name of a variable


def bootstrap(
    url: Annotated[
        str | None,
        typer.Option(envvar="TENANCY_ADMIN_URL", help="An administrator's URL; by default the embedded server's."),
    ] = None,
    sql: Annotated[bool, typer.Option("--sql", help="Print the statements for a DBA instead of running them.")] = False,
    database: Annotated[str | None, typer.Option(help="With --sql and no URL: the database's name.")] = None,
    extension: Annotated[
        list[str] | None, typer.Option(help="An extension to install; by default those that the models need.")
    ] = None,
    with_logins: Annotated[
        bool, typer.Option("--with-logins", help="Also make one login role per role, named ROLE_login.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """Prepare a database, once, as an administrator: three roles, extensions, and what PUBLIC must not do.

    It can be run again at any time, and should be after a restore: some privileges belong to the database itself. The
    login roles of `--with-logins` get the password in TENANCY_LOGIN_PASSWORD, if it is set.

    Examples:
    - `tenancy bootstrap --url postgresql://postgres:secret@db/shop`
    - `tenancy bootstrap --sql --database shop > bootstrap.sql` prints it for a DBA, to be run by psql.
    - `tenancy bootstrap` prepares the embedded development server.
    """
    settings = Settings()
    roles = roles_of(settings)
    extensions = extension if extension is not None else needed_extensions(load_metadata(settings))
    password = os.environ.get(PASSWORD_VARIABLE)
    if sql:
        name = database or (database_url(url, "asyncpg").database if url else None)
        if not name:
            raise ConfigurationError("--sql needs the database's name: `tenancy bootstrap --sql --database shop`.")
        statements = bootstrap_statements(name, roles, extensions=extensions, logins=with_logins, password=password)
        # One transaction: a statement that fails leaves nothing half-done.
        sys.stdout.write("\\set ON_ERROR_STOP on\nBEGIN;\n" + "".join(f"{one};\n" for one in statements) + "COMMIT;\n")
        return
    admin_url = url or development_server().url(database=DEVELOPMENT_DATABASE)
    asyncio.run(
        administrator.bootstrap(admin_url, settings, extensions=extensions, logins=with_logins, password=password)
    )
    name = database_url(admin_url, "asyncpg").database or ""
    if as_json:
        emit_json({"database": name, "roles": vars(roles), "extensions": extensions, "logins": with_logins})
    else:
        installed = f", extensions {', '.join(extensions)}" if extensions else ""
        say(f"Database {name} is prepared: roles {roles.owner}, {roles.application}, {roles.system}{installed}.")
