"""Explains a migration that failed because the `tenancy` schema is half there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tenancy.errors import IncompleteInstallation
from tenancy.security.catalog import read_functions
from tenancy.security.changes import function_sql
from tenancy.security.functions import SCHEMA, helpers
from tenancy.security.roles import Roles

#: Undefined function and schema; a schema, table and function that are there already.
_MAY_BE_OURS = {"42883", "3F000", "42P06", "42P07", "42723"}


@contextmanager
def explaining_incomplete_installation(connection: Connection) -> Iterator[None]:
    """Within, an error of PostgreSQL whose cause is an incomplete `tenancy` schema says so.

    Raises:
        IncompleteInstallation: with what is missing, and the statements that mend it.
    """
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in _MAY_BE_OURS or connection.in_transaction():
            # In somebody else's transaction nothing can be asked any more.
            raise
        with connection.begin():
            exists = connection.scalar(text("SELECT to_regnamespace(:schema) IS NOT NULL"), {"schema": SCHEMA})
            there = read_functions(connection)
        missing = [function for function in helpers(Roles()) if function.signature not in there]
        if not exists or not missing:
            raise
        names = ", ".join(f"{function.name}()" for function in missing)
        statements = "".join(f"\n{function_sql(function)};\n" for function in missing)
        raise IncompleteInstallation(
            f"The schema {SCHEMA} is half-installed: it lacks {names}. The revision that failed left nothing behind. "
            f"Where the schema is a remainder that no table uses, DROP SCHEMA {SCHEMA} CASCADE and upgrade again. "
            f"Otherwise give it back what it lacks, as the owner, and upgrade again:\n{statements}"
        ) from error
