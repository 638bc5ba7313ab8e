"""Services of a Trovella application: what a backend engineer writes. None of them filters by organization."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tenancy import Database
from tenancy.reference.trovella.ai import AiUsage
from tenancy.reference.trovella.base import new_id
from tenancy.reference.trovella.enums import ChunkSource, PlanAuditEventType, PlanStepStatus, PlanStepType
from tenancy.reference.trovella.identity import Member, Organization, User
from tenancy.reference.trovella.research import PlanAuditLog, PlanStep, ResearchArtifact, ResearchPlan
from tenancy.reference.trovella.search import DocumentChunk


async def found_organization(db: Database, name: str, founder: str) -> tuple[str, str]:
    """A new organization with its first user.

    Returns:
        The ids of the organization and of the user.
    """
    organization_id, user_id = new_id(), new_id()
    async with db.begin(organization_id, user=user_id) as session:
        slug = name.lower().replace(" ", "-")
        session.add(User(id=user_id, name=founder, email=f"{founder.lower()}@{slug}.example"))
        session.add(Organization(id=organization_id, name=name, slug=slug))
        await session.flush()
        session.add(Member(user_id=user_id, role="owner"))
    return organization_id, user_id


async def plan_research(session: AsyncSession, user_id: str, question: str, steps: Sequence[str]) -> ResearchPlan:
    """A plan with its steps, and the entry in its audit log."""
    plan = ResearchPlan(user_id=user_id, name=question[:40], research_question=question)
    plan.steps = [
        PlanStep(step_order=order, step_type=PlanStepType.SEARCH, instructions=instructions)
        for order, instructions in enumerate(steps, start=1)
    ]
    session.add(plan)
    await session.flush()
    session.add(
        PlanAuditLog(plan_id=plan.id, event_type=PlanAuditEventType.PLAN_MODIFIED, event_data={"steps": len(steps)})
    )
    return plan


async def complete_step(session: AsyncSession, step_id: str, finding: str, embedding: Sequence[float]) -> None:
    """What a step found: an artifact, its text in the search index, and what the language model cost."""
    step = await session.get_one(PlanStep, step_id)
    step.status = PlanStepStatus.COMPLETED
    plan = await session.get_one(ResearchPlan, step.plan_id)
    artifact = ResearchArtifact(
        plan_id=plan.id, step_id=step.id, artifact_type="note", title=finding[:40], content=finding
    )
    session.add(artifact)
    await session.flush()
    session.add(
        DocumentChunk(
            source_table=ChunkSource.RESEARCH_ARTIFACT,
            source_id=artifact.id,
            chunk_index=0,
            original_text=finding,
            embedded_text=finding,
            embedding=list(embedding),
        )
    )
    session.add(
        AiUsage(user_id=plan.user_id, model="example", feature="research", output_tokens=120, cost=Decimal("0.0042"))
    )


async def search(session: AsyncSession, embedding: Sequence[float], limit: int = 5) -> Sequence[str]:
    """The texts that lie nearest, by inner product."""
    distance = DocumentChunk.embedding.max_inner_product(list(embedding))
    statement = select(DocumentChunk.original_text).order_by(distance).limit(limit)
    return (await session.scalars(statement)).all()


async def month_to_date_cost(session: AsyncSession) -> Decimal:
    """What the organization has spent on language models."""
    return (await session.scalar(select(func.coalesce(func.sum(AiUsage.cost), 0)))) or Decimal(0)
