"""`Database` refuses to start as a role that could get round row-level security, by itself or by any chain."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from tenancy import Database, UnsafeRole
from tenancy.security.quoting import identifier

from ..schema.models import Project

PASSWORD = "tenancy-test"


@contextmanager
def login(shop: Any, *statements: str) -> Iterator[str]:
    """A login role `{login}` made by statements, which may also make `{first}` and `{second}`; removed at the end."""
    names = {name: f"{name}_{uuid4().hex[:8]}" for name in ("login", "first", "second")}
    made = []
    with shop.connect() as admin:
        try:
            for statement in statements:
                admin.execute(text(statement.format(**names, password=PASSWORD)))
                made += [name for name in names.values() if statement.startswith("CREATE ROLE") and name in statement]
            admin.commit()
            yield names["login"]
        finally:
            admin.rollback()
            for name in dict.fromkeys(reversed(made)):
                admin.execute(text(f"DROP OWNED BY {identifier(name)}"))
                admin.execute(text(f"DROP ROLE {identifier(name)}"))
            admin.commit()


CREATE = "CREATE ROLE {login} LOGIN PASSWORD '{password}' IN ROLE tenancy_app"
NOINHERIT = CREATE + " NOINHERIT"
UNSAFE = {
    "superuser": ([CREATE + " SUPERUSER"], "{login} is a superuser"),
    "bypass": ([CREATE + " BYPASSRLS"], "{login} has BYPASSRLS"),
    "may grant roles": ([CREATE + " CREATEROLE"], "{login} has CREATEROLE"),
    "replication": ([CREATE + " REPLICATION"], "{login} has REPLICATION"),
    "member of the owner": ([CREATE, "GRANT tenancy_owner TO {login}"], "a member of tenancy_owner, which owns public"),
    "member of the system role": ([CREATE, "GRANT tenancy_system TO {login}"], "tenancy_system, which has BYPASSRLS"),
    "chain of two": (
        [NOINHERIT, "CREATE ROLE {first} NOINHERIT", "GRANT tenancy_owner TO {first}", "GRANT {first} TO {login}"],
        "a member of tenancy_owner, which owns public",
    ),
    "chain of three": (
        [
            NOINHERIT,
            "CREATE ROLE {first} NOINHERIT BYPASSRLS",
            "CREATE ROLE {second} NOINHERIT",
            "GRANT {first} TO {second}",
            "GRANT {second} TO {login}",
        ],
        "which has BYPASSRLS",
    ),
    "server files": (
        [CREATE, "GRANT pg_read_server_files TO {login}"],
        "pg_read_server_files, which reads the server's",
    ),
    "server programs": (
        [CREATE, "GRANT pg_execute_server_program TO {login}"],
        "pg_execute_server_program, which reads the server's",
    ),
}


@pytest.mark.parametrize("way", UNSAFE)
async def test_an_unsafe_role_is_refused(shop: Any, way: str) -> None:
    """The refusal names the login and the way round, and says what to make instead."""
    statements, expected = UNSAFE[way]
    with login(shop, *statements) as role:
        settings = shop.settings.model_copy(update={"database_url": shop.url(role)})
        with pytest.raises(UnsafeRole) as caught:
            async with Database(settings):
                pytest.fail("started")
    message = str(caught.value)
    assert f"refuses to work as {role}" in message
    assert expected.format(login=role) in message
    assert "CREATE ROLE my_service LOGIN IN ROLE tenancy_app" in message


async def test_the_owner_is_refused(shop: Any) -> None:
    """Who owns the tables switches row-level security off with one statement."""
    settings = shop.settings.model_copy(update={"database_url": shop.url("owner")})
    with pytest.raises(UnsafeRole, match="tenancy_owner, which owns public"):
        async with Database(settings):
            pytest.fail("started")


async def test_the_system_login_is_refused(shop: Any) -> None:
    """The application cannot run on the system URL."""
    with pytest.raises(UnsafeRole, match="tenancy_system, which has BYPASSRLS"):
        async with Database(shop.settings.model_copy(update={"database_url": shop.url("system")})):
            pytest.fail("started")


async def test_the_administrator_is_refused(shop: Any) -> None:
    """A superuser, whom no policy holds."""
    with pytest.raises(UnsafeRole, match="is a superuser"):
        async with Database(shop.settings.model_copy(update={"database_url": shop.url("postgres")})):
            pytest.fail("started")


async def test_a_login_that_only_set_the_role_is_refused(shop: Any) -> None:
    """A privileged login behind SET ROLE goes back with RESET ROLE: who logged in counts, not who it plays."""
    with login(shop, CREATE + " BYPASSRLS", "ALTER ROLE {login} SET role = 'tenancy_app'") as role:
        database = Database(shop.settings.model_copy(update={"database_url": shop.url(role)}))
        with pytest.raises(UnsafeRole, match=f"{role} has BYPASSRLS"):
            await database.start()


async def test_a_role_of_its_own_works(shop: Any) -> None:
    """What the refusal recommends: a login in the application role, inheriting or not having to."""
    with login(shop, CREATE) as role:
        settings = shop.settings.model_copy(update={"database_url": shop.url(role)})
        async with Database(settings) as database, database.begin(uuid4()) as session:
            session.add(Project(name="p"))
            await session.flush()
            assert len((await session.scalars(select(Project))).all()) == 1


async def test_a_role_that_became_unsafe_is_refused_on_its_next_connection(shop: Any) -> None:
    """Each connection is looked at, not the first alone."""
    with login(shop, CREATE) as role:
        settings = shop.settings.model_copy(update={"database_url": shop.url(role), "pool_idle_seconds": 0.01})
        async with Database(settings) as database:
            with shop.connect() as admin:
                admin.execute(text(f"ALTER ROLE {identifier(role)} BYPASSRLS"))
                admin.commit()
            await asyncio.sleep(0.05)
            with pytest.raises(UnsafeRole, match="has BYPASSRLS"):
                async with database.begin(uuid4()) as session:
                    await session.execute(select(Project))
