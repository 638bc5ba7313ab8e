"""Scoped queries come, change and go with the models, and every drift of one is seen."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Column, Connection, ForeignKey, Integer, MetaData, Numeric, String, Text, Uuid, select, text

from tenancy import Access, parameter, parent, scoped_query, tenant
from tenancy.security.apply import compare, push
from tenancy.security.roles import Roles

from ..conftest import MakeDatabase, TestDatabase
from .revision import autogenerate
from .test_changes import coloured, declare, migrated, of_tenant, project


@pytest.fixture(scope="module")
def database(make_database: MakeDatabase) -> TestDatabase:
    return make_database("queries", extensions=())


def with_query(*more: Any, title: Any = Text, suffix: str = "%", declared: bool = True) -> MetaData:
    """A table of projects, and those whose title begins with a text."""
    metadata = declare(project(Column("title", title), *more))
    table = metadata.tables["project"]
    if declared:
        scoped_query("projects_like", select(table).where(table.c.title.like(parameter("prefix", Text) + suffix)))
    return metadata


def test_a_new_query_and_a_removed_one(owner: Connection) -> None:
    """What nobody declares any more is dropped."""
    revision = migrated(owner, with_query(declared=False), with_query())
    assert "op.create_function('projects_like'" in revision.upgrade
    assert "organization_id = the_caller.current_tenant" in revision.upgrade
    owner.rollback()
    owner.execute(text("SET LOCAL ROLE tenancy_owner"))
    revision = migrated(owner, with_query(), with_query(declared=False))
    assert revision.upgrade.startswith("op.drop_function('projects_like'")


def test_another_condition(owner: Connection) -> None:
    """Replaced in place: callers and grants stay."""
    revision = migrated(owner, with_query(), with_query(suffix="%s"))
    assert revision.upgrade.startswith("op.replace_function('projects_like'")


@pytest.mark.parametrize(
    "before,after",
    [
        (with_query, lambda: with_query(Column("size", Integer))),
        (with_query, lambda: with_query(title=String(40))),
        (lambda: with_query(Column("price", Numeric)), lambda: with_query(Column("price", Integer))),
        (with_query, lambda: with_query(coloured("red"))),
    ],
    ids=["a new column", "another type", "another type of a column that is only returned", "a native enum"],
)
def test_a_change_of_the_table_that_it_reads(owner: Connection, before: Any, after: Any) -> None:
    """The function goes before the column changes, and comes back after; both ways about."""
    migrated(owner, before(), after())
    owner.rollback()
    owner.execute(text("SET LOCAL ROLE tenancy_owner"))
    migrated(owner, after(), before())


def test_a_table_that_goes_with_its_query(owner: Connection) -> None:
    """And comes back with it."""
    migrated(owner, with_query(), declare())


def test_a_column_of_another_table_leaves_it_alone(owner: Connection) -> None:
    """Only what is in the way is made anew."""

    def models(type_: Any) -> MetaData:
        metadata = declare(
            project(Column("title", Text)), ("other", tenant(), Access.READ_WRITE, of_tenant(), Column("size", type_))
        )
        table = metadata.tables["project"]
        scoped_query("projects_like", select(table.c.id).where(table.c.title.like(parameter("prefix", Text) + "%")))
        return metadata

    assert "function" not in migrated(owner, models(Integer), models(Numeric)).upgrade


def test_another_scope_is_another_function(owner: Connection) -> None:
    """The condition of the policies is the query's."""

    def models(scope: Any) -> MetaData:
        line = (
            "line",
            scope,
            Access.READ_WRITE,
            of_tenant(),
            Column("project_id", Uuid, ForeignKey("project.id", info={"crosses_tenants": "a test of scopes"})),
        )
        metadata = declare(project(), line)
        table = metadata.tables["line"]
        scoped_query("lines", select(table.c.id))
        return metadata

    revision = migrated(owner, models(tenant()), models(parent("project_id")))
    assert "op.replace_function('lines'" in revision.upgrade
    assert revision.upgrade.rpartition("op.replace_function")[2].count("EXISTS") == 1


def test_an_enum_as_an_argument(owner: Connection) -> None:
    """PostgreSQL prints its type with the schema."""
    metadata = declare(project(coloured("red", "green")))
    table = metadata.tables["project"]
    scoped_query("of_colour", select(table.c.id).where(table.c.colour == parameter("wanted", table.c.colour.type)))
    push(owner, [metadata], Roles())
    assert compare(owner, [metadata], Roles()) == []


@pytest.mark.parametrize(
    "drift",
    [
        "GRANT EXECUTE ON FUNCTION tenancy.projects_like(text) TO PUBLIC",
        "REVOKE EXECUTE ON FUNCTION tenancy.projects_like(text) FROM tenancy_app",
        "ALTER FUNCTION tenancy.projects_like(text) RESET search_path",
        "ALTER FUNCTION tenancy.projects_like(text) RESET plan_cache_mode",
        "ALTER FUNCTION tenancy.projects_like(text) VOLATILE",
        "ALTER FUNCTION tenancy.projects_like(text) OWNER TO tenancy_owner",
        """
        CREATE OR REPLACE FUNCTION tenancy.projects_like(prefix text)
        RETURNS TABLE(id uuid, organization_id uuid, title text) LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
        SECURITY DEFINER SET search_path TO 'pg_catalog', 'pg_temp' SET plan_cache_mode TO 'force_custom_plan'
        AS 'BEGIN RETURN QUERY SELECT p.id, p.organization_id, p.title FROM public.project p; END'
        """,
    ],
)
def test_every_drift_is_seen_and_mended(owner: Connection, drift: str) -> None:
    """Who calls it, with whose rights, by which names, and what it does."""
    metadata = with_query()
    push(owner, [metadata], Roles())
    assert compare(owner, [metadata], Roles()) == []

    owner.execute(text(drift))

    revision = autogenerate(owner, metadata)
    assert "projects_like" in revision.upgrade
    push(owner, [metadata], Roles())
    assert compare(owner, [metadata], Roles()) == []
