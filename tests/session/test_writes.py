"""The tenant column fills itself, and another tenant in it is refused with both names."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, inspect, null, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import make_transient_to_detached

from tenancy import TenantMismatch, TenantNotSet, TenantViolation

from ..schema.models import CreditEntry, Document, Organization, Project, Report, Tag, Task, task_tag
from .capture import captured


async def count(db: Any, tenant: UUID, entity: Any, **filters: Any) -> int:
    async with db.begin(tenant) as session:
        return int(await session.scalar(select(func.count()).select_from(entity).filter_by(**filters)))


INSERTS = {
    "flush": lambda session: session.add(Tag(name="filled")),
    "add_all": lambda session: session.add_all([Tag(name="filled")]),
    "merge": lambda session: session.merge(Tag(id=uuid4(), name="filled")),
    "bulk_save_objects": lambda session: session.bulk_save_objects([Tag(name="filled")]),
    "bulk_insert_mappings": lambda session: session.bulk_insert_mappings(Tag, [{"name": "filled"}]),
    "ORM insert": lambda session: session.execute(insert(Tag).values(name="filled")),
    "ORM insert of many": lambda session: session.execute(insert(Tag), [{"name": "filled"}, {"name": "more"}]),
    "ORM insert returning": lambda session: session.scalars(insert(Tag).returning(Tag), [{"name": "filled"}]).all(),
    "insert of several values": lambda session: session.execute(insert(Tag).values([{"name": "filled"}])),
    "Core insert": lambda session: session.execute(insert(Tag.__table__).values(name="filled")),
    "Core insert of many": lambda session: session.execute(
        insert(Tag.__table__), [{"name": "filled"}, {"name": "more"}]
    ),
    "insert from select": lambda session: session.execute(
        insert(Tag).from_select(["id", "name"], select(func.gen_random_uuid(), func.lower("FILLED")))
    ),
    "upsert": lambda session: session.execute(
        upsert(Tag).values(name="filled").on_conflict_do_update(index_elements=["id"], set_={"name": "x"})
    ),
}


@pytest.mark.parametrize("way", INSERTS)
async def test_the_tenant_is_filled_in(shop_db: Any, way: str) -> None:
    """A row that does not name its tenant gets the session's, whichever way it is inserted."""
    tenant = uuid4()
    async with shop_db.begin(tenant) as session:
        await session.run_sync(INSERTS[way])
    assert await count(shop_db, tenant, Tag, organization_id=tenant, name="filled") == 1


async def test_related_rows_are_filled_in(shop_db: Any) -> None:
    """Children by cascade, the rows of a secondary table and both tables of a subclass belong to the same tenant."""
    tenant = uuid4()
    async with shop_db.begin(tenant) as session:
        session.add(Project(name="p", tasks=[Task(title="t", tags=[Tag(name="tag")], children=[Task(title="c")])]))
        session.add(Report(title="r", summary="s"))
        await session.flush()
        secondary = (await session.execute(select(task_tag.c.organization_id))).scalars().all()
    assert secondary == [tenant]
    assert await count(shop_db, tenant, Task, organization_id=tenant) == 2
    assert await count(shop_db, tenant, Report, organization_id=tenant) == 1


async def test_the_filled_tenant_is_on_the_object(shop_db: Any) -> None:
    """After the flush the object knows its tenant without another statement."""
    tenant = uuid4()
    async with shop_db.begin(tenant) as session:
        tag = Tag(name="x")
        session.add(tag)
        await session.flush()
        assert inspect(tag).dict["organization_id"] == tenant


async def test_a_nullable_tenant_is_filled_where_it_is_left_out_only(shop_db: Any) -> None:
    """None said on purpose stays None: the row is the user's, not the tenant's."""
    tenant, user = uuid4(), uuid4()
    async with shop_db.begin(tenant, user=user) as session:
        left_out, none, sql_null = CreditEntry(amount=1), CreditEntry(amount=2), CreditEntry(amount=3)
        none.org_id, sql_null.org_id = None, null()
        session.add_all([left_out, none, sql_null])
        await session.flush()
        found = await session.execute(select(CreditEntry.amount, CreditEntry.org_id, CreditEntry.owner_id))
        rows = sorted(tuple(row) for row in found)
    assert rows == [(1, tenant, user), (2, None, user), (3, None, user)]


async def test_without_a_session_the_tenant_must_be_named(shop_db: Any) -> None:
    """A plain connection has nothing to fill the column from, and says so before anything is sent."""
    async with shop_db.engine.connect() as connection:
        with captured(shop_db.engine) as sent, pytest.raises(TenantNotSet, match=r"tag\.organization_id was left out"):
            await connection.execute(insert(Tag.__table__).values(name="x"))
        assert sent.statements == []


async def foreign_project(db: Any, tenant: UUID) -> Project:
    """A detached object of a tenant."""
    async with db.begin(tenant) as session:
        project = Project(name="foreign")
        session.add(project)
    return project


async def test_adding_a_row_of_another_tenant_is_refused(shop_db: Any, tenants: Any) -> None:
    """`add` of a new object that names another tenant: refused at once, with both names."""
    async with shop_db.session(tenants[0]) as session:
        with pytest.raises(TenantMismatch, match=f"belongs to tenant {tenants[1]}.*bound to tenant {tenants[0]}"):
            session.add(Project(name="x", organization_id=tenants[1]))


@pytest.mark.parametrize(
    "make",
    [lambda id_: Report(title="r", summary="s", organization_id=id_), lambda id_: Organization(id=id_, name="o")],
)
async def test_a_subclass_and_a_root_of_another_tenant_are_refused(shop_db: Any, tenants: Any, make: Any) -> None:
    """Also where the tenant column is the base table's, and where it is the primary key."""
    async with shop_db.session(tenants[0]) as session:
        with pytest.raises(TenantMismatch):
            session.add(make(tenants[1]))


async def test_setting_another_tenant_is_refused_at_the_flush(shop_db: Any, tenants: Any) -> None:
    """An object of the session cannot be given away; nothing is sent."""
    async with shop_db.session(tenants[0]) as session:
        project = (await session.scalars(select(Project))).one()
        project.organization_id = tenants[1]
        with captured(shop_db.engine) as sent:
            with pytest.raises(TenantMismatch, match=f"Project {project.id} belongs to tenant {tenants[1]}"):
                await session.flush()
            assert sent.statements == []


async def test_a_new_object_is_refused_at_the_flush(shop_db: Any, tenants: Any) -> None:
    """The tenant was set after `add`."""
    async with shop_db.session(tenants[0]) as session:
        tag = Tag(name="x")
        session.add(tag)
        tag.organization_id = tenants[1]
        with pytest.raises(TenantMismatch, match=r"Tag \(new\) belongs to"):
            await session.commit()


@pytest.mark.parametrize("load", [True, False])
async def test_merging_a_foreign_object_is_refused(shop_db: Any, tenants: Any, load: bool) -> None:
    """With load=False it would go straight into the identity map, and be read from there."""
    project = await foreign_project(shop_db, tenants[1])
    async with shop_db.session(tenants[0]) as session:
        with pytest.raises(TenantMismatch):
            await session.merge(project, load=load)
        assert list(session.identity_map.values()) == []


@pytest.mark.parametrize("load", [True, False])
async def test_merging_an_object_with_foreign_relatives_is_refused(shop_db: Any, tenants: Any, load: bool) -> None:
    """The merge cascades, and so does the refusal."""
    project = await foreign_project(shop_db, tenants[1])
    async with shop_db.session(tenants[0]) as session:
        task = Task(id=uuid4(), title="x", organization_id=tenants[0], project=project)
        if not load:
            make_transient_to_detached(task)
        with pytest.raises(TenantMismatch):
            await session.merge(task, load=load)


async def test_attaching_a_detached_foreign_object_is_refused(shop_db: Any, tenants: Any) -> None:
    """By `add`, by cascade of a relationship, and as a delete."""
    project = await foreign_project(shop_db, tenants[1])
    async with shop_db.session(tenants[0]) as session:
        with pytest.raises(TenantMismatch):
            session.add(project)
        with pytest.raises(TenantMismatch):
            session.add(Task(title="x", project=project))
        with pytest.raises(TenantMismatch):
            await session.delete(project)


async def test_an_object_of_a_living_session_stays_there(shop_db: Any, tenants: Any) -> None:
    """SQLAlchemy's own rule: an object has one session."""
    async with shop_db.session(tenants[1]) as theirs, shop_db.session(tenants[0]) as ours:
        project = (await theirs.scalars(select(Project))).one()
        with pytest.raises((TenantMismatch, InvalidRequestError)):
            ours.add(project)


async def test_a_detached_object_without_its_tenant_is_refused(shop_db: Any, tenants: Any) -> None:
    """Only the key is known and no session has loaded it, so nobody can tell whose it is."""
    project = await foreign_project(shop_db, tenants[1])
    known = Project(id=project.id)
    make_transient_to_detached(known)
    async with shop_db.session(tenants[0]) as session:
        with pytest.raises(TenantMismatch, match=f"Project {project.id} comes from no tenant's session"):
            session.add(known)
        assert known not in session


@pytest.mark.parametrize(
    "statement",
    [
        lambda id_, to: insert(Tag).values(name="x", organization_id=to),
        lambda id_, to: insert(Tag.__table__).values(name="x", organization_id=to),
        lambda id_, to: update(Project).values(organization_id=to),
        lambda id_, to: update(Project.__table__).values(organization_id=to),
    ],
)
async def test_what_python_does_not_see_the_database_refuses(shop_db: Any, tenants: Any, statement: Any) -> None:
    """A statement that writes another tenant is a `TenantViolation` with the table and the tenant."""
    async with shop_db.session(tenants[0]) as session:
        with pytest.raises(TenantViolation, match=rf"(tag|project) that does not belong to tenant {tenants[0]}"):
            await session.execute(statement(uuid4(), tenants[1]))
    assert await count(shop_db, tenants[1], Project) == 1


async def test_an_upsert_never_touches_the_other_row(shop_db: Any, tenants: Any) -> None:
    """A conflict with another tenant's key is refused, or does nothing."""
    foreign = await foreign_project(shop_db, tenants[1])
    taken = upsert(Project).values(id=foreign.id, name="mine")
    async with shop_db.session(tenants[0]) as session:
        with pytest.raises(TenantViolation):
            await session.execute(taken.on_conflict_do_update(index_elements=["id"], set_={"name": "mine"}))
        await session.rollback()
        await session.execute(taken.on_conflict_do_nothing())
        await session.commit()
    assert await count(shop_db, tenants[1], Project, name="foreign") == 1
    assert await count(shop_db, tenants[0], Project, name="mine") == 0


async def test_identity_maps_do_not_mix(shop_db: Any, tenants: Any) -> None:
    """Another tenant's key is not found, also when that row was read a moment ago."""
    async with shop_db.begin(tenants[1]) as theirs:
        key = (await theirs.scalars(select(Project.id))).one()
        assert await theirs.get(Project, key) is not None
        async with shop_db.begin(tenants[0]) as ours:
            assert await ours.get(Project, key) is None
            assert await ours.get(Document, key) is None
