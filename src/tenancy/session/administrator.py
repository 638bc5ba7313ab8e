"""What an administrator does: makes a database, and bootstraps it. Can be run again at any time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tenancy.errors import MissingExtension, TenancyError, UnsafeRole
from tenancy.security.bootstrap import bootstrap_statements
from tenancy.security.quoting import identifier
from tenancy.session.engine import database_url
from tenancy.session.owner import one_connection
from tenancy.session.role import refuse_old_server
from tenancy.session.urls import roles_of
from tenancy.settings import Settings

# Somebody else's REVOKE on pg_catalog is a warning, not an error: the database would pass for bootstrapped.
_SERVER = text("SELECT current_setting('server_version_num')::int, rolsuper FROM pg_roles WHERE rolname = current_user")
_NOT_SUPERUSER = (
    "The URL's role may not bootstrap a database: {why}. Use a superuser, or give `tenancy bootstrap --sql` to your "
    "administrator."
)
_UNDEFINED_FILE = "58P01"
_FEATURE_NOT_SUPPORTED = "0A000"
_INSUFFICIENT_PRIVILEGE = "42501"


async def create_database(admin_url: str, name: str, settings: Settings, *, template: str | None = None) -> bool:
    """Creates a database if there is none of that name.

    Returns:
        Whether it was created.
    """
    async with one_connection(admin_url, settings, isolation_level="AUTOCOMMIT") as connection:
        if await connection.scalar(text("SELECT true FROM pg_database WHERE datname = :name"), {"name": name}):
            return False
        source = f" TEMPLATE {identifier(template)}" if template else ""
        await connection.exec_driver_sql(f"CREATE DATABASE {identifier(name)}{source}")
        return True


async def drop_database(admin_url: str, name: str, settings: Settings, *, login: str | None = None) -> None:
    """Drops a database, if there is one of that name, whoever is connected to it, and then a login role."""
    async with one_connection(admin_url, settings, isolation_level="AUTOCOMMIT") as connection:
        await connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE)")
        if login is not None:
            await connection.exec_driver_sql(f"DROP ROLE IF EXISTS {identifier(login)}")


async def bootstrap(
    admin_url: str,
    settings: Settings,
    *,
    extensions: Sequence[str] = (),
    logins: bool = False,
    password: str | None = None,
) -> None:
    """Makes the roles and revokes what PUBLIC must not do, in the database that the URL names, all or nothing.

    Raises:
        DatabaseUnavailable: the server does not answer, or refuses the login.
        ServerTooOld: it is older than PostgreSQL 15.
        MissingExtension: the server has no such extension to install.
        UnsafeRole: the URL's role may not do this.
    """
    database = database_url(admin_url, "asyncpg").database or ""
    statements = bootstrap_statements(
        database, roles_of(settings), extensions=extensions, logins=logins, password=password
    )
    try:
        async with one_connection(admin_url, settings) as connection, connection.begin():
            version, superuser = (await connection.execute(_SERVER)).one()
            refuse_old_server(version)
            if not superuser:
                raise UnsafeRole(_NOT_SUPERUSER.format(why="PostgreSQL lets only a superuser revoke on pg_catalog"))
            for statement in statements:
                await connection.exec_driver_sql(statement)
    except DBAPIError as error:
        raise _explained(error, extensions) from error


def _explained(error: DBAPIError, extensions: Sequence[str]) -> TenancyError:
    sqlstate = getattr(error.orig, "sqlstate", None)
    said = str(getattr(error.orig, "__cause__", None) or error.orig)
    if sqlstate in (_UNDEFINED_FILE, _FEATURE_NOT_SUPPORTED) and error.statement and "EXTENSION" in error.statement:
        return MissingExtension(
            f"The models need the extension {', '.join(extensions)}, and this server cannot install it: {said}. "
            f"Install pgvector on the server (Debian: apt install postgresql-18-pgvector), or use the image "
            f"pgvector/pgvector:pg18."
        )
    if sqlstate == _INSUFFICIENT_PRIVILEGE:
        return UnsafeRole(_NOT_SUPERUSER.format(why=said))
    return TenancyError(f"Bootstrap failed, and nothing was changed: {said}")
