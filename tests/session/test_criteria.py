"""Every ORM statement says the tenant itself, beside the policy; and says it with the right one."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, event, exists, func, insert, literal, select, text, union, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import (
    LoaderCriteriaOption,
    aliased,
    defer,
    immediateload,
    joinedload,
    raiseload,
    selectin_polymorphic,
    selectinload,
    subqueryload,
    with_polymorphic,
)

from tenancy import InvalidTenant
from tenancy.session.criteria import ScopeCriteria

from ..schema.models import (
    AgentRun,
    AgentStep,
    Channel,
    CreditEntry,
    Document,
    Draft,
    EmailChannel,
    Organization,
    Project,
    Report,
    Setting,
    Tag,
    Task,
    task_tag,
)
from .capture import Captured, captured

other = aliased(Task)
READS = {
    "select": select(Project),
    "columns": select(Project.name),
    "count": select(func.count()).select_from(Project),
    "join": select(Task).join(Task.project),
    "outer join": select(Task).outerjoin(Task.project),
    "join without relationship": select(Task).join(Project, Project.id == Task.project_id),
    "alias": select(other),
    "join of an alias": select(Task).join(Task.parent.of_type(other)),
    "many to many": select(Task).join(Task.tags),
    "subquery": select(select(Project.id).subquery()),
    "entity of a subquery": select(aliased(Project, select(Project).subquery())),
    "common table expression": select(select(Project).cte().c.id),
    "lateral": select(Project.id, select(Task.id).where(Task.project_id == Project.id).lateral().c.id),
    "scalar subquery": select(Task.id, select(func.count(Tag.id)).scalar_subquery()),
    "scalar subquery alone": select(select(func.count(Tag.id)).scalar_subquery()),
    "in": select(Task).where(Task.project_id.in_(select(Project.id))),
    "exists": select(exists().where(Task.title == "t")),
    "any": select(Project).where(Project.tasks.any(Task.title == "t")),
    "has": select(Task).where(Task.project.has(name="p")),
    "union": union(select(Project.id), select(Task.id)),
    "entities of a union": select(Project).from_statement(union(select(Project), select(Project))),
    "joined eager load": select(Task).options(joinedload(Task.project), joinedload(Task.tags)),
    "eager load by select in": select(Project).options(selectinload(Project.tasks).selectinload(Task.tags)),
    "eager load by subquery": select(Project).options(subqueryload(Project.tasks)),
    "immediate load": select(Task).options(immediateload(Task.project)),
    "joined-table inheritance": select(Report),
    "columns of a subclass": select(Report.summary),
    "polymorphic": select(with_polymorphic(Document, [Report])),
    "polymorphic by select in": select(Document).options(selectin_polymorphic(Document, [Report])),
    "single-table inheritance": select(EmailChannel),
    "tenant root": select(Organization),
    "for update": select(Project).with_for_update(),
}
CHANGES = {
    "update": update(Project).values(name="q"),
    "delete": delete(Tag).where(Tag.name == "nobody's"),
    "update from": update(Task).where(Task.project_id == Project.id).values(title=Project.name),
    "update of a subclass in one table": update(EmailChannel).values(address="x"),
    "update by a subclass": update(Task).where(Task.title.in_(select(Report.summary))).values(title="x"),
    "update of a Core table": update(Project.__table__).values(name="q"),
    "delete from a Core table": delete(task_tag),
    "insert from select": insert(Tag).from_select(["id", "name"], select(func.gen_random_uuid(), Project.name)),
}


#: A table of tenants where a statement reads it, and the alias under which it does.
READ = re.compile(r"(?:FROM|JOIN|,|\() ?(project|task|tag|document|channel|draft)\b(?! ?[.(])(?: AS (\w+))?")


def assert_tenant_said(sent: Captured, tenant: UUID) -> None:
    """Each table of a tenant that a statement reads is compared with the tenant, which is the only one named."""
    assert sent.statements
    for statement in sent.statements:
        sql = " ".join(statement.sql.split())
        # SQLAlchemy adds criteria to the table that is changed, not to those of UPDATE … FROM: the policy holds them.
        reading = sql.partition(" WHERE ")[2] if sql.startswith("UPDATE") else sql.removeprefix("INSERT INTO tag (")
        for table, alias in READ.findall(reading):
            assert f"{alias or table}.organization_id = $" in sql, statement
        rows = statement.parameters if isinstance(statement.parameters, list) else [statement.parameters]
        assert all(tenant in row for row in rows), statement
        # Once, however many loaders have handed the statement on; an INSERT fills its tenant besides.
        assert all(list(row).count(tenant) == 1 + statement.sql.startswith("INSERT") for row in rows), statement


@pytest.fixture
async def session(shop_db: Any, tenants: tuple[UUID, UUID]) -> Any:
    async with shop_db.session(tenants[0]) as opened:
        opened.add_all([Report(title="r", summary="s"), Document(title="d"), EmailChannel(name="e"), Draft(title="d")])
        await opened.commit()
        yield opened


@pytest.mark.parametrize("kind", READS)
async def test_a_read_says_the_tenant(shop_db: Any, session: AsyncSession, tenants: Any, kind: str) -> None:
    """Whatever its form, a SELECT of mapped classes carries the session's tenant as one parameter."""
    with captured(shop_db.engine) as sent:
        (await session.execute(READS[kind])).unique().all()
        assert_tenant_said(sent, tenants[0])


@pytest.mark.parametrize("mode", ["auto", "evaluate", "fetch", False])
@pytest.mark.parametrize("kind", CHANGES)
async def test_a_change_says_the_tenant(
    shop_db: Any, session: AsyncSession, tenants: Any, kind: str, mode: str | bool
) -> None:
    """An UPDATE or DELETE carries the tenant, however the session is synchronized."""
    if kind in ("update by a subclass", "update from") and mode == "evaluate":
        pytest.skip("SQLAlchemy cannot evaluate another table's rows in Python")
    with captured(shop_db.engine) as sent:
        await session.execute(CHANGES[kind], execution_options={"synchronize_session": mode})
        assert_tenant_said(sent, tenants[0])


async def test_changes_by_primary_key_say_the_tenant(shop_db: Any, session: AsyncSession, tenants: Any) -> None:
    """What a flush, a bulk update and a delete of an object write is addressed by key and by tenant."""
    project = (await session.scalars(select(Project))).one()
    report = (await session.scalars(select(Report))).one()
    with captured(shop_db.engine) as sent:
        project.name, report.title = "q", "q"
        await session.flush()
        await session.execute(update(Project), [{"id": project.id, "name": "r"}])
        await session.execute(update(Project), [{"id": project.id, "name": "r"}, {"id": uuid4(), "name": "r"}])
        await session.execute(update(Document), [{"id": report.id, "title": "r"}])
        await session.run_sync(lambda sync: sync.bulk_update_mappings(Project, [{"id": project.id, "name": "s"}]))
        await session.delete(project)
        await session.flush()
        assert len(sent.on("project")) >= 4
        assert_tenant_said(sent, tenants[0])


LEGACY: dict[str, Any] = {
    "bulk_update_mappings": lambda sync, project: sync.bulk_update_mappings(Project, [{"id": project.id, "name": "s"}]),
    "bulk_save_objects": lambda sync, project: sync.bulk_save_objects([project]),
}


@pytest.mark.parametrize("kind", LEGACY)
async def test_older_ways_to_change_in_bulk_say_the_tenant(shop_db: Any, tenants: Any, kind: str) -> None:
    """Also as the first that a session does."""
    async with shop_db.begin(tenants[0]) as session:
        project = (await session.scalars(select(Project))).one()
    project.name = "s"
    with captured(shop_db.engine) as sent:
        async with shop_db.begin(tenants[0]) as session:
            await session.run_sync(LEGACY[kind], project)
        assert len(sent.on("project")) == 1
        assert_tenant_said(sent, tenants[0])


async def test_a_bulk_update_of_both_tables_of_a_subclass_says_the_tenant_where_it_is(
    shop_db: Any, session: AsyncSession, tenants: Any
) -> None:
    """The base table has the tenant column; the subclass's own table is reached by its key, and held by its policy."""
    report = (await session.scalars(select(Report))).one()
    with captured(shop_db.engine) as sent:
        await session.execute(update(Report), [{"id": report.id, "title": "r", "summary": "r"}])
        base, own = sent.statements
    assert base.sql.startswith("UPDATE document")
    assert tenants[0] in base.parameters
    assert own.sql.startswith("UPDATE report")


async def test_loads_of_a_known_object_say_the_tenant(shop_db: Any, session: AsyncSession, tenants: Any) -> None:
    """`get`, with and without populate_existing, refresh, and the load of expired and deferred attributes."""
    report = (await session.scalars(select(Report))).one()
    project = (await session.scalars(select(Project).options(defer(Project.name)))).one()
    with captured(shop_db.engine) as sent:
        await session.run_sync(lambda _: project.name)
        await session.refresh(project)
        await session.refresh(project, ["tasks"])
        await session.refresh(project, with_for_update=True)
        await session.refresh(report)
        session.expire(project)
        await session.run_sync(lambda _: project.name)
        await session.get(Project, project.id, populate_existing=True)
        session.expunge_all()
        await session.get(Project, project.id)
        await session.get(Report, report.id)
        assert_tenant_said(sent, tenants[0])


async def test_lazy_loads_say_the_tenant(shop_db: Any, session: AsyncSession, tenants: Any) -> None:
    """One to many, many to one, many to many and self-referential."""
    task = (await session.scalars(select(Task).where(Task.title == "child"))).one()
    with captured(shop_db.engine) as sent:
        tags = await session.run_sync(lambda _: task.tags)
        project = await session.run_sync(lambda _: task.project)
        parent = await session.run_sync(lambda _: task.parent)
        children = await session.run_sync(lambda _: parent.children)
        tasks = await session.run_sync(lambda _: project.tasks)
        assert len(sent.statements) == 5
    assert (len(tags), len(children), len(tasks)) == (1, 1, 2)
    for statement in sent.statements:
        assert tenants[0] in statement.parameters


async def test_a_stream_says_the_tenant(shop_db: Any, session: AsyncSession, tenants: Any) -> None:
    """A server-side cursor reads the tenant's rows only, and says so."""
    with captured(shop_db.engine) as sent:
        async with shop_db.begin(tenants[0]) as streaming:
            in_parts = select(Task).order_by(Task.title).options(selectinload(Task.tags)).execution_options(yield_per=1)
            found = [task.title async for task in await streaming.stream_scalars(in_parts)]
        assert_tenant_said(sent, tenants[0])
    assert found == ["child", "t"]


async def test_what_cannot_say_the_tenant_is_held_by_the_policy(
    shop_db: Any, session: AsyncSession, tenants: Any
) -> None:
    """Raw SQL, Core selects and tables without a tenant column of their own rely on row-level security alone."""
    session.add(AgentRun(name="run", steps=[AgentStep(title="s")]))
    await session.commit()
    async with shop_db.begin(tenants[1]) as other_session:
        other_session.add(AgentRun(name="run", steps=[AgentStep(title="s")]))

    assert len((await session.scalars(select(AgentStep))).all()) == 1
    assert len((await session.execute(select(Project.__table__))).all()) == 1
    assert await session.scalar(text("SELECT count(*) FROM project")) == 1
    assert len((await session.scalars(select(Project).from_statement(text("SELECT * FROM project")))).all()) == 1


async def test_a_scope_with_alternatives_is_said_as_one(shop_db: Any, tenants: Any) -> None:
    """`tenant | (is_null & user)`: with both ids the statement names both, with one only that one."""
    user = uuid4()
    async with shop_db.session(tenants[0], user=user) as both:
        both.add_all([CreditEntry(org_id=tenants[0], amount=1), CreditEntry(org_id=None, owner_id=user, amount=2)])
        await both.commit()
        with captured(shop_db.engine) as sent:
            assert len((await both.scalars(select(CreditEntry))).all()) == 2
            assert sent.statements[0].parameters == (tenants[0], user)
    async with shop_db.session(tenants[0]) as tenant_only:
        assert [entry.amount for entry in await tenant_only.scalars(select(CreditEntry))] == [1]
    async with shop_db.session(user=user) as user_only:
        user_only.add(Setting(value="dark"))
        assert [entry.amount for entry in await user_only.scalars(select(CreditEntry))] == [2]
        assert [setting.user_id for setting in await user_only.scalars(select(Setting))] == [user]
    async with shop_db.session(tenants[1], user=uuid4()) as stranger:
        assert (await stranger.scalars(select(CreditEntry))).all() == []


async def test_soft_deleted_rows_vanish_from_orm_statements(shop_db: Any, session: AsyncSession) -> None:
    """They stay for `include_deleted=True`, and an object at hand can still be refreshed."""
    draft = (await session.scalars(select(Draft))).one()
    draft.deleted_at = func.now()
    await session.flush()

    assert (await session.scalars(select(Draft))).all() == []
    assert (await session.scalars(select(Draft).execution_options(include_deleted=True))).all() == [draft]
    await session.refresh(draft)
    assert draft.deleted_at is not None


async def test_two_tenants_share_one_compiled_statement(shop_db: Any, tenants: Any) -> None:
    """The second tenant's statement is found in SQLAlchemy's cache, and brings the second tenant's rows."""

    def statements() -> list[Any]:
        return [
            select(Project),
            select(Task).options(selectinload(Task.tags), joinedload(Task.project)),
            select(Project).options(subqueryload(Project.tasks)),
            select(select(Project.organization_id).subquery()),
            union(select(Project.organization_id), select(Task.organization_id)),
            select(exists().where(Task.title == "t")),
        ]

    hits: list[tuple[str, str]] = []
    owners: list[set[UUID]] = []

    def note(_: Any, __: Any, sql: str, ___: Any, context: Any, *____: Any) -> None:
        hits.append((sql, context.cache_hit.name))

    event.listen(shop_db.engine.sync_engine, "before_cursor_execute", note)
    try:
        for tenant in (*tenants, *tenants):
            hits.clear()
            async with shop_db.begin(tenant) as session:
                for statement in statements():
                    for row in (await session.execute(statement)).unique():
                        value = getattr(row[0], "organization_id", row[0])
                        owners.append({value} if isinstance(value, UUID) else set())
                        for related in (*getattr(row[0], "tags", ()), getattr(row[0], "project", row[0])):
                            owners[-1].add(getattr(related, "organization_id", tenant))
            assert {owner for one in owners for owner in one} == {tenant}
            owners.clear()
            if tenant == tenants[0]:
                first = [sql for sql, _ in hits]
            else:
                assert [sql for sql, _ in hits] == first
                assert {state for _, state in hits} == {"CACHE_HIT"}
    finally:
        event.remove(shop_db.engine.sync_engine, "before_cursor_execute", note)


async def test_loaded_objects_do_not_carry_the_predicate_on(shop_db: Any, tenants: Any) -> None:
    """An option that propagates would travel with an object into another session; ours stays with the statement."""
    async with shop_db.begin(tenants[0]) as session:
        task = (await session.scalars(select(Task).options(raiseload(Task.tags)))).first()
        kept = task._sa_instance_state.load_options
        assert not any(isinstance(option, ScopeCriteria) for option in kept)


@pytest.mark.parametrize("statement", [select(Project), select(CreditEntry), select(Report), update(Project.__table__)])
async def test_a_tenant_of_the_wrong_type_is_named(shop_db: Any, statement: Any) -> None:
    """A text where tenants are UUIDs is an error that names both types, before anything is sent."""
    if statement.is_update:
        statement = statement.values(name="x")
    with captured(shop_db.engine) as sent:
        with pytest.raises(InvalidTenant, match=r"tenant 'acme' is a str.* of type uuid: open the session with a UUID"):
            async with shop_db.begin("acme") as session:
                await session.execute(statement)
        assert sent.statements == []


async def test_a_user_of_the_wrong_type_is_named(shop_db: Any, tenants: Any) -> None:
    """As for tenants."""
    with pytest.raises(InvalidTenant, match=r"user 7 is a int.* of type uuid: open the session with a UUID"):
        async with shop_db.begin(tenants[0], user=7) as session:
            await session.execute(select(Setting))


def test_the_seam_in_sqlalchemy_is_there() -> None:
    """`ScopeCriteria` overrides these members of `LoaderCriteriaOption`; another SQLAlchemy may call them otherwise."""
    for name in ("_all_mappers", "_resolve_where_criteria", "get_global_criteria", "_should_include"):
        assert callable(getattr(LoaderCriteriaOption, name))
    assert {name for name, _ in LoaderCriteriaOption._traverse_internals} >= {"where_criteria", "propagate_to_loaders"}
    assert issubclass(ScopeCriteria, LoaderCriteriaOption)


async def test_a_statement_without_tables_is_left_alone(shop_db: Any, session: AsyncSession) -> None:
    """`SELECT 1` belongs to nobody."""
    with captured(shop_db.engine) as sent:
        assert await session.scalar(select(literal(1))) == 1
        assert len(sent.statements) == 1
    assert (await session.scalars(select(Channel))).all() != []
