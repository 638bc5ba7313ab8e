"""A connection is looked at once, when it is opened: is this a server, a database and a role that tenancy can trust?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenancy.errors import IncompleteInstallation, ServerTooOld, UnsafeRole
from tenancy.security.quoting import literal
from tenancy.security.statements import statement

OLDEST_SERVER = 15
#: In a pooled connection's record: its server's `default_transaction_isolation`, spelled as asyncpg does.
ISOLATION = "tenancy_isolation"


def refuse_unsafe_role(dbapi_connection: Any, record: Any) -> None:
    """Listener on `connect`, for connections of the application.

    Raises:
        UnsafeRole: the role could get round row-level security, by itself or through any chain of memberships.
        ServerTooOld: the server is older than PostgreSQL 15.
        IncompleteInstallation: the database lacks the `tenancy` schema.
    """
    _require_installation(dbapi_connection, record)
    ways = _fetch(dbapi_connection, _sql("ways round row-level security"))
    if not ways:
        return
    # What the login is itself comes first. A superuser has every way; the first says it all.
    ways = sorted(ways, key=lambda way: way[0] != way[1])
    ways = ways[:1] if ways[0][2] == "is a superuser" else ways
    login = ways[0][0]
    listed = "; ".join(
        f"{who} {way}" if who == role else f"{who} is a member of {role}, which {way}" for who, role, way in ways
    )
    raise UnsafeRole(
        f"Database refuses to work as {login}: it could get round row-level security. {listed}. "
        f"Use a login role that is a member of the application role only: "
        f"CREATE ROLE my_service LOGIN IN ROLE tenancy_app."
    )


def require_system_role(dbapi_connection: Any, record: Any, role: str) -> None:
    """For connections of `Database.system()`: the login must be able to become the system role.

    Raises:
        UnsafeRole: it is not a member of the system role.
    """
    _require_installation(dbapi_connection, record)
    sql = "SELECT pg_catalog.pg_has_role(session_user, oid, 'MEMBER') FROM pg_catalog.pg_roles WHERE rolname = "
    rows = _fetch(dbapi_connection, sql + literal(role))
    if not rows or not rows[0][0]:
        raise UnsafeRole(f"The system URL's role cannot become {role}. Make it a member: GRANT {role} TO my_worker.")


def refuse_old_server(version: int) -> None:
    """Refuses a server that lacks what tenancy stands on.

    Args:
        version: PostgreSQL's `server_version_num`.

    Raises:
        ServerTooOld: the server is older than PostgreSQL 15.
    """
    if version < OLDEST_SERVER * 10_000:
        raise ServerTooOld(f"PostgreSQL {version // 10_000} is too old: tenancy needs {OLDEST_SERVER} or newer.")


def _require_installation(dbapi_connection: Any, record: Any) -> None:
    ((version, database, helper, isolation),) = _fetch(dbapi_connection, _sql("installation"))
    refuse_old_server(version)
    record.info[ISOLATION] = isolation.replace(" ", "_")
    if helper is None:
        raise IncompleteInstallation(
            f"Database {database} has no function tenancy.current_tenant(): "
            f"run `tenancy bootstrap` as an administrator, then `alembic upgrade heads` as the owner."
        )


def _sql(name: str) -> str:
    return statement("tenancy.session", "role.sql", name)


def _fetch(dbapi_connection: Any, sql: str) -> Sequence[Sequence[Any]]:
    """Rows of a statement on a connection that is not SQLAlchemy's yet."""
    cursor = dbapi_connection.cursor()
    try:
        cursor.execute(sql)
        rows: Sequence[Sequence[Any]] = cursor.fetchall()
        return rows
    finally:
        cursor.close()
        dbapi_connection.rollback()
