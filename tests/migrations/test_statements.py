"""How often the database is asked: as often for many tables as for few."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Enum, ForeignKey, MetaData, Table, Uuid, event, text

import tenancy
from tenancy.schema import Scope, TenantForeignKey, is_null, parent, scoped, tenant, user
from tenancy.security.apply import compare, push
from tenancy.security.roles import Roles

from ..conftest import MakeDatabase, TestDatabase
from .revision import autogenerate

#: Alembic reads those of one PostgreSQL schema in another way than those of several.
SCHEMAS = (None, "first", "second")


@pytest.fixture(scope="module")
def database(make_database: MakeDatabase) -> TestDatabase:
    return make_database("statements", extensions=())


def declare(families: int) -> MetaData:
    """In each schema so many families of tables, with one for each kind of scope."""
    metadata = tenancy.metadata(tenant_type=Uuid)
    for schema in SCHEMAS:
        for number in range(families):
            _declare_family(metadata, schema, f"_{number}")
    return metadata


def _declare_family(metadata: MetaData, schema: str | None, suffix: str) -> None:
    path = f"{schema}." if schema else ""

    def table(name: str, scope: Scope, *columns: Any) -> None:
        key = Column("id", Uuid, primary_key=True)
        Table(name + suffix, metadata, key, *columns, schema=schema, info=scoped(scope))

    def ids(name: str, *key: Any) -> Column[Any]:
        return Column(name, Uuid, *key, nullable=False, index=True)

    state: Column[Any] = Column("state", Enum("open", "done", name=f"state{suffix}", schema=schema))
    table("project", tenant(), ids("organization_id"), state)
    table("task", tenant(), ids("organization_id"), ids("project_id", TenantForeignKey(f"{path}project{suffix}.id")))
    table("step", parent("task_id"), ids("task_id", ForeignKey(f"{path}task{suffix}.id")))
    table("preference", user(), ids("user_id"))
    own = tenant("org_id") | (is_null("org_id") & user("user_id"))
    table("credit", own, Column("org_id", Uuid, index=True), ids("user_id"))


def statements(ask: Callable[[Connection], object], connection: Connection) -> list[str]:
    """What is sent while something is asked."""
    sent: list[str] = []

    def note(*happened: Any) -> None:
        sent.append(happened[2])

    event.listen(connection, "before_cursor_execute", note)
    ask(connection)
    event.remove(connection, "before_cursor_execute", note)
    return sent


@pytest.mark.parametrize("ask", [compare, autogenerate], ids=["compare", "autogenerate"])
@pytest.mark.parametrize("there", [True, False], ids=["nothing to do", "everything"])
def test_statements_do_not_grow_with_tables(database: TestDatabase, ask: Callable[..., Any], there: bool) -> None:
    """What the catalog says is read in bulk, of all schemas: sixty tables are asked about as fifteen are."""

    def asked(families: int) -> list[str]:
        metadata = declare(families)
        arguments = ([metadata], Roles()) if ask is compare else (metadata,)
        with database.connect() as connection:
            connection.execute(text("SET LOCAL ROLE tenancy_owner"))
            if there:
                push(connection, [metadata], Roles())
                assert not ask(connection, *arguments)
            return statements(lambda connection: ask(connection, *arguments), connection)

    few, many = asked(1), asked(4)

    assert few
    assert len(many) == len(few)
