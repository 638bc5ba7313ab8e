"""The isolation suite runs on every PostgreSQL of this machine, unless one was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from tenancy.embedded import available_versions
from tenancy.reference import agenthifive, codebuff, connectors, mutate, trovella
from tenancy.schema.types import HalfVector, Vector
from tenancy.security.apply import push
from tenancy.security.roles import Roles
from tenancy.session.owner import as_owner

from ..conftest import ROOT, MakeDatabase, TestDatabase, databases, embedded

#: The five reference schemas, in one database.
METADATA = [one.Base.metadata for one in (agenthifive, codebuff, connectors, mutate, trovella)]
TABLES = [table for metadata in METADATA for table in metadata.sorted_tables]

_DEFAULT = 18
_ALSO = (16, 15)


def versions(config: pytest.Config) -> list[int]:
    """The version asked for; where none was, also the other ones that the promise covers and that are here."""
    chosen = config.getoption("--tenancy-postgres")
    if config.getoption("--tenancy-server") != "embedded" or chosen != _DEFAULT:
        return [chosen]
    return [chosen, *(version for version in _ALSO if version in available_versions())]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "postgres_version" in metafunc.fixturenames:
        metafunc.parametrize("postgres_version", versions(metafunc.config), ids=str, scope="module")


@dataclass(frozen=True)
class Subject:
    """A database with the five schemas in it."""

    database: TestDatabase
    tables: tuple[str, ...]
    #: Tables that the server cannot hold, and why.
    left_out: dict[str, str]


@pytest.fixture(scope="module")
def subject(request: pytest.FixtureRequest, postgres_version: int) -> Iterator[Subject]:
    """The schemas on one PostgreSQL: by the migrations, or, where there is no pgvector, straight from the models."""
    with ExitStack() as stack:
        if postgres_version == request.config.getoption("--tenancy-postgres"):
            make: MakeDatabase = request.getfixturevalue("make_database")
        else:
            make = stack.enter_context(databases(stack.enter_context(embedded(postgres_version)), ROOT))
        database = make("isolation", extensions=())
        with database.connect() as connection:
            has_vector = connection.scalar(text("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'"))
        yield _migrated(make) if has_vector else _pushed(database, postgres_version)


def _migrated(make: MakeDatabase) -> Subject:
    database = make("isolation")
    database.migrate()
    return Subject(database, tuple(table.fullname for table in TABLES), {})


def _pushed(database: TestDatabase, version: int) -> Subject:
    left_out = {
        table.fullname: f"{column} is a {column.type.impl}, and this PostgreSQL {version} has no pgvector"
        for table in TABLES
        for column in table.columns
        if isinstance(column.type, Vector | HalfVector)
    }
    tables = [table for table in TABLES if table.fullname not in left_out]
    with database.connect("owner") as connection:
        as_owner(connection, database.settings)
        push(connection, METADATA, Roles(), tables=tables)
        connection.commit()
    return Subject(database, tuple(table.fullname for table in tables), left_out)
