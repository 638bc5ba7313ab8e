"""A wrong URL, a server that is down, a half-installed database: each a clear error that says what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import make_url, select, text

from tenancy import ConfigurationError, Database, DatabaseUnavailable, IncompleteInstallation, Settings
from tenancy.errors import ServerTooOld
from tenancy.session import role

from ..schema.models import Project


async def start(url: str, **settings: Any) -> None:
    database = Database(Settings(database_url=url, owner_url=None, system_url=None, **settings))
    try:
        await database.start()
    finally:
        await database.close()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:secret@localhost/db",
        "sqlite:///x.db",
        "not a url",
        "http://u:secret@localhost/db",
        "postgresql://u:secret@localhost",
        "postgresql://u:secret@localhost:port/db",
        "//u:secret@localhost/db",
    ],
)
async def test_a_wrong_url(url: str) -> None:
    """Says how a URL looks, and does not repeat the password."""
    with pytest.raises(ConfigurationError, match="postgresql://role:password@host:5432/database") as caught:
        await start(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+asyncpg"])
async def test_every_spelling_of_postgresql_is_understood(shop: Any, scheme: str) -> None:
    """Whatever driver the URL names, or none, as hosting services print it."""
    await start(shop.url("application").replace("postgresql://", f"{scheme}://"))


async def test_a_server_that_is_down() -> None:
    """Names host, port, database and role."""
    with pytest.raises(
        DatabaseUnavailable, match=r"Cannot connect to database db as u on 127\.0\.0\.1:1: .*TENANCY_DATABASE_URL"
    ) as e:
        await start("postgresql://u:secret@127.0.0.1:1/db")
    assert "secret" not in str(e.value)


async def test_a_socket_that_is_not_there(tmp_path: Path) -> None:
    """The same for a Unix socket."""
    with pytest.raises(DatabaseUnavailable, match=f"database db as u on .*{tmp_path}"):
        await start(f"postgresql://u@/db?host={tmp_path}")


async def test_a_server_that_does_not_answer() -> None:
    """The connect timeout ends the waiting."""
    import asyncio

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(DatabaseUnavailable, match="TimeoutError"):
        await start(f"postgresql://u@127.0.0.1:{port}/db", connect_timeout_seconds=0.2)
    server.close()


async def test_an_unknown_database(shop: Any) -> None:
    """PostgreSQL's own words, with the names around them."""
    url = make_url(shop.url("application")).set(database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(
        DatabaseUnavailable, match=r'Cannot connect to database nowhere as tenancy_app_login .*"nowhere"'
    ):
        await start(url)


async def test_an_unknown_role(shop: Any) -> None:
    """As for a wrong password."""
    with pytest.raises(DatabaseUnavailable, match="as no_such_role"):
        await start(shop.url("no_such_role"))


async def test_a_wrong_password(shop: Any) -> None:
    """Where the server asks for one."""
    url = make_url(shop.url("application"))
    if not url.password and "host" in url.query:
        pytest.skip("the embedded server's socket asks for no password")
    with pytest.raises(DatabaseUnavailable, match="as tenancy_app_login") as caught:
        await start(url.set(password="wrong-secret").render_as_string(hide_password=False))
    assert "wrong-secret" not in str(caught.value)


async def test_a_database_without_the_tenancy_schema(make_database: Any) -> None:
    """Bootstrapped, but never migrated: says which two commands are missing."""
    database = make_database("bare")
    with pytest.raises(
        IncompleteInstallation, match=r"tenancy\.current_tenant\(\): run `tenancy bootstrap`.*upgrade heads"
    ):
        await start(database.url("application"))
    with pytest.raises(IncompleteInstallation):
        async with Database(database.settings).system(reason="r", actor="a"):
            pytest.fail("entered")


async def test_a_half_installed_tenancy_schema(make_database: Any) -> None:
    """The schema is there and its function is not."""
    database = make_database("half")
    with database.connect("owner") as connection:
        connection.execute(text("SET ROLE tenancy_owner"))
        connection.execute(text("CREATE SCHEMA tenancy"))
        connection.execute(text("GRANT USAGE ON SCHEMA tenancy TO PUBLIC"))
        connection.commit()
    with pytest.raises(IncompleteInstallation):
        await start(database.url("application"))


async def test_an_old_server(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Says which version is needed."""
    monkeypatch.setattr(role, "OLDEST_SERVER", 99)
    with pytest.raises(ServerTooOld, match="too old: tenancy needs 99 or newer"):
        await start(shop.url("application"))


async def test_nothing_is_left_over_after_a_refused_start(shop: Any) -> None:
    """A database that could not start can be closed, and started again when the cause is gone."""
    database = Database(shop.settings.model_copy(update={"database_url": "postgresql://u@127.0.0.1:1/db"}))
    with pytest.raises(DatabaseUnavailable):
        await database.start()
    await database.close()
    database.settings = shop.settings
    await database.start()
    async with database.begin(uuid4()) as session:
        assert (await session.scalars(select(Project))).all() == []
    await database.close()


async def test_a_statement_timeout(shop: Any) -> None:
    """The setting reaches the server."""
    settings = shop.settings.model_copy(update={"statement_timeout_ms": 1234})
    async with Database(settings) as database, database.begin(uuid4()) as session:
        assert await session.scalar(text("SHOW statement_timeout")) == "1234ms"
