"""Driver errors that mean a refusal, as tenancy's own errors: by SQLSTATE and PostgreSQL's function, never by text."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, ExceptionContext, Select, Table, event
from sqlalchemy.sql.util import find_tables

from tenancy.errors import AccessDenied, NotAMember, TenancyError, TenantNotSet, TenantViolation, UserNotSet
from tenancy.schema.filling import PRINCIPAL_OPTION
from tenancy.security import functions

_INSUFFICIENT_PRIVILEGE = "42501"
#: The C function that checks WITH CHECK options; "insufficient privilege" is also what a missing grant says.
_ROW_CHECK = "ExecWithCheckOptions"

#: Classes of SQLSTATE that tell of the server's condition and nothing of the statement: connections, rolled back
#: transactions, resources, locks, operators' intervention, system errors, internal errors.
SERVER_CONDITIONS = ("08", "40", "53", "55P", "57", "58", "XX")


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
    sqlstate, function = _diagnosis(driver_error(original))
    refused = _refused_principal(context, sqlstate)
    if refused is None and sqlstate == _INSUFFICIENT_PRIVILEGE:
        refused = _refused_row(context) if function == _ROW_CHECK else _refused_access(context)
    return refused


def _refused_principal(context: ExceptionContext, sqlstate: str | None) -> TenancyError | None:
    """The transaction is nobody's, or of somebody who may not be there."""
    match sqlstate:
        case functions.TENANT_NOT_SET:
            return TenantNotSet(
                f"PostgreSQL refused a statement on {_table(context)}: its transaction has no tenant. Use a session of "
                f"db.begin(organization_id) or db.session(organization_id); a plain connection has no tenant."
            )
        case functions.USER_NOT_SET:
            return UserNotSet(
                f"PostgreSQL refused a statement on {_table(context)}: its rows belong to users, and the transaction "
                f"has none. Use db.begin(organization_id, user=user_id), or db.begin(user=user_id)."
            )
        case functions.NOT_A_MEMBER:
            return NotAMember(f"The session's user does not belong to its tenant: {_whom(context, ' and ')}.")
    return None


def _refused_row(context: ExceptionContext) -> TenancyError:
    return TenantViolation(
        f"PostgreSQL refused a row of {_table(context)} that does not belong to {_whom(context)}. A session writes its "
        f"own rows only; leave the tenant's or user's column out and it is filled in."
    )


def _refused_access(context: ExceptionContext) -> TenancyError:
    return AccessDenied(
        f"PostgreSQL refused a statement on {_table(context)}: {_message(context.original_exception)}. The application "
        f"role may do what the model's __access__ says; what is for everyone's rows goes through db.system()."
    )


def driver_error(error: BaseException | None) -> Any:
    """The driver's own error, which has the server's diagnosis, inside that of SQLAlchemy's adapter of asyncpg."""
    return getattr(error, "driver_exception", None) or getattr(error, "__cause__", None) or error


def _diagnosis(driver: Any) -> tuple[str | None, str | None]:
    """SQLSTATE and the server's C function, from asyncpg or from psycopg."""
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


def _whom(context: ExceptionContext, conjunction: str = " or ") -> str:
    options = context.connection.get_execution_options() if context.connection is not None else {}
    principal = options.get(PRINCIPAL_OPTION)
    return "the transaction's tenant" if principal is None else principal.named(conjunction)
