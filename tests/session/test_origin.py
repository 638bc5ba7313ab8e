"""An object knows whose session it came from, whatever of it is loaded."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import load_only, make_transient_to_detached

from tenancy import Database, TenantMismatch
from tenancy.reference import agenthifive, trovella
from tenancy.reference.trovella import ResearchPlan, services


@pytest.fixture(scope="module")
async def plan(db: Database) -> tuple[str, str]:
    """An organization and its plan."""
    organization, user = await services.found_organization(db, f"Acme {uuid4().hex}", f"ada{uuid4().hex}")
    async with db.begin(organization, user=user) as session:
        made = await services.plan_research(session, user, "secret?", ["a"])
    return organization, made.id


async def partly_loaded(db: Database, organization: str, plan_id: str) -> ResearchPlan:
    async with db.session(organization) as session:
        statement = select(ResearchPlan).options(load_only(ResearchPlan.name)).where(ResearchPlan.id == plan_id)
        return (await session.scalars(statement)).one()


async def test_an_object_without_its_tenant_loaded_is_refused(db: Database, plan: tuple[str, str]) -> None:
    """Neither added nor merged into another tenant's session, where `get()` would answer with it."""
    stolen = await partly_loaded(db, *plan)
    async with db.session("other") as session:
        with pytest.raises(TenantMismatch, match=f"session of tenant {plan[0]}, but this session is bound to tenant o"):
            session.add(stolen)
        with pytest.raises(TenantMismatch):
            await session.merge(stolen, load=False)
        assert await session.get(ResearchPlan, plan[1]) is None


async def test_an_object_goes_on_in_another_session_of_its_tenant(db: Database, plan: tuple[str, str]) -> None:
    """A detached object is at home in any session of the same tenant."""
    own = await partly_loaded(db, *plan)
    async with db.session(plan[0]) as session:
        session.add(own)
        assert await session.get(ResearchPlan, plan[1]) is own


async def test_an_object_of_a_parent_scope_is_refused(db: Database) -> None:
    """It has no tenant of its own, and belongs where its parent was."""
    stolen = agenthifive.AgentBootstrapSecret(id=uuid4())
    make_transient_to_detached(stolen)
    async with db.session(uuid4()) as session:
        with pytest.raises(TenantMismatch, match="comes from no tenant's session"):
            session.add(stolen)


async def test_what_belongs_to_nobody_goes_anywhere(db: Database) -> None:
    """Reference data of one session may be used in another."""
    async with db.system(reason="test", actor="test") as session:
        model = trovella.AiModel(
            provider="openai", api_model_id=uuid4().hex, display_name="m", context_window=1, max_output_tokens=1
        )
        session.add(model)
        await session.commit()
    async with db.session("a") as session:
        found = (await session.scalars(select(trovella.AiModel).where(trovella.AiModel.id == model.id))).one()
    async with db.session("b") as session:
        session.add(found)
