"""The predicate for Core statements."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select

from tenancy import ConfigurationError, Database, InvalidTenant, SyncDatabase, TenantNotSet, tenant_predicate
from tenancy.reference.trovella import AiModel, ResearchPlan, User, services

PLAN: Any = ResearchPlan.__table__


async def test_a_core_statement_says_the_tenant(db: Database) -> None:
    """On the table and on an alias of it, with the session's own id."""
    organization, user = await services.found_organization(db, f"Acme {uuid4().hex}", f"ada{uuid4().hex}")
    async with db.begin(organization, user=user) as session:
        await session.execute(insert(PLAN).values(user_id=user, name="n", research_question="q"))
        for table in (PLAN, PLAN.alias("p")):
            statement = select(func.count()).select_from(table).where(tenant_predicate(session, table))
            assert f"{table.name}.organization_id = " in str(statement)
            assert await session.scalar(statement) == 1
        users: Any = User.__table__
        assert (await session.scalars(select(users.c.id).where(tenant_predicate(session, users)))).all() == [user]


async def test_what_is_nobodys_has_no_predicate(db: Database, migrated: Any) -> None:
    """A missing id is an error, not a condition that nothing meets."""
    users: Any = User.__table__
    models: Any = AiModel.__table__
    async with db.session("acme") as session:
        with pytest.raises(TenantNotSet, match="user"):
            tenant_predicate(session, users)
        with pytest.raises(TenantNotSet):
            tenant_predicate(session, models)
    async with db.session(uuid4()) as session:
        with pytest.raises(InvalidTenant):
            tenant_predicate(session, PLAN)
    async with db.system(reason="r", actor="a") as session:
        with pytest.raises(ConfigurationError):
            tenant_predicate(session, PLAN)
    with SyncDatabase(migrated.settings) as sync, sync.session("acme") as sync_session:
        assert "organization_id = " in str(tenant_predicate(sync_session, PLAN))
