"""How the principal gets from a session to the transaction: the engine's `begin` event, for sessions and plain
connections alike.

The session leaves its principal in the connection's execution options; a connection without one is nobody's, and its
transactions see nothing. On asyncpg the settings ride in the driver's BEGIN (`tenancy.session.connection`); on psycopg
they are the first statement of the transaction.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event

from tenancy.errors import UnsafeTransaction
from tenancy.schema.filling import PRINCIPAL_OPTION
from tenancy.session.connection import TenantConnection
from tenancy.session.principal import NOBODY, Principal


def arm_transactions(engine: Engine, preamble: tuple[str, ...] = ()) -> None:
    """Every transaction that the engine begins from now on says whom it is for.

    Args:
        engine: an engine on asyncpg (the `sync_engine` of an `AsyncEngine`) or on psycopg.
        preamble: statements that open every transaction, before the settings.
    """
    if engine.dialect.is_async:
        event.listen(engine, "begin", _arm_driver)
        event.listen(engine, "reset", _disarm_driver)
        event.listen(engine, "connect", lambda connection, _: connection.driver_connection.always(preamble))
    else:
        event.listen(engine, "begin", lambda connection: _send_settings(connection, preamble))


def _principal(connection: Connection) -> Principal:
    principal: Principal = connection.get_execution_options().get(PRINCIPAL_OPTION, NOBODY)
    adapted: Any = connection.connection.dbapi_connection
    if adapted.autocommit:
        # Nobody's connections as well: what an earlier one left set on the driver connection would show through.
        raise UnsafeTransaction(
            "Connections of Database cannot run in AUTOCOMMIT: the tenant is set for a transaction, and there would be "
            "none. Use isolation_level='READ COMMITTED', 'REPEATABLE READ' or 'SERIALIZABLE'."
        )
    return principal


def _arm_driver(connection: Connection) -> None:
    principal = _principal(connection)
    driver: Any = connection.connection.driver_connection
    # By type, not isinstance: asyncpg's metaclass calls every connection an instance of ours.
    if type(driver) is not TenantConnection:
        raise UnsafeTransaction(f"{type(driver).__name__} cannot carry a tenant: let Database make the engine.")
    if driver.is_in_transaction():
        raise UnsafeTransaction("The connection is in a transaction that somebody else began; its tenant is unknown.")
    driver.arm(principal.settings())


def _disarm_driver(dbapi_connection: Any, record: Any, state: Any) -> None:
    dbapi_connection.driver_connection.disarm()


def _send_settings(connection: Connection, preamble: tuple[str, ...]) -> None:
    connection.exec_driver_sql("; ".join((*preamble, *_principal(connection).settings())))
