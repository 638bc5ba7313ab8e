"""What PostgreSQL refuses reaches the caller as one of tenancy's errors, by SQLSTATE, whatever its language."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, delete, insert, join, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from tenancy import AccessDenied, Database, TenantNotSet, TenantViolation, UserNotSet
from tenancy.errors import TenancyError
from tenancy.session import refusals

from ..schema.models import AuditEvent, Country, CreditEntry, Project, Setting, SignInToken, Tag, Task

tag = Tag.__table__


async def refused(
    db: Database, kind: type[TenancyError], statement: Any, *, tenant: Any = None, user: Any = None
) -> str:
    """The message of the refusal; the driver's error is its cause, and the session can go on after a rollback."""
    async with db.session(tenant or uuid4(), user=user) as session:
        with pytest.raises(TenancyError) as caught:
            await session.execute(statement)
        assert type(caught.value) is kind
        assert getattr(caught.value.__cause__, "sqlstate", None) in ("42501", "TN001", "TN002")
        await session.rollback()
        assert await session.scalar(text("SELECT 1")) == 1
    return str(caught.value)


@pytest.mark.parametrize("language", ["C", "de_DE.UTF-8", "fr_FR.UTF-8"])
async def test_a_row_of_another_tenant(shop: Any, language: str) -> None:
    """`TenantViolation` names the table and the session's tenant, in any language of the server."""
    with shop.connect() as admin:
        try:
            admin.execute(text(f"SET lc_messages = '{language}'"))
        except DBAPIError:
            pytest.skip(f"this server does not speak {language}")
        admin.rollback()
        admin.execute(text(f"ALTER ROLE tenancy_app_login IN DATABASE {shop.name} SET lc_messages = '{language}'"))
        # A user may not set it, but an administrator may for one.
        admin.commit()
        try:
            async with Database(shop.settings) as db:
                tenant, user = uuid4(), uuid4()
                message = await refused(
                    db, TenantViolation, insert(tag).values(name="x", organization_id=uuid4()), tenant=tenant, user=user
                )
        finally:
            admin.execute(text(f"ALTER ROLE tenancy_app_login IN DATABASE {shop.name} RESET lc_messages"))
            admin.commit()
    assert f"a row of tag that does not belong to tenant {tenant} or user {user}" in message
    assert "column out and it is filled in" in message


@pytest.mark.parametrize(
    "statement, named",
    [
        (insert(AuditEvent).values(what="x", organization_id=uuid4()), "audit_event"),
        (
            text("INSERT INTO tag (id, name, organization_id) VALUES (gen_random_uuid(), 'x', gen_random_uuid())"),
            "a protected table",
        ),
    ],
)
async def test_whatever_the_statement(shop_db: Database, statement: Any, named: str) -> None:
    """The ORM's, and text, of which nobody knows the table without parsing it."""
    assert f"a row of {named} that does not belong" in await refused(shop_db, TenantViolation, statement)


@pytest.mark.parametrize(
    "statement, table",
    [
        (update(AuditEvent).values(what="x"), "audit_event"),
        (delete(AuditEvent), "audit_event"),
        (insert(Country).values(name="x"), "country"),
        (select(SignInToken), "sign_in_token"),
        (select(Project).join(SignInToken, SignInToken.value == Project.name), "project, sign_in_token"),
        (text("TRUNCATE project"), "a protected table"),
    ],
)
async def test_what_the_access_does_not_allow(shop_db: Database, statement: Any, table: str) -> None:
    """`AccessDenied` names the table and what to do, for commands without a grant."""
    message = await refused(shop_db, AccessDenied, statement)
    assert f"a statement on {table}: permission denied" in message
    assert "__access__" in message


@pytest.mark.parametrize(
    "statement, table",
    [
        (select(Project.__table__), "project"),
        (select(join(Task.__table__, Project.__table__)), "task, project"),
        (update(tag).values(name="x"), "tag"),
        (text("SELECT * FROM project"), "a protected table"),
    ],
)
async def test_no_tenant(shop_db: Database, tenants: Any, statement: Any, table: str) -> None:
    """`TenantNotSet` on a connection that nobody armed, with the remedy."""
    async with shop_db.engine.connect() as connection:
        with pytest.raises(TenantNotSet, match=rf"a statement on {table}: .*db\.begin\(organization_id\)") as caught:
            await connection.execute(statement)
        assert caught.value.__cause__.sqlstate == "TN001"


async def test_nobody_and_a_scope_with_alternatives(shop_db: Database, tenants: Any) -> None:
    """Where one of several ids suffices and there is none, that is an error as well, also on an empty table."""
    async with shop_db.begin(tenants[0], user=uuid4()) as session:
        session.add(CreditEntry(amount=1))
    async with shop_db.engine.connect() as connection:
        with pytest.raises(TenantNotSet):
            await connection.execute(select(CreditEntry.__table__))


async def test_no_user(shop_db: Database) -> None:
    """`UserNotSet` where rows belong to users and the session has only a tenant."""
    tenant, user = uuid4(), uuid4()
    async with shop_db.begin(tenant, user=user) as session:
        session.add(Setting(value="v"))
    message = await refused(shop_db, UserNotSet, select(Setting), tenant=tenant)
    assert "a statement on setting: its rows belong to users" in message
    assert "user=user_id" in message


async def test_other_errors_stay_what_they_are(shop_db: Database) -> None:
    """A constraint's violation is SQLAlchemy's, as everywhere."""
    async with shop_db.session(uuid4()) as session:
        with pytest.raises(IntegrityError):
            await session.execute(insert(Task).values(title="x", project_id=uuid4()))
        await session.rollback()
        with pytest.raises(DBAPIError) as caught:
            await session.execute(text("SELECT 1/0"))
        assert caught.value.orig.sqlstate == "22012"


async def test_a_foreign_key_tells_nothing_of_another_tenants_row(shop_db: Database, tenants: Any) -> None:
    """Another tenant's project and one that never was are refused with the same words."""
    async with shop_db.begin(tenants[1]) as session:
        foreign = (await session.scalars(select(Project.id))).one()
    said = []
    for project in (foreign, uuid4()):
        async with shop_db.session(tenants[0]) as session:
            session.add(Task(title="x", project_id=project))
            with pytest.raises(IntegrityError) as caught:
                await session.flush()
            said.append((caught.value.orig.sqlstate, str(caught.value.orig).replace(str(project), "…").split("\n")[0]))
    assert said[0] == said[1]


def test_the_seam_in_postgresql_is_there(shop: Any) -> None:
    """WITH CHECK and a missing grant share SQLSTATE 42501; the server's function tells them apart."""
    foreign_row = "INSERT INTO tag (id, name, organization_id) VALUES (gen_random_uuid(), 'x', gen_random_uuid())"
    with shop.connect("application") as connection:
        assert _function(connection, foreign_row) == refusals._ROW_CHECK
        assert _function(connection, "TABLE sign_in_token") != refusals._ROW_CHECK


def _function(connection: Connection, statement: str) -> str:
    connection.execute(text("SELECT set_config('app.tenant_id', gen_random_uuid()::text, true)"))
    with pytest.raises(DBAPIError) as caught:
        connection.execute(text(statement))
    connection.rollback()
    assert caught.value.orig.sqlstate == "42501"
    return str(caught.value.orig.diag.source_function)
