"""Which row PostgreSQL refused, and in which column: found by inserting the rows again, in halves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, String
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from tenancy.errors import BulkLoadError, TenancyError, TenantViolation
from tenancy.schema.identity import implementation_of
from tenancy.session.bulk.plan import Part
from tenancy.session.bulk.writing import Insert
from tenancy.session.refusals import SERVER_CONDITIONS, driver_error


async def explained(connection: AsyncConnection, insert: Insert, parts: Sequence[Part], error: Exception) -> Exception:
    """The error that says which row failed.

    Args:
        connection: in the state from which the parts were sent; it is left in another one.
        insert: the statement of the load.
        parts: what was sent.
        error: the driver's.

    Returns:
        A `BulkLoadError` or `TenantViolation` that names the row, or what is to be raised where no row is at fault.
    """
    if not (getattr(error, "sqlstate", None) or "").startswith(SERVER_CONDITIONS):
        for part in parts:
            found = await _failing(connection, insert, part)
            if found is not None:
                return await _named(connection, insert, *found)
    return DBAPIError(insert.sql, None, error)


async def _failing(connection: AsyncConnection, insert: Insert, part: Part) -> tuple[Part, Exception] | None:
    """The first of the rows that cannot be inserted after those before it; these are then inserted."""
    error = await _attempt(connection, insert.sql, insert.arguments(part))
    if error is None or part.count == 1:
        return None if error is None else (part, error)
    middle = part.count // 2
    for half in (part.slice(0, middle), part.slice(middle, part.count)):
        found = await _failing(connection, insert, half)
        if found is not None:
            return found
    return None


async def _attempt(connection: AsyncConnection, sql: str, arguments: tuple[Any, ...]) -> Exception | None:
    try:
        async with connection.begin_nested():
            await connection.exec_driver_sql(sql, arguments)
    except (DBAPIError, TenancyError) as error:
        return error
    return None


async def _named(connection: AsyncConnection, insert: Insert, row: Part, error: Exception) -> Exception:
    table = insert.plan.table.fullname
    if isinstance(error, TenantViolation):
        return TenantViolation(f"row {row.first}: {table}: {error} Nothing was loaded.")
    if not isinstance(error, DBAPIError):
        # The table or the transaction is refused, whatever the row.
        return error
    column = await _column(connection, insert, row, driver_error(error.orig))
    where = table if column is None else f"{table}.{column}"
    return BulkLoadError(f"row {row.first}: {where}: {_said(error)} Nothing was loaded.", row=row.first, column=column)


def _said(error: DBAPIError) -> str:
    driver = driver_error(error.orig)
    said = str(driver).splitlines()[0].rstrip(".")
    detail = getattr(driver, "detail", None)
    return f"{said} ({detail.rstrip('.')})." if detail else f"{said}."


async def _column(connection: AsyncConnection, insert: Insert, row: Part, driver: Any) -> str | None:
    """The column that PostgreSQL names, or whose value cannot even be selected, or is longer than the column."""
    if named := getattr(driver, "column_name", None):
        return str(named)
    if constrained := _constrained(insert, getattr(driver, "constraint_name", None)):
        return ", ".join(constrained)
    for index, (column, value) in enumerate(zip(insert.plan.columns, insert.arguments(row), strict=True)):
        if await _attempt(connection, f"SELECT {insert.expression(index, parameter=1)}", (value,)) is not None:
            return column.name
        if not row.constant[index] and _too_long(column, value[0]):
            return column.name
    return None


def _constrained(insert: Insert, name: str | None) -> list[str]:
    """The columns of a constraint or a unique index, without those that are the same in all rows."""
    plan = insert.plan
    same = {column for column, constant in zip(plan.columns, plan.constant, strict=True) if constant}
    constraints: list[Any] = [*plan.table.constraints, *plan.table.indexes]
    for one in constraints:
        if name is not None and one.name == name:
            columns = list(one.columns)
            return [column.name for column in columns if column not in same] or [column.name for column in columns]
    return []


def _too_long(column: Column[Any], value: Any) -> bool:
    type_ = implementation_of(column.type)
    return (
        isinstance(type_, String) and type_.length is not None and isinstance(value, str) and len(value) > type_.length
    )
