"""The twin on psycopg gives the same guarantees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from tenancy import (
    AccessDenied,
    SyncDatabase,
    TenantMismatch,
    TenantNotSet,
    TenantViolation,
    UnsafeRole,
    UnsafeTransaction,
    tenant_context,
)
from tenancy.reference.trovella import Organization, PlanStep, ResearchPlan, User


@pytest.fixture(scope="module")
def sync(migrated: Any) -> Iterator[SyncDatabase]:
    """The sync way to the module's database."""
    with SyncDatabase(migrated.settings) as database:
        yield database


@pytest.fixture
def two(sync: SyncDatabase) -> tuple[str, str]:
    """Two organizations, each with a plan of one step."""
    made = []
    for _ in range(2):
        organization, user = uuid4().hex, uuid4().hex
        with sync.begin(organization, user=user) as session:
            session.add(User(id=user, name="n", email=f"{user}@example.org"))
            session.add(Organization(id=organization, name="o", slug=organization))
            session.flush()
            plan = ResearchPlan(user_id=user, name="p", research_question="q")
            plan.steps = [PlanStep(step_order=1, step_type="search", instructions="i")]
            session.add(plan)
        made.append(organization)
    return made[0], made[1]


def test_each_tenant_sees_its_own_rows(sync: SyncDatabase, two: tuple[str, str]) -> None:
    """The same statements, and each tenant its own; also after a commit in the middle, and in a read-only session."""
    for tenant in two:
        with sync.session(tenant) as session:
            for _ in range(2):
                steps = session.scalars(select(PlanStep)).all()
                assert [step.organization_id for step in steps] == [tenant]
                session.commit()
        with sync.begin(tenant, read_only=True, isolation_level="SERIALIZABLE") as session:
            assert session.scalar(text("SELECT count(*) FROM trovella.research_plan")) == 1


def test_another_tenants_rows_are_out_of_reach(sync: SyncDatabase, two: tuple[str, str]) -> None:
    """Neither read nor changed, nor made, nor taken."""
    one, other = two
    with sync.session(one) as session:
        theirs = ResearchPlan.organization_id == other
        assert session.scalars(select(ResearchPlan).where(theirs)).all() == []
        assert session.execute(update(ResearchPlan).where(theirs).values(name="x")).rowcount == 0
        assert session.execute(delete(ResearchPlan).where(theirs)).rowcount == 0
        with pytest.raises(TenantMismatch):
            session.add(ResearchPlan(organization_id=other, user_id="u", name="n", research_question="q"))
        plan = {"organization_id": other, "user_id": "u", "name": "n", "research_question": "q"}
        with pytest.raises(TenantViolation, match=f"does not belong to tenant {one}"):
            session.execute(insert(ResearchPlan), [plan])
    with sync.session(one) as session, pytest.raises(AccessDenied):
        session.execute(text("TRUNCATE trovella.research_plan CASCADE"))


def test_nobody_sees_nothing(sync: SyncDatabase) -> None:
    """No session without a tenant, and an error on a plain connection, also where one was left on it."""
    with pytest.raises(TenantNotSet):
        sync.session()
    with sync.engine.connect() as connection:
        connection.execute(text("SET app.tenant_id = 'left'"))
        connection.commit()
    with sync.engine.connect() as connection, pytest.raises(TenantNotSet):
        connection.execute(select(ResearchPlan.__table__))


def test_the_tenant_comes_from_the_context_and_stays(sync: SyncDatabase, two: tuple[str, str]) -> None:
    """A session keeps the tenant of the context in which it was made."""
    with tenant_context(two[0]):
        session = sync.session()
    with session, tenant_context(two[1]):
        assert set(session.scalars(select(PlanStep.organization_id))) == {two[0]}


def test_a_system_session_is_recorded_first(sync: SyncDatabase, two: tuple[str, str]) -> None:
    """It sees everybody, and its record is committed before it begins."""
    with sync.system(reason="count", actor="test_sync") as session:
        assert set(two) <= set(session.scalars(select(ResearchPlan.organization_id)))
        records = session.execute(text("SELECT reason FROM tenancy.system_access WHERE actor = 'test_sync'"))
        assert records.scalars().all() == ["count"]


def test_autocommit_and_unsafe_roles_are_refused(sync: SyncDatabase, migrated: Any) -> None:
    """As by `Database`."""
    with pytest.raises(UnsafeTransaction), sync.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("SELECT 1"))
    for role in ("postgres", "owner", "system"):
        with pytest.raises(UnsafeRole), SyncDatabase.from_url(migrated.url(role)):
            pass


def test_read_only_is_held_by_postgresql(sync: SyncDatabase, two: tuple[str, str]) -> None:
    """A write in a read-only session fails with PostgreSQL's own error."""
    with sync.session(two[0], read_only=True) as session, pytest.raises(DBAPIError) as caught:
        session.execute(update(ResearchPlan).values(name="x"))
    assert caught.value.orig.sqlstate == "25006"
