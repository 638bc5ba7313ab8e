"""Driver errors that mean a refusal, as tenancy's own errors: by SQLSTATE and PostgreSQL's function, never by text."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, ExceptionContext, Select, Table, event
from sqlalchemy.sql.util import find_tables

from tenancy.errors import AccessDenied, TenancyError, TenantNotSet, TenantViolation, UserNotSet
from tenancy.schema.filling import PRINCIPAL_OPTION
from tenancy.security.functions import TENANT_NOT_SET, USER_NOT_SET

_INSUFFICIENT_PRIVILEGE = "42501"
#: The C function that checks WITH CHECK options; "insufficient privilege" is also what a missing grant says.
_ROW_CHECK = "ExecWithCheckOptions"


def translate_refusals(engine: Engine) -> None:
    """What PostgreSQL refuses raises `TenantViolation`, `TenantNotSet`, `UserNotSet` or `AccessDenied`.

    The driver's error is the cause.
    """
    event.listen(engine, "handle_error", _translate, retval=True)


def _translate(context: ExceptionContext) -> BaseException | None:
    original = context.original_exception
    if isinstance(original, TenancyError):
        # Raised while the statement was prepared, by a column's filling: SQLAlchemy would wrap it in its own.
        return type(original)(str(original))
    sqlstate, function = _diagnosis(original)
    table = _table(context)
    if sqlstate == TENANT_NOT_SET:
        return TenantNotSet(
            f"PostgreSQL refused a statement on {table}: its transaction has no tenant. Use a session of "
            f"db.begin(organization_id) or db.session(organization_id); a plain connection has no tenant."
        )
    if sqlstate == USER_NOT_SET:
        return UserNotSet(
            f"PostgreSQL refused a statement on {table}: its rows belong to users, and the transaction has none. "
            f"Use db.begin(organization_id, user=user_id), or db.begin(user=user_id)."
        )
    if sqlstate != _INSUFFICIENT_PRIVILEGE:
        return None
    if function == _ROW_CHECK:
        return TenantViolation(
            f"PostgreSQL refused a row of {table} that does not belong to {_whom(context)}. A session writes its own "
            f"rows only; leave the tenant's or user's column out and it is filled in."
        )
    return AccessDenied(
        f"PostgreSQL refused a statement on {table}: {_message(context.original_exception)}. The application role may "
        f"do what the model's __access__ says; what is for everyone's rows goes through db.system()."
    )


def _diagnosis(error: BaseException | None) -> tuple[str | None, str | None]:
    """SQLSTATE and the server's C function, from SQLAlchemy's adapter of asyncpg or from psycopg."""
    driver: Any = getattr(error, "driver_exception", None) or getattr(error, "__cause__", None) or error
    if hasattr(driver, "diag"):
        return driver.diag.sqlstate, driver.diag.source_function
    return getattr(driver, "sqlstate", None), getattr(driver, "server_source_function", None)


def _message(error: BaseException | None) -> str:
    driver: Any = getattr(error, "__cause__", None) or error
    return str(driver).splitlines()[0]


def _table(context: ExceptionContext) -> str:
    """The table, where the statement is SQLAlchemy's; of plain text nobody knows it without parsing."""
    execution: Any = context.execution_context
    compiled = getattr(execution, "compiled", None)
    statement = getattr(compiled, "statement", None)
    table = getattr(statement, "table", None)
    if isinstance(table, Table):
        return table.fullname
    froms = statement.get_final_froms() if isinstance(statement, Select) else ()
    tables: list[Any] = [one for from_ in froms for one in find_tables(from_)]
    return ", ".join(dict.fromkeys(one.fullname for one in tables)) or "a protected table"


def _whom(context: ExceptionContext) -> str:
    options = context.connection.get_execution_options() if context.connection is not None else {}
    principal = options.get(PRINCIPAL_OPTION)
    if principal is None:
        return "the transaction's tenant"
    named = (("tenant", principal.tenant), ("user", principal.user))
    return " or ".join(f"{who} {identity}" for who, identity in named if identity is not None)
