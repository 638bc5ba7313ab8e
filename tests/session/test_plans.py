"""The plans of hot statements on skewed data: led by the tenant or the key, the policy a one-time filter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from tenancy.reference.trovella import AiUsage, PlanStep, ResearchPlan

from .capture import captured

HUGE, BIG, SMALL = "org-huge", "org-big", "org-small"
_TENANT = f"""
CASE WHEN mod(n, 2) = 1 THEN '{HUGE}' WHEN mod(n, 200) = 0 THEN '{SMALL}' WHEN mod(n, 50) = 2 THEN '{BIG}'
     ELSE 'org-' || mod(n, 100) END
"""


@pytest.fixture(scope="module", autouse=True)
def rows(migrated: Any) -> None:
    """20,000 plans with two steps each and 20,000 calls: half of them one tenant's, 400 another's, 100 a third's."""
    with migrated.connect() as admin:
        for statement in (
            """INSERT INTO trovella."user" (id, name, email) VALUES ('u', 'u', 'u@example.org')""",
            f"""
            INSERT INTO trovella.research_plan
                (id, organization_id, user_id, name, research_question, created_at)
            SELECT 'plan-' || n, {_TENANT}, 'u', 'n', 'q',
                   now() - n * interval '1 minute'
            FROM generate_series(1, 20000) AS n
            """,
            """
            INSERT INTO trovella.plan_step
                (id, organization_id, plan_id, step_order, step_type, instructions, created_at)
            SELECT id || '-' || n, organization_id, id, n, 'search', 'i', created_at
            FROM trovella.research_plan, generate_series(1, 2) AS n
            """,
            f"""
            INSERT INTO trovella.ai_usage (id, organization_id, user_id, model, feature, created_at)
            SELECT 'use-' || n, {_TENANT}, 'u', 'm', 'f',
                   now() - n * interval '1 minute'
            FROM generate_series(1, 20000) AS n
            """,
            "ANALYZE",
        ):
            admin.exec_driver_sql(statement)
        admin.commit()


async def plan_of(session: AsyncSession, statement: Any) -> dict[str, Any]:
    """PostgreSQL's plan for an ORM statement as it is sent, with its parameters, in the session's transaction."""
    with captured(session.bind) as sent:
        await session.execute(statement)
    (one,) = sent.statements
    connection = await (await session.connection()).get_raw_connection()
    answer = await connection.driver_connection.fetchval(f"EXPLAIN (FORMAT JSON) {one.sql}", *one.parameters)
    return (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def indexes(plan: dict[str, Any]) -> list[str]:
    return [node["Index Name"] for node in nodes(plan) if "Index Name" in node]


def assert_policy_is_asked_once(plan: dict[str, Any], tenant: str) -> None:
    """The policies' comparison stands above the scans, with the tenant in it, and in no row's filter."""
    found = [node["One-Time Filter"] for node in nodes(plan) if "One-Time Filter" in node]
    assert found, plan
    for condition in found:
        assert "tenant_not_set" in condition
        assert tenant in condition
    for node in nodes(plan):
        assert "tenant_not_set" not in str(node.get("Filter", "")) + str(node.get("Index Cond", ""))


def point_read(tenant: str) -> Any:
    return select(ResearchPlan).where(ResearchPlan.id == ("plan-2" if tenant == BIG else "plan-200"))


@pytest.mark.parametrize("tenant", [BIG, SMALL])
async def test_a_point_read_uses_the_key_led_by_the_tenant(db: Any, tenant: str) -> None:
    """`WHERE id = …` finds the row by tenant and key together: nothing of another tenant is touched."""
    async with db.begin(tenant) as session:
        plan = await plan_of(session, point_read(tenant))
    assert indexes(plan) == ["research_plan_organization_id_id_unique"]
    assert_policy_is_asked_once(plan, tenant)


@pytest.mark.parametrize("tenant", [BIG, SMALL])
async def test_the_newest_come_in_order_from_the_index_led_by_the_tenant(db: Any, tenant: str) -> None:
    """Twenty rows are read in their order, and none of another tenant."""
    async with db.begin(tenant) as session:
        plan = await plan_of(session, select(AiUsage).order_by(AiUsage.created_at.desc()).limit(20))
    assert indexes(plan) == ["ai_usage_organizationIdCreatedAt_idx"]
    assert "Sort" not in {node["Node Type"] for node in nodes(plan)}
    assert_policy_is_asked_once(plan, tenant)


async def test_without_such_an_index_a_small_tenant_s_rows_are_found_by_the_tenant(db: Any) -> None:
    """One tenant's few rows are read by the tenant and sorted."""
    async with db.begin(SMALL) as session:
        plan = await plan_of(session, select(ResearchPlan).order_by(ResearchPlan.created_at.desc()).limit(20))
    assert indexes(plan) == ["research_plan_organizationId_idx"]
    assert_policy_is_asked_once(plan, SMALL)


@pytest.mark.parametrize("tenant", [BIG, SMALL])
async def test_a_join_to_one_parent_uses_the_keys(db: Any, tenant: str) -> None:
    """The parent by tenant and key, its children by the foreign key's index; no table is read whole."""
    async with db.begin(tenant) as session:
        plan = await plan_of(session, point_read(tenant).join(ResearchPlan.steps).add_columns(PlanStep))
    assert sorted(indexes(plan)) == ["plan_step_planId_idx", "research_plan_organization_id_id_unique"]
    assert "Seq Scan" not in {node["Node Type"] for node in nodes(plan)}
    assert_policy_is_asked_once(plan, tenant)


async def test_a_join_of_a_small_tenant_reads_its_rows_only(db: Any) -> None:
    """Both tables by their tenant indexes, although another tenant has two hundred times as many rows."""
    async with db.begin(SMALL) as session:
        newest = select(PlanStep).join(PlanStep.plan).order_by(ResearchPlan.created_at.desc()).limit(20)
        plan = await plan_of(session, newest)
    assert sorted(indexes(plan)) == ["plan_step_organizationId_idx", "research_plan_organizationId_idx"]
    assert_policy_is_asked_once(plan, SMALL)


@pytest.mark.parametrize("tenant", [HUGE, BIG, SMALL])
async def test_raw_sql_that_names_no_tenant_uses_the_tenant_s_index(db: Any, tenant: str) -> None:
    """To PostgreSQL the policy is too dear to be asked for each row, even where half of them are the tenant's."""
    async with db.begin(tenant) as session:
        plan = await plan_of(session, text("SELECT count(*) FROM trovella.ai_usage WHERE length(feature) > 0"))
    assert len(indexes(plan)) == 1
    assert "Seq Scan" not in {node["Node Type"] for node in nodes(plan)}


async def test_each_tenant_gets_its_own_plan(db: Any) -> None:
    """Prepared once per connection, and planned anew each time: no plan of the small tenant's for the large one.

    Also where a simple statement, for which PostgreSQL may keep a plan, comes before.
    """
    newest = select(AiUsage).where(AiUsage.model != "x").order_by(AiUsage.latency_ms).limit(20)
    found = []
    for tenant in (SMALL, SMALL, SMALL, SMALL, SMALL, SMALL, HUGE):
        async with db.begin(tenant) as session:
            await session.get(ResearchPlan, "plan-200")
            await session.execute(newest)
            assert await session.scalar(text("SHOW plan_cache_mode")) == "force_custom_plan"
            scan = max(nodes(await plan_of(session, newest)), key=lambda node: node["Plan Rows"])
            found.append(scan["Plan Rows"])
    small, huge = found[-2:]
    assert small * 10 < huge
