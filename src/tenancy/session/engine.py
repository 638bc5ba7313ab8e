"""The engines: one pool for the application role, one for the system role, on asyncpg or psycopg."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from tenancy.errors import ConfigurationError, DatabaseUnavailable
from tenancy.security.quoting import identifier, literal
from tenancy.session.begin import arm_transactions
from tenancy.session.connection import TenantConnection
from tenancy.session.refusals import translate_refusals
from tenancy.session.role import refuse_unsafe_role, require_system_role
from tenancy.session.same_flight import Trial
from tenancy.settings import Settings

_RETURNED = "tenancy_returned"


def database_url(url: str, driver: str) -> URL:
    """The URL for one of the drivers, whatever driver it names.

    Args:
        url: `postgresql://…`, `postgres://…`, or with a driver.
        driver: "asyncpg" or "psycopg".

    Raises:
        ConfigurationError: it is no PostgreSQL URL.
    """
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url)
    except (ArgumentError, ValueError) as error:
        raise ConfigurationError(f"{_without_password(url)!r} is no database URL: write {_EXAMPLE}.") from error
    if parsed.get_backend_name() != "postgresql" or not parsed.database:
        raise ConfigurationError(
            f"{parsed.render_as_string()!r} does not name a PostgreSQL database: write {_EXAMPLE}."
        )
    if driver == "asyncpg" and "sslmode" in parsed.query:
        parsed = parsed.update_query_dict({"ssl": parsed.query["sslmode"]}).difference_update_query(["sslmode"])
    return parsed.set(drivername=f"postgresql+{driver}")


_EXAMPLE = "postgresql://role:password@host:5432/database"


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    return f"{head.partition(':')[0]}://…@{tail}" if at else url


def async_engine(url: str, settings: Settings, *, system: bool = False) -> AsyncEngine:
    """The engine of `Database`; connects when it is first used."""
    engine = create_async_engine(
        database_url(url, "asyncpg"),
        connect_args={
            "connection_class": TenantConnection,
            "server_settings": _server_settings(settings),
            "timeout": settings.connect_timeout_seconds,
        },
        **_pool(settings),
    )
    _prepare(engine.sync_engine, settings, system=system)
    return engine


def sync_engine(url: str, settings: Settings, *, system: bool = False) -> Engine:
    """The engine of `SyncDatabase`; connects when it is first used."""
    options = " ".join(f"-c {name}={value}" for name, value in _server_settings(settings).items())
    engine = create_engine(
        database_url(url, "psycopg"),
        connect_args={"options": options, "connect_timeout": max(1, round(settings.connect_timeout_seconds))},
        **_pool(settings),
    )
    _prepare(engine, settings, system=system)
    return engine


def _pool(settings: Settings) -> dict[str, Any]:
    # LIFO keeps the hot set small: connections that are not needed go idle, and are replaced after a while.
    return {"pool_size": settings.pool_size, "max_overflow": 0, "pool_use_lifo": True}


def _server_settings(settings: Settings) -> dict[str, str]:
    # A generic plan kept from a small tenant can be three orders of magnitude slower for a large one. Exceptions are
    # made by transactions: `tenancy.session.planning`.
    chosen = {"plan_cache_mode": "force_custom_plan", "application_name": "tenancy"}
    if settings.statement_timeout_ms is not None:
        chosen["statement_timeout"] = str(settings.statement_timeout_ms)
    return chosen


def _prepare(engine: Engine, settings: Settings, *, system: bool) -> None:
    preamble: tuple[str, ...] = (f"SET LOCAL search_path = {search_path(settings.search_path)}",)
    if system:
        # BYPASSRLS is an attribute, which memberships do not hand on: the login becomes the role, in each transaction.
        preamble = (f"SET LOCAL ROLE {identifier(settings.system_role)}", *preamble)
        event.listen(engine, "connect", partial(require_system_role, role=settings.system_role))
    else:
        event.listen(engine, "connect", refuse_unsafe_role)
    trial = Trial(wanted=settings.same_flight, seconds=settings.connect_timeout_seconds)
    event.listen(engine, "do_connect", _connect_and_try(trial) if engine.dialect.is_async else connect_or_explain)
    # Before the look at stale connections: a connection that still asks for an answer may turn out to be closed.
    arm_transactions(engine, preamble, trial)
    event.listen(engine, "checkin", _note_return)
    event.listen(engine, "checkout", _refuse_stale(settings.pool_idle_seconds))
    translate_refusals(engine)


def search_path(path: str) -> str:
    """A search_path as SET takes it: names become literals, so nothing else gets in."""
    return ", ".join(literal(name.strip().strip('"')) for name in path.split(","))


def connect_or_explain(dialect: Any, record: Any, args: list[Any], parameters: dict[str, Any]) -> Any:
    try:
        return dialect.connect(*args, **parameters)
    except Exception as error:
        raise DatabaseUnavailable(explain_connection(parameters, error)) from error


def _connect_and_try(trial: Trial) -> Callable[..., Any]:
    """Connects; the first time also finds out whether begins can travel with the first statement."""

    def connect(*arguments: Any) -> Any:
        connection = connect_or_explain(*arguments)
        if trial.passed is None:
            passed = connection.run_async(trial.passes)
            if not passed:
                connection = connect_or_explain(*arguments)
            trial.passed = passed
        return connection

    return connect


def explain_connection(parameters: Mapping[str, Any], error: Exception) -> str:
    """Why a connection could not be made, with everything about it but the password."""
    host, port = parameters.get("host") or "localhost", parameters.get("port") or 5432
    database = parameters.get("database") or parameters.get("dbname")
    cause = str(getattr(error, "__cause__", None) or error).strip() or type(error).__name__
    return (
        f"Cannot connect to database {database} as {parameters.get('user')} on {host}:{port}: {cause}. "
        f"Is the server running, and does the URL (TENANCY_DATABASE_URL, TENANCY_OWNER_URL, TENANCY_SYSTEM_URL) "
        f"name the right host, database and role?"
    )


def _note_return(dbapi_connection: Any, record: Any) -> None:
    record.info[_RETURNED] = time.monotonic()


def _refuse_stale(idle_seconds: float) -> Callable[[Any, Any, Any], None]:
    """Finds dead and long idle connections at checkout without asking the server; the pool then opens a new one."""

    def check(dbapi_connection: Any, record: Any, proxy: Any) -> None:
        driver = record.driver_connection
        closed = driver.is_closed() if hasattr(driver, "is_closed") else driver.closed
        idle = time.monotonic() - record.info.get(_RETURNED, time.monotonic())
        if closed or idle > idle_seconds:
            raise DisconnectionError("closed by the server" if closed else f"idle for {idle:.0f} s")

    return check
