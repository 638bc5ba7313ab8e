"""What an administrator does once per database: the roles, the extensions, and what PUBLIC must not do.

Everything else is done by the owner, who is neither superuser nor BYPASSRLS. Each statement can be run again. Revokes
on `pg_catalog` and of TEMP are per database: a new or restored database needs them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import MetaData

from tenancy.schema.types import HalfVector, Vector
from tenancy.security.quoting import identifier, literal
from tenancy.security.roles import Roles
from tenancy.security.statements import statement


def needed_extensions(metadata: Iterable[MetaData]) -> list[str]:
    """The extensions that the models' column types need."""
    columns = (column for one in metadata for table in one.tables.values() for column in table.columns)
    return ["vector"] if any(isinstance(column.type, Vector | HalfVector) for column in columns) else []


def bootstrap_statements(
    database: str,
    roles: Roles,
    *,
    extensions: Sequence[str] = (),
    logins: bool = False,
    password: str | None = None,
) -> Iterator[str]:
    """The statements, in order, for a superuser: PostgreSQL lets no one else revoke what PUBLIC may do in `pg_catalog`.

    Args:
        database: the database's name.
        roles: the names of the three roles.
        extensions: the extensions to install.
        logins: also make one login role per role, named `<role>_login`.
        password: of the login roles; None leaves them without.
    """
    # Roles belong to the whole server: two databases that are prepared at once would trip over each other.
    yield "LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE"
    yield _role(roles.owner, "NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS")
    yield _role(roles.application, "NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS")
    yield _role(roles.system, "NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS")
    # Migrations enter the system role for data that belongs to every tenant: op.as_system().
    yield f"GRANT {identifier(roles.system)} TO {identifier(roles.owner)}"
    if logins:
        for name in (roles.owner, roles.application, roles.system):
            yield _role(roles.login(name), "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS")
            if password is not None:
                yield f"ALTER ROLE {identifier(roles.login(name))} PASSWORD {literal(password)}"
            yield f"GRANT {identifier(name)} TO {identifier(roles.login(name))}"
        # The isolation proof tries as the application, in one transaction, what it has prepared as the owner. To the
        # login and not to the owner: policies for the application must not hold the owner as well by membership.
        yield f"GRANT {identifier(roles.application)} TO {identifier(roles.login(roles.owner))}"
    for extension in extensions:
        yield f"CREATE EXTENSION IF NOT EXISTS {identifier(extension)} SCHEMA public"
    names = {
        "database": identifier(database),
        "owner": identifier(roles.owner),
        "application": identifier(roles.application),
        "system": identifier(roles.system),
    }
    for section in (
        "database",
        "public schema",
        "large objects",
        "advisory locks",
        "other sessions",
        "prepared statements",
        "row counters",
    ):
        for part in statement("tenancy.security", "bootstrap.sql", section).split(";\n"):
            yield part.strip().removesuffix(";").format_map(names)


def _role(name: str, attributes: str) -> str:
    """CREATE ROLE has no IF NOT EXISTS; the attributes are asserted again on a role that is there."""
    quoted = identifier(name)
    block = (
        f"BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {literal(name)}) "
        f"THEN ALTER ROLE {quoted} {attributes}; ELSE CREATE ROLE {quoted} {attributes}; END IF; END"
    )
    return f"DO {literal(block)}"
