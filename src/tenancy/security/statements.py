"""Statements of the `.sql` files beside the code, by the name under which they stand; and SQL text as it stands."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from sqlalchemy import DDL, Connection


@cache
def _sections(package: str, file: str) -> dict[str, str]:
    text = files(package).joinpath(file).read_text(encoding="utf-8")
    sections = text.split("-- name: ")[1:]
    return {name.strip(): body.strip() for name, _, body in (section.partition("\n") for section in sections)}


def statement(package: str, file: str, name: str) -> str:
    """One statement: `statement("tenancy.security", "catalog.sql", "policies")`."""
    return _sections(package, file)[name]


def ddl(sql: str) -> DDL:
    """SQL text as it stands, whatever the driver: a colon in it is no parameter, and a percent sign no placeholder."""
    return DDL(sql.replace("%", "%%"))  # type: ignore[no-untyped-call]


def execute(connection: Connection, sql: str) -> None:
    """Runs SQL text as it stands."""
    connection.execute(ddl(sql))
