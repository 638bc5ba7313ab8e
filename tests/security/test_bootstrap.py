"""What an administrator does once per database: roles, extensions, and what PUBLIC must not do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, MetaData, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

import tenancy
from tenancy import DatabaseUnavailable, IncompleteInstallation, MissingExtension, Settings, UnsafeRole
from tenancy.embedded import EmbeddedServer
from tenancy.reference.trovella import Base
from tenancy.security.bootstrap import bootstrap_statements, needed_extensions
from tenancy.security.roles import Roles
from tenancy.session.administrator import bootstrap, create_database
from tenancy.session.owner import as_owner

from ..conftest import MakeDatabase, TestDatabase, embedded
from .shop import shop


@pytest.fixture(scope="module")
def database(make_database: MakeDatabase) -> TestDatabase:
    return make_database("bootstrap", extensions=())


@pytest.fixture(scope="module")
def other() -> Iterator[EmbeddedServer]:
    """A server whose roles nobody else needs."""
    with embedded(16) as server:
        asyncio.run(bootstrap(server.url(), Settings(), logins=True))
        yield server


def connect(server: EmbeddedServer, role: str = "postgres") -> Connection:
    engine = create_engine(make_url(server.url(role=role)).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    return engine.connect()


ROLES = text(
    "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles "
    "WHERE rolname LIKE 'tenancy\\_%' ORDER BY rolname"
)
EXPECTED_ROLES = [
    ("tenancy_app", False, False, False, False, False, False),
    ("tenancy_app_login", True, False, False, False, False, False),
    ("tenancy_owner", False, False, False, False, False, False),
    ("tenancy_owner_login", True, False, False, False, False, False),
    ("tenancy_system", False, False, True, False, False, False),
    ("tenancy_system_login", True, False, False, False, False, False),
]
CATALOG = text(
    "SELECT 'database', a::text FROM pg_database d, unnest(d.datacl) a WHERE d.datname = current_database() "
    "UNION ALL SELECT p.oid::regprocedure::text, a::text FROM pg_proc p, unnest(p.proacl) a "
    "UNION ALL SELECT c.oid::regclass::text, a::text FROM pg_class c, unnest(c.relacl) a "
    "UNION ALL SELECT n.nspname, a::text FROM pg_namespace n, unnest(n.nspacl) a "
    "UNION ALL SELECT m.roleid::regrole::text, m.member::regrole::text || m.admin_option FROM pg_auth_members m "
    "ORDER BY 1, 2"
)


def test_the_roles(other: EmbeddedServer) -> None:
    """Three groups that cannot log in, of which only the system's bypasses, and a login for each."""
    with connect(other) as connection:
        assert [tuple(row) for row in connection.execute(ROLES)] == EXPECTED_ROLES
        members = connection.execute(
            text(
                "SELECT member::regrole::text, roleid::regrole::text FROM pg_auth_members "
                "WHERE roleid::regrole::text LIKE 'tenancy%' ORDER BY 1, 2"
            )
        ).all()

    assert [tuple(row) for row in members] == [
        ("tenancy_app_login", "tenancy_app"),
        ("tenancy_owner", "tenancy_system"),
        ("tenancy_owner_login", "tenancy_app"),
        ("tenancy_owner_login", "tenancy_owner"),
        ("tenancy_system_login", "tenancy_system"),
    ]


def test_it_can_be_run_again(other: EmbeddedServer) -> None:
    """The second time changes nothing."""
    with connect(other) as connection:
        before = connection.execute(CATALOG).all()

    asyncio.run(bootstrap(other.url(), Settings(), logins=True))

    with connect(other) as connection:
        assert connection.execute(CATALOG).all() == before


def test_attributes_are_asserted_again(other: EmbeddedServer) -> None:
    """A role that was given more loses it, and what was granted to PUBLIC or the application goes, too."""
    with connect(other) as connection:
        connection.execute(text("ALTER ROLE tenancy_app BYPASSRLS LOGIN CREATEROLE"))
        connection.execute(text("ALTER ROLE tenancy_app_login SUPERUSER REPLICATION"))
        connection.execute(text("ALTER ROLE tenancy_system NOBYPASSRLS"))
        connection.execute(text("GRANT CREATE ON SCHEMA public TO PUBLIC, tenancy_app"))
        connection.execute(text("GRANT ALL ON DATABASE postgres TO PUBLIC, tenancy_app"))
        connection.execute(text("GRANT EXECUTE ON FUNCTION lo_get(oid) TO PUBLIC"))
        connection.commit()

    asyncio.run(bootstrap(other.url(), Settings(), logins=True))

    with connect(other) as connection:
        assert [tuple(row) for row in connection.execute(ROLES)] == EXPECTED_ROLES
    with connect(other, "tenancy_app_login") as connection:
        assert connection.scalar(text("SELECT has_schema_privilege('public', 'CREATE')")) is False
        assert connection.scalar(text("SELECT has_database_privilege(current_database(), 'CREATE, TEMP')")) is False
        assert connection.scalar(text("SELECT has_function_privilege('lo_get(oid)', 'EXECUTE')")) is False


FORBIDDEN = [
    "CREATE TEMPORARY TABLE doc (n integer)",
    "CREATE SCHEMA mine",
    "CREATE TABLE public.mine (n integer)",
    "CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE sql RETURN 'x'",
    "SELECT lo_create(0)",
    "SELECT lo_creat(-1)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT lo_open(1, 131072)",
    "SELECT lo_get(1)",
    "SELECT lo_put(1, 0, 'x')",
    "SELECT lo_unlink(1)",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_advisory_lock(1, 2)",
    "SELECT pg_advisory_lock_shared(1)",
    "SELECT pg_try_advisory_lock(1)",
    "SELECT pg_try_advisory_lock_shared(1, 2)",
    "SELECT query FROM pg_stat_activity",
    "SELECT pg_stat_get_activity(NULL)",
    "SELECT pg_stat_get_backend_activity(id) FROM pg_stat_get_backend_idset() AS id",
    "SELECT pg_terminate_backend(0)",
    "SELECT pg_cancel_backend(0)",
    "SELECT * FROM pg_stat_xact_user_tables",
    "SELECT * FROM pg_stat_user_tables",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_application_may_not(database: TestDatabase, statement: str) -> None:
    """What reaches other tenants beside the tables, or outlives the transaction on a pooled connection."""
    with database.connect("application") as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(text(statement))

    assert getattr(caught.value.orig, "sqlstate", None) == "42501"


ALLOWED = {
    "application": ["SELECT pg_advisory_xact_lock(1)", "SELECT current_database()", "LISTEN x"],
    "owner": [
        "SET ROLE tenancy_owner",
        "CREATE TEMPORARY TABLE doc (n integer)",
        "CREATE SCHEMA mine",
        "CREATE TABLE public.mine (n integer)",
        "SELECT pg_advisory_lock(1), pg_advisory_unlock(1), pg_try_advisory_lock(1, 2)",
        "SELECT query FROM pg_stat_activity",
    ],
    "system": ["SELECT query FROM pg_stat_activity", "SELECT pg_try_advisory_lock(1)"],
}


@pytest.mark.parametrize("role", ALLOWED)
def test_each_role_may_do_its_work(database: TestDatabase, role: str) -> None:
    """Locks of a transaction for the application; tables and schemas for the owner; for both others what runs."""
    with database.connect(role) as connection:
        for statement in ALLOWED[role]:
            connection.execute(text(statement))


def test_a_monitor_still_sees(database: TestDatabase) -> None:
    """`pg_monitor` keeps the activity and the counters; `pg_signal_backend` may end sessions."""
    with database.connect() as connection:
        connection.execute(text("CREATE ROLE watcher IN ROLE pg_monitor, pg_signal_backend"))
        connection.execute(text("SET ROLE watcher"))
        connection.execute(text("SELECT query FROM pg_stat_activity"))
        connection.execute(text("SELECT * FROM pg_stat_user_tables"))
        assert connection.scalar(text("SELECT pg_cancel_backend(0)")) is False


def test_large_objects_can_be_made_by_nobody_but_a_superuser(database: TestDatabase) -> None:
    """Neither does the owner need them."""
    with database.connect("owner") as connection, pytest.raises(DBAPIError, match="permission denied"):
        connection.execute(text("SELECT lo_create(0)"))


def test_needed_extensions() -> None:
    """pgvector where a column is a vector, and nothing else."""
    assert needed_extensions([Base.metadata]) == ["vector"]
    assert needed_extensions([shop(), tenancy.metadata()]) == []
    assert needed_extensions([MetaData()]) == []


def test_an_extension_that_the_server_has_not(database: TestDatabase) -> None:
    """Named, with where to get it; nothing was changed, no role was made."""
    settings = Settings(owner_role="new_owner", application_role="new_app", system_role="new_system")

    with pytest.raises(MissingExtension, match="extension no_such_extension"):
        asyncio.run(bootstrap(database.url("postgres"), settings, extensions=["no_such_extension"]))

    with database.connect() as connection:
        assert connection.scalars(text("SELECT rolname FROM pg_roles WHERE rolname LIKE 'new\\_%'")).all() == []


@pytest.mark.parametrize("role", ["application", "owner", "system"])
def test_not_a_superuser(database: TestDatabase, role: str) -> None:
    """The error says who can, and how to hand the statements over."""
    with pytest.raises(UnsafeRole, match="`tenancy bootstrap --sql`"):
        asyncio.run(bootstrap(database.url(role), Settings()))


def test_the_owner_of_the_database_is_no_superuser(other: EmbeddedServer) -> None:
    """PostgreSQL only warns who may not revoke on `pg_catalog`: a bootstrap that did half of it must not succeed."""
    with connect(other) as connection:
        connection.execute(text("CREATE ROLE host LOGIN CREATEROLE CREATEDB BYPASSRLS"))
        connection.execute(text("GRANT tenancy_app, tenancy_owner, tenancy_system TO host WITH ADMIN OPTION"))
        connection.execute(text("CREATE TABLE IF NOT EXISTS nothing ()"))
        connection.commit()
    asyncio.run(create_database(other.url(role="host"), "hosted", Settings()))
    settings = Settings(owner_role="h_owner", application_role="h_app", system_role="h_system")

    with pytest.raises(UnsafeRole, match="superuser"):
        asyncio.run(bootstrap(other.url(role="host", database="hosted"), settings))


def test_a_server_that_is_down() -> None:
    """The address is in the error, the password is not."""
    with pytest.raises(DatabaseUnavailable, match=r"127\.0\.0\.1:1") as caught:
        asyncio.run(bootstrap("postgresql://admin:hidden@127.0.0.1:1/x", Settings()))

    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("version", [15, 16])
def test_older_servers(version: int) -> None:
    """The same statements on every supported version, twice."""
    with embedded(version) as server:
        for _ in range(2):
            asyncio.run(bootstrap(server.url(), Settings(), logins=True))
        with connect(server, "tenancy_app_login") as connection:
            for statement in FORBIDDEN:
                savepoint = connection.begin_nested()
                with pytest.raises(DBAPIError, match=r"permission denied|InsufficientPrivilege"):
                    connection.execute(text(statement))
                savepoint.rollback()


def test_roles_with_names_that_need_quotes(database: TestDatabase) -> None:
    """Names are settings: any that PostgreSQL takes."""
    roles = Roles('o"wner', "App Role", "it's %s")
    with database.connect() as connection:
        for _ in range(2):
            for statement in bootstrap_statements(database.name, roles, logins=True, password="pass'word\\"):
                connection.exec_driver_sql(statement.replace("%", "%%"))
        found = connection.scalars(
            text("SELECT rolname FROM pg_roles WHERE rolname = ANY (:names)"),
            {"names": [*vars(roles).values(), roles.login(roles.application)]},
        ).all()

    assert sorted(found) == sorted(['o"wner', "App Role", "it's %s", "App Role_login"])


# --- becoming the owner -----------------------------------------------------------------------------------------------


def test_as_owner(database: TestDatabase) -> None:
    """The login becomes the owner role for good, so that what it makes belongs to it, also after a rollback."""
    with database.connect("owner") as connection:
        as_owner(connection, database.settings)
        connection.rollback()

        assert connection.scalar(text("SELECT current_user")) == "tenancy_owner"
        assert connection.scalar(text("SHOW search_path")) == "public, pg_temp"


def test_no_such_owner(database: TestDatabase) -> None:
    """Bootstrap was forgotten."""
    with (
        database.connect("owner") as connection,
        pytest.raises(IncompleteInstallation, match=r"Role nobody does not exist.*`tenancy bootstrap`"),
    ):
        as_owner(connection, Settings(owner_role="nobody"))


@pytest.mark.parametrize("role", ["application", "system"])
def test_a_login_that_is_no_member(database: TestDatabase, role: str) -> None:
    """The error has the GRANT."""
    with (
        database.connect(role) as connection,
        pytest.raises(UnsafeRole, match=r"_login is not a member of tenancy_owner.*GRANT tenancy_owner TO tenancy_"),
    ):
        as_owner(connection, database.settings)


@pytest.mark.parametrize("attribute", ["BYPASSRLS", "SUPERUSER"])
def test_an_owner_that_bypasses(database: TestDatabase, attribute: str) -> None:
    """FORCE would not hold it."""
    with database.connect() as connection:
        connection.execute(text(f"CREATE ROLE strong_owner {attribute}"))
        with pytest.raises(UnsafeRole, match="ALTER ROLE strong_owner NOSUPERUSER NOBYPASSRLS"):
            as_owner(connection, Settings(owner_role="strong_owner"))
