"""The attempts of `tenancy demo`: what somebody would try who has found a hole in a service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from tenancy.errors import TenancyError
from tenancy.reference.trovella import DocumentChunk, Organization, PlanStep, ResearchPlan
from tenancy.session.database import Database


@dataclass(frozen=True)
class Prey:
    """An organization of the demo, and the ids of some of its rows."""

    name: str
    organization_id: str
    user_id: str
    plan_id: str
    step_id: str


@dataclass(frozen=True)
class Attempt:
    """One attempt: what it is, and how many of the prey's rows it reached."""

    words: str
    reach: Callable[[AsyncSession, Prey], Awaitable[int]]


async def _read_by_id(session: AsyncSession, prey: Prey) -> int:
    return int(await session.get(ResearchPlan, prey.plan_id) is not None)


async def _list_all(session: AsyncSession, prey: Prey) -> int:
    rows = await session.scalars(select(Organization).where(Organization.id == prey.organization_id))
    return len(rows.all())


async def _raw_sql(session: AsyncSession, prey: Prey) -> int:
    statement = text("SELECT * FROM trovella.research_plan WHERE organization_id = :tenant OR true")
    rows = (await session.execute(statement, {"tenant": prey.organization_id})).mappings().all()
    return sum(row["organization_id"] == prey.organization_id for row in rows)


async def _join(session: AsyncSession, prey: Prey) -> int:
    statement = select(PlanStep.id).join(PlanStep.plan).where(ResearchPlan.id == prey.plan_id)
    return len((await session.scalars(statement)).all())


async def _search_vectors(session: AsyncSession, prey: Prey) -> int:
    rows = await session.scalars(select(DocumentChunk).where(DocumentChunk.organization_id == prey.organization_id))
    return len(rows.all())


async def _overwrite(session: AsyncSession, prey: Prey) -> int:
    result = await session.execute(
        text("UPDATE trovella.research_plan SET name = 'stolen' WHERE id = :id RETURNING id"), {"id": prey.plan_id}
    )
    return len(result.all())


async def _destroy(session: AsyncSession, prey: Prey) -> int:
    statement = delete(ResearchPlan).where(ResearchPlan.id == prey.plan_id).returning(ResearchPlan.id)
    return len((await session.execute(statement)).all())


async def _plant(session: AsyncSession, prey: Prey) -> int:
    plan = {"organization_id": prey.organization_id, "user_id": prey.user_id, "name": "x", "research_question": "x"}
    await session.execute(insert(ResearchPlan), [plan])
    return 1


async def _hand_over(session: AsyncSession, prey: Prey) -> int:
    statement = update(ResearchPlan).values(organization_id=prey.organization_id).returning(ResearchPlan.id)
    return len((await session.execute(statement)).all())


async def _adopt(session: AsyncSession, prey: Prey) -> int:
    step = {"plan_id": prey.plan_id, "step_order": 9, "step_type": "search", "instructions": "x"}
    await session.execute(insert(PlanStep), [step])
    return 1


async def _empty(session: AsyncSession, prey: Prey) -> int:
    await session.execute(text("TRUNCATE trovella.research_plan CASCADE"))
    return 1


async def _switch_off(session: AsyncSession, prey: Prey) -> int:
    await session.execute(text("ALTER TABLE trovella.research_plan DISABLE ROW LEVEL SECURITY"))
    return 1


async def _become_owner(session: AsyncSession, prey: Prey) -> int:
    await session.execute(text("SET LOCAL ROLE tenancy_owner"))
    return 1


ATTEMPTS = (
    Attempt("read its plan by id", _read_by_id),
    Attempt("read its organization", _list_all),
    Attempt("injected SQL: … OR true", _raw_sql),
    Attempt("join from its plan to its steps", _join),
    Attempt("read its embeddings", _search_vectors),
    Attempt("overwrite its plan", _overwrite),
    Attempt("delete its plan", _destroy),
    Attempt("plant a plan in its name", _plant),
    Attempt("hand own plans over to it", _hand_over),
    Attempt("hang a step on its plan", _adopt),
    Attempt("empty the table for all", _empty),
    Attempt("switch the policies off", _switch_off),
    Attempt("become the owner", _become_owner),
)


async def make(attempt: Attempt, db: Database, attacker: Prey, prey: Prey) -> tuple[int, str]:
    """Makes the attempt in a transaction of the attacker, which is rolled back.

    Returns:
        How many of the prey's rows were reached, and PostgreSQL's answer.
    """
    async with db.session(attacker.organization_id, user=attacker.user_id) as session:
        try:
            reached = await attempt.reach(session, prey)
        except TenancyError as error:
            return 0, _first_line(error.__cause__ or error)
        except DBAPIError as error:
            return 0, _first_line(error.orig or error)
        return reached, f"{reached} rows"


def _first_line(error: BaseException) -> str:
    cause = error.__cause__ or error
    return str(cause).splitlines()[0]
