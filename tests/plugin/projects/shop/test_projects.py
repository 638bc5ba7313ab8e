"""Tests of the shop itself: as one tenant, beside another one with rows of its own, and nothing stays behind."""

from models import Note, Project
from sqlalchemy import func, select


async def test_a_tenant_lists_its_own_projects(as_tenant, tenancy_tenants):
    async with as_tenant(tenancy_tenants.first) as session:
        found = {project.id for project in await session.scalars(select(Project))}
    assert found == {row["id"] for row in tenancy_tenants.first.rows["project"]}


async def test_code_that_commits_leaves_nothing_behind(as_tenant, tenancy_tenants):
    count = select(func.count()).select_from(Project)
    async with as_tenant(tenancy_tenants.first) as session:
        session.add(Project(name="Apollo"))
        await session.commit()
        assert await session.scalar(count) == 3
    async with as_tenant(tenancy_tenants.first) as session:
        assert await session.scalar(count) == 2


def test_the_same_without_async(as_tenant, tenancy_tenants):
    with as_tenant(tenancy_tenants.second) as session:
        session.add(Project(name="Gemini"))
        session.commit()
        assert len(session.scalars(select(Project)).all()) == 3
    with as_tenant(tenancy_tenants.second) as session:
        assert len(session.scalars(select(Project)).all()) == 2


async def test_the_user_of_the_tenant_sees_their_notes(as_tenant, tenancy_tenants):
    async with as_tenant(tenancy_tenants.first) as session:
        users = {note.user_id for note in await session.scalars(select(Note))}
    assert users == {tenancy_tenants.first.user, None}
