"""How the principal gets from a session to the transaction, for sessions and plain connections alike.

The session leaves its principal in the connection's execution options; a connection without one is nobody's, and its
transactions see nothing. On asyncpg the first statement arms the driver's connection, and the settings ride with the
BEGIN that the driver then sends (`tenancy.session.connection`). The events for that are the dialect's: those of
connections make each of SQLAlchemy's so much slower that a read would take a tenth longer. On psycopg the settings are
the first statement of the transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import asyncpg
from sqlalchemy import Connection, Engine, ExceptionContext, event

from tenancy.errors import UnsafeTransaction
from tenancy.schema.filling import PRINCIPAL_OPTION
from tenancy.session.connection import TenantConnection
from tenancy.session.leftovers import FORGET, leaves_nothing
from tenancy.session.principal import NOBODY, Principal
from tenancy.session.role import ISOLATION
from tenancy.session.same_flight import Trial

_log = logging.getLogger("tenancy")


def arm_transactions(engine: Engine, preamble: tuple[str, ...] = (), trial: Trial | None = None) -> None:
    """Every transaction that the engine begins from now on says whom it is for.

    Args:
        engine: an engine on asyncpg (the `sync_engine` of an `AsyncEngine`) or on psycopg.
        preamble: statements that open every transaction, before the settings.
        trial: on asyncpg, whether begins may travel with the first statement; without one they are folded.
    """
    if not engine.dialect.is_async:
        event.listen(engine, "begin", lambda connection: _send_settings(connection, preamble))
        event.listen(engine, "checkin", _forgetting(engine.dialect.loaded_dbapi.Error))
        return

    def prepare(connection: Any, record: Any) -> None:
        connection.driver_connection.always(
            preamble, same_flight=trial is not None and trial.passed is True, isolation=record.info[ISOLATION]
        )

    event.listen(engine, "connect", prepare)
    event.listen(engine, "checkin", _return_driver)
    event.listen(engine, "checkout", _take_driver)
    event.listen(engine, "do_execute", _execute)
    event.listen(engine, "do_executemany", _execute_many)
    event.listen(engine, "do_execute_no_params", _execute_without_parameters)
    event.listen(engine, "handle_error", _look_at_begin)


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


def arm(connection: Connection) -> TenantConnection:
    """Arms the driver's connection for its next BEGIN, unless it is in a transaction of the principal's already.

    Args:
        connection: on asyncpg.

    Raises:
        UnsafeTransaction: there would be no transaction to carry a tenant, or there is one of somebody else's.
    """
    driver: Any = connection.connection.driver_connection
    # By type, not isinstance: asyncpg's metaclass calls every connection an instance of ours.
    if type(driver) is not TenantConnection:
        raise UnsafeTransaction(f"{type(driver).__name__} cannot carry a tenant: let Database make the engine.")
    if not driver.is_in_transaction():
        driver.arm(_principal(connection).settings())
    elif not driver.was_armed:
        raise UnsafeTransaction("The connection is in a transaction that somebody else began; its tenant is unknown.")
    return driver


def _ready_driver(statement: str, context: Any) -> TenantConnection:
    driver = arm(context.root_connection)
    driver.planning.announce_compiled(statement, context.compiled)
    return driver


def _return_driver(dbapi_connection: Any, record: Any) -> None:
    if dbapi_connection is not None:
        dbapi_connection.driver_connection.returned()


def _take_driver(dbapi_connection: Any, record: Any, proxy: Any) -> None:
    if dbapi_connection.driver_connection.taken():
        dbapi_connection.run_async(lambda driver: driver.asked())


def _execute(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    """Executes statements that leave nothing behind on the connection, which then need not be forgotten."""
    driver = _ready_driver(statement, context)
    if not leaves_nothing(statement):
        return False
    was_tidy = driver.is_tidy
    context.dialect.do_execute(cursor, statement, parameters, context)
    driver.kept_tidy(was_tidy=was_tidy)
    return True


def _execute_many(cursor: Any, statement: str, parameters: Any, context: Any) -> None:
    _ready_driver(statement, context)


def _execute_without_parameters(cursor: Any, statement: str, context: Any) -> None:
    _ready_driver(statement, context)


def _look_at_begin(context: ExceptionContext) -> None:
    """After an error: where the begin failed as a whole, no statement may follow on the connection."""
    connection = context.connection
    if connection is None or connection.invalidated or context.is_disconnect:
        return
    driver: Any = connection.connection.driver_connection
    if getattr(context.original_exception.__cause__, "severity", None) is not None:
        # PostgreSQL's own error answers the begin as well.
        driver.flight.landed()
    elif driver.flight.unanswered:
        # The begin was sent and the statement was not, as when its parameters could not be encoded.
        _wait_for_begin(connection)
    if driver.is_closed() or driver.flight.is_lost():
        context.is_disconnect = True
        context.invalidate_pool_on_disconnect = False


def _wait_for_begin(connection: Connection) -> None:
    adapted: Any = connection.connection.dbapi_connection
    try:
        adapted.run_async(lambda driver: driver.answered())
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        _log.debug("the begin failed as well", exc_info=True)
    except BaseException as error:
        connection.invalidate(error)
        raise


def _forgetting(failed: type[Exception]) -> Callable[[Any, Any], None]:
    """On psycopg: a connection that is in the pool again forgets what its user has left."""

    def forget(dbapi_connection: Any, record: Any) -> None:
        if dbapi_connection is None or dbapi_connection.closed:
            return
        try:
            # RESET would be undone by a ROLLBACK.
            dbapi_connection.autocommit = True
            dbapi_connection.execute("; ".join(FORGET))
            dbapi_connection.autocommit = False
        except failed:
            dbapi_connection.close()

    return forget


def _send_settings(connection: Connection, preamble: tuple[str, ...]) -> None:
    connection.exec_driver_sql("; ".join((*preamble, *_principal(connection).settings())))
