"""`db.system()`: another role on another pool, and a record that is there before the session."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from tenancy import AccessDenied, ConfigurationError, Database, UnsafeRole
from tenancy.security.functions import system_access

from ..schema.models import Country, Project, SignInToken
from .capture import captured


def records(shop: Any) -> list[tuple[Any, ...]]:
    with shop.connect() as admin:
        found = admin.execute(select(system_access.c.actor, system_access.c.reason, system_access.c.login))
        return [tuple(row) for row in found]


async def test_it_sees_every_tenant(shop_db: Database, tenants: Any) -> None:
    """And writes for each, naming the tenant itself; it reaches what tenants do not."""
    async with shop_db.system(reason="monthly invoices", actor="billing-worker") as session:
        assert set(await session.scalars(select(Project.organization_id))) >= set(tenants)
        session.add_all([Country(name="c"), SignInToken(value="v"), Project(name="s", organization_id=tenants[0])])
        await session.commit()
        assert await session.scalar(text("SELECT current_user")) == "tenancy_system"
    async with shop_db.begin(tenants[1]) as session:
        assert (await session.scalars(select(Country))).one().name == "c"
        with pytest.raises(AccessDenied, match="sign_in_token"):
            await session.scalars(select(SignInToken))
        await session.rollback()


async def test_the_record_is_durable_before_the_session(shop: Any, shop_db: Database) -> None:
    """Who, why and by which login: committed when the block is entered, and kept when the work is rolled back."""
    actor = uuid4().hex

    async def fail() -> None:
        async with shop_db.system(reason="because", actor=actor):
            assert (actor, "because", "tenancy_system_login") in records(shop)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert len([record for record in records(shop) if record[0] == actor]) == 1


async def test_it_commits_nothing_by_itself(shop_db: Database) -> None:
    """The caller commits, as in `db.session`."""
    name = uuid4().hex
    async with shop_db.system(reason="r", actor="a") as session:
        session.add(Country(name=name))
        await session.flush()
    async with shop_db.system(reason="r", actor="a") as session:
        assert await session.scalar(select(func.count()).select_from(Country).filter_by(name=name)) == 0


@pytest.mark.parametrize("reason, actor, missing", [("", "a", "reason"), ("r", " ", "actor"), ("\n", "", "reason")])
async def test_reason_and_actor_are_needed(shop: Any, shop_db: Database, reason: str, actor: str, missing: str) -> None:
    """An audit that says nothing is none."""
    before = len(records(shop))
    with pytest.raises(ConfigurationError, match=f"needs a {missing}"):
        async with shop_db.system(reason=reason, actor=actor):
            pytest.fail("entered")
    assert len(records(shop)) == before


async def test_without_a_record_there_is_no_session(shop: Any, shop_db: Database) -> None:
    """Where the record cannot be written, the block is not entered."""
    with shop.connect() as admin:
        admin.execute(text("REVOKE INSERT ON tenancy.system_access FROM tenancy_system"))
        admin.commit()
        try:
            with pytest.raises(AccessDenied, match=r"tenancy\.system_access"):
                async with shop_db.system(reason="r", actor="a"):
                    pytest.fail("entered")
        finally:
            admin.execute(text("GRANT INSERT ON tenancy.system_access TO tenancy_system"))
            admin.commit()


@pytest.mark.parametrize(
    "statement", ["UPDATE tenancy.system_access SET reason = 'x'", "DELETE FROM tenancy.system_access"]
)
async def test_the_record_cannot_be_changed(shop_db: Database, statement: str) -> None:
    """Not by the system role itself."""
    async with shop_db.system(reason="r", actor="a") as session:
        with pytest.raises(AccessDenied):
            await session.execute(text(statement))


async def test_the_application_cannot_write_or_read_records(shop_db: Database) -> None:
    """Nor pretend to be the system."""
    for statement in (
        "INSERT INTO tenancy.system_access (actor, reason) VALUES ('a', 'r')",
        "TABLE tenancy.system_access",
    ):
        async with shop_db.session(uuid4()) as session:
            with pytest.raises(AccessDenied):
                await session.execute(text(statement))
    for statement in ("SET ROLE tenancy_system", "SET SESSION AUTHORIZATION tenancy_system"):
        async with shop_db.session(uuid4()) as session:
            with pytest.raises((AccessDenied, DBAPIError)):
                await session.execute(text(statement))


async def test_statements_of_the_system_say_no_tenant(shop_db: Database) -> None:
    """Plain SQLAlchemy: nothing is added."""
    async with shop_db.system(reason="r", actor="a") as session:
        with captured(shop_db._system_engine) as sent:
            await session.execute(select(Project))
        assert [statement.parameters for statement in sent.statements] == [()]


async def test_the_pools_are_two(shop_db: Database, tenants: Any) -> None:
    """No connection that was the system's is ever a tenant's."""
    async with shop_db.system(reason="r", actor="a") as system, shop_db.begin(tenants[0]) as session:
        who = text("SELECT session_user, current_user, pg_backend_pid()")
        as_system, as_tenant = (await system.execute(who)).one(), (await session.execute(who)).one()
    assert as_system[:2] == ("tenancy_system_login", "tenancy_system")
    assert as_tenant[:2] == ("tenancy_app_login", "tenancy_app_login")


async def test_a_login_that_cannot_become_the_system_is_refused(shop: Any) -> None:
    """The application's own URL is no system URL."""
    database = Database(shop.settings.model_copy(update={"system_url": shop.url("application")}))
    with pytest.raises(UnsafeRole, match=r"cannot become tenancy_system\..*GRANT tenancy_system TO"):
        async with database.system(reason="r", actor="a"):
            pytest.fail("entered")
    await database.close()


async def test_a_system_url_is_needed(shop: Any) -> None:
    """Services that never work across tenants have none, and then cannot."""
    database = Database(shop.settings.model_copy(update={"system_url": None}))
    with pytest.raises(ConfigurationError, match="TENANCY_SYSTEM_URL"):
        async with database.system(reason="r", actor="a"):
            pytest.fail("entered")
    await database.close()


async def test_a_tenants_object_in_a_system_session(shop_db: Database, tenants: Any) -> None:
    """A detached object may be worked on by the system: nothing of the tenant's session sticks to it."""
    async with shop_db.begin(tenants[0]) as session:
        project = (await session.scalars(select(Project))).one()
    async with shop_db.system(reason="r", actor="a") as system:
        system.add(project)
        await system.refresh(project, ["tasks"])
        assert len(project.tasks) == 2
        project.name = "renamed"
        await system.commit()
    async with shop_db.begin(tenants[0]) as session:
        assert (await session.scalars(select(Project.name))).one() == "renamed"
