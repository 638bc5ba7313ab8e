"""Connections of the owner and of an administrator: for migrations and the command line, never for services."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, MetaData, event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from tenancy.errors import IncompleteInstallation, UnsafeRole
from tenancy.security.apply import push
from tenancy.security.quoting import identifier
from tenancy.session.engine import connect_or_explain, database_url, search_path
from tenancy.session.role import refuse_old_server
from tenancy.session.urls import roles_of, url_of
from tenancy.settings import Settings


def plain_engine(url: str, settings: Settings, **options: Any) -> AsyncEngine:
    """An engine without tenants: for what administrators and the owner do."""
    engine = create_async_engine(
        database_url(url, "asyncpg"),
        connect_args={
            "timeout": settings.connect_timeout_seconds,
            "server_settings": {"application_name": "tenancy"},
        },
        **options,
    )
    event.listen(engine.sync_engine, "do_connect", connect_or_explain)
    return engine


@asynccontextmanager
async def one_connection(url: str, settings: Settings, **options: Any) -> AsyncIterator[AsyncConnection]:
    """One connection without tenants, and no pool; what is not committed is rolled back. Options as of an engine."""
    engine = plain_engine(url, settings, poolclass=NullPool, **options)
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


@asynccontextmanager
async def one_owner_connection(url: str, settings: Settings) -> AsyncIterator[AsyncConnection]:
    """The same, as the owner of tables.

    Args:
        url: of a login that is, or may become, the owner.
        settings: the owner's name, and the search_path.

    Raises:
        UnsafeRole: the login cannot become the owner.
    """
    async with one_connection(url, settings) as connection:
        await connection.run_sync(as_owner, settings)
        yield connection


def owner_engine(settings: Settings, **options: Any) -> AsyncEngine:
    """The engine of migrations."""
    return plain_engine(url_of(settings, "owner"), settings, **options)


async def push_as_owner(url: str, metadata: Sequence[MetaData], settings: Settings) -> None:
    """Creates schemas, tables and their security straight from the models, without a migration, all or nothing.

    Args:
        url: of a login that is a member of the owner's role, or of a superuser.
        metadata: made by `tenancy.metadata()`.
        settings: the names of the roles.

    Raises:
        UnsafeRole: the login cannot become the owner.
    """
    async with one_owner_connection(url, settings) as connection, connection.begin():
        await connection.run_sync(push, metadata, roles_of(settings))


def as_owner(connection: Connection, settings: Settings) -> None:
    """Becomes the owner role for as long as the connection lives, so that what is created belongs to it.

    Raises:
        ServerTooOld: the server is older than PostgreSQL 15.
        IncompleteInstallation: the owner role does not exist.
        UnsafeRole: the login cannot become the owner, or the owner could get round row-level security.
    """
    owner = settings.owner_role
    version, login, database, exists, member, bypass = connection.execute(
        text(
            "SELECT current_setting('server_version_num')::int, session_user, current_database(), "
            "r.rolname IS NOT NULL, pg_has_role(session_user, r.oid, 'MEMBER'), r.rolsuper OR r.rolbypassrls "
            "FROM (VALUES (1)) AS one LEFT JOIN pg_roles r ON r.rolname = :owner"
        ),
        {"owner": owner},
    ).one()
    refuse_old_server(version)
    if not exists:
        raise IncompleteInstallation(
            f"Role {owner} does not exist on this server: run `tenancy bootstrap` as an administrator first."
        )
    if bypass:
        raise UnsafeRole(
            f"Role {owner} is a superuser or has BYPASSRLS, so FORCE would not hold it: "
            f"ALTER ROLE {identifier(owner)} NOSUPERUSER NOBYPASSRLS."
        )
    if not member:
        raise UnsafeRole(
            f"{login} is not a member of {owner}, which owns the tables of database {database}: "
            f"GRANT {identifier(owner)} TO {identifier(login)}."
        )
    connection.execute(text(f"SET ROLE {identifier(owner)}"))
    connection.execute(text(f"SET search_path = {search_path(settings.search_path)}"))
    connection.commit()
