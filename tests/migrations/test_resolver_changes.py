"""Resolvers come, change and go with the models, and every drift of one is seen."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Column, Connection, MetaData, String, Text, select, text

from tenancy import resolver, secret
from tenancy.security.apply import compare, push
from tenancy.security.roles import Roles

from ..conftest import MakeDatabase, TestDatabase
from .revision import autogenerate
from .test_changes import declare, migrated, project


@pytest.fixture(scope="module")
def database(make_database: MakeDatabase) -> TestDatabase:
    return make_database("resolvers", extensions=())


def with_resolver(*, hashed: Any = Text, many: bool = False, declared: bool = True) -> MetaData:
    """A table of projects, and the organization of a project's key."""
    metadata = declare(project(Column("hash", hashed)))
    table = metadata.tables["project"]
    if declared:
        resolver(
            "organization_of", select(table.c.organization_id).where(table.c.hash == secret("given", hashed)), many=many
        )
    return metadata


def test_a_new_resolver_and_a_removed_one(owner: Connection) -> None:
    """What nobody declares any more is dropped: a door that was forgotten stays open."""
    revision = migrated(owner, with_resolver(declared=False), with_resolver())
    assert "op.create_function('organization_of'" in revision.upgrade
    assert "executors=('tenancy_app',)" in revision.upgrade
    owner.rollback()
    owner.execute(text("SET LOCAL ROLE tenancy_owner"))
    revision = migrated(owner, with_resolver(), with_resolver(declared=False))
    assert revision.upgrade.startswith("op.drop_function('organization_of'")


def test_a_resolver_that_returns_all(owner: Connection) -> None:
    """Another return type cannot be replaced in place; it is dropped and created."""
    migrated(owner, with_resolver(), with_resolver(many=True))


def test_the_type_of_a_column_that_a_resolver_reads(owner: Connection) -> None:
    """PostgreSQL refuses to alter a column that a function's body names; it is made anew."""
    migrated(owner, with_resolver(), with_resolver(hashed=String(64)))


@pytest.mark.parametrize(
    "drift",
    [
        "GRANT EXECUTE ON FUNCTION tenancy.organization_of(text) TO PUBLIC",
        "GRANT EXECUTE ON FUNCTION tenancy.organization_of(text) TO pg_monitor",
        "REVOKE EXECUTE ON FUNCTION tenancy.organization_of(text) FROM tenancy_app",
        "ALTER FUNCTION tenancy.organization_of(text) RESET search_path",
        "ALTER FUNCTION tenancy.organization_of(text) VOLATILE",
        "ALTER FUNCTION tenancy.organization_of(text) OWNER TO tenancy_owner",
        """
        CREATE OR REPLACE FUNCTION tenancy.organization_of(given text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp RETURN (SELECT organization_id FROM public.project LIMIT 1)
        """,
    ],
)
def test_every_drift_is_seen_and_mended(owner: Connection, drift: str) -> None:
    """Who calls it, with whose rights, by which names, and what it does."""
    metadata = with_resolver()
    push(owner, [metadata], Roles())
    assert compare(owner, [metadata], Roles()) == []

    owner.execute(text(drift))

    revision = autogenerate(owner, metadata)
    assert "organization_of" in revision.upgrade
    push(owner, [metadata], Roles())
    assert compare(owner, [metadata], Roles()) == []
