"""Relationships over tenant foreign keys write the reference, never the tenant, and without SQLAlchemy's warnings."""

from __future__ import annotations

import warnings
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, inspect, select
from sqlalchemy.orm import DeclarativeBase, Mapped, RelationshipProperty, configure_mappers, mapped_column, relationship

import tenancy
from tenancy import TenantForeignKey, TenantScoped

from .models import AgentRun, AgentStep, Link, Project, Tag, Task, task_tag


@pytest.fixture
async def session(shop_db: Any):
    async with shop_db.session(uuid4()) as opened:
        yield opened


def joined(attribute: Any) -> str:
    return str(attribute.property.primaryjoin)


def test_no_warnings() -> None:
    """Two keys to one parent, a self-reference and a many-to-many: no word about overlapping columns."""

    class Base(DeclarativeBase):
        metadata = tenancy.metadata()
        id: Mapped[int] = mapped_column(primary_key=True)

    class Parent(TenantScoped, Base):
        __tablename__ = "parent"
        parent_id: Mapped[int | None] = mapped_column(TenantForeignKey("parent.id"))
        parent: Mapped[Any] = relationship("Parent", back_populates="children", remote_side="Parent.id")
        children: Mapped[list[Any]] = relationship("Parent", back_populates="parent")
        childs: Mapped[list[Any]] = relationship("Child", back_populates="first", foreign_keys="Child.first_id")

    class Child(TenantScoped, Base):
        __tablename__ = "child"
        first_id: Mapped[int] = mapped_column(TenantForeignKey("parent.id"))
        second_id: Mapped[int] = mapped_column(TenantForeignKey("parent.id"))
        first: Mapped[Any] = relationship("Parent", back_populates="childs", foreign_keys="Child.first_id")
        second: Mapped[Any] = relationship("Parent", foreign_keys=[second_id])

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        configure_mappers()
    assert joined(Child.first) == "child.first_id = parent.id"
    assert joined(Child.second) == "child.second_id = parent.id"
    assert joined(Parent.parent) == "parent.parent_id = parent.id"


def test_the_join_leaves_the_tenant_out_where_the_key_is_enough() -> None:
    """The parent's primary key finds it, also in the identity map; the session adds the tenant to the statement."""
    assert joined(Task.project) == "task.project_id = project.id"
    assert joined(Project.tasks) == "task.project_id = project.id"
    assert joined(Link.target) == "link.target_id = project.id"
    assert joined(AgentStep.run) == "agent_run.id = agent_step.agent_run_id"


def test_a_reference_to_another_column_keeps_the_tenant_in_the_join() -> None:
    """A number that is unique within the tenant only finds the row with it; the tenant is compared, not written."""

    class Base(DeclarativeBase):
        metadata = tenancy.metadata()
        id: Mapped[int] = mapped_column(primary_key=True)

    class Parent(TenantScoped, Base):
        __tablename__ = "parent"
        number: Mapped[int]

    class Child(TenantScoped, Base):
        __tablename__ = "child"
        number: Mapped[int] = mapped_column(TenantForeignKey("parent.number"))
        parent: Mapped[Any] = relationship("Parent")

    configure_mappers()
    assert joined(Child.parent) == "child.number = parent.number AND child.organization_id = parent.organization_id"
    assert {column.name for column in Child.parent.property.local_columns} == {"number", "organization_id"}
    assert [pair[1].name for pair in Child.parent.property.synchronize_pairs] == ["number"]


def test_what_the_author_wrote_is_kept() -> None:
    """A primaryjoin or a secondary of one's own is not touched, nor is a metadata of SQLAlchemy's own."""

    class Base(DeclarativeBase):
        metadata = tenancy.metadata()
        id: Mapped[int] = mapped_column(primary_key=True)

    class Parent(TenantScoped, Base):
        __tablename__ = "parent"

    class Child(TenantScoped, Base):
        __tablename__ = "child"
        parent_id: Mapped[int] = mapped_column(TenantForeignKey("parent.id"))
        mine: Mapped[Any] = relationship(
            "Parent",
            primaryjoin="and_(foreign(Child.parent_id) == Parent.id, Parent.id > 7)",
            viewonly=True,
        )

    configure_mappers()
    assert "parent.id > " in joined(Child.mine)
    assert Task.tags.property.secondary is task_tag


async def test_setting_none_empties_the_reference_only(session: Any) -> None:
    """`task.project = None` leaves the tenant where it is."""
    project = Project(name="p")
    task = Task(title="t", project=project)
    session.add(task)
    await session.flush()
    tenant = task.organization_id
    task.project = None
    await session.flush()
    await session.refresh(task)
    assert (task.project_id, task.organization_id) == (None, tenant)


async def test_removing_from_a_collection_empties_the_reference_only(session: Any) -> None:
    """The other direction, and of the self-reference."""
    child = Task(title="c")
    project = Project(name="p", tasks=[Task(title="t", children=[child])])
    session.add(project)
    await session.flush()
    (task,) = project.tasks
    tenant = task.organization_id
    project.tasks.remove(task)
    task.children.remove(child)
    await session.flush()
    for one, column in ((task, "project_id"), (child, "parent_id")):
        await session.refresh(one)
        assert (getattr(one, column), one.organization_id) == (None, tenant)


async def test_two_references_to_one_parent_are_two(session: Any) -> None:
    """Each writes its own column."""
    first, second = Project(name="1"), Project(name="2")
    link = Link(source=first, target=second)
    session.add(link)
    await session.flush()
    assert (link.source_id, link.target_id) == (first.id, second.id)
    link.source = second
    await session.flush()
    assert (link.source_id, link.target_id) == (second.id, second.id)


async def test_a_lazy_load_of_a_parent_at_hand_asks_nobody(shop_db: Any, session: Any) -> None:
    """Many to one by the primary key is found in the identity map: no statement."""
    session.add(Task(title="t", project=Project(name="p")))
    await session.commit()
    project = (await session.scalars(select(Project))).one()
    task = (await session.scalars(select(Task))).one()
    session.sync_session.expire(task, ["project"])
    assert "project" not in inspect(task).dict
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(shop_db.engine.sync_engine, "before_cursor_execute", note)
    try:
        assert await session.run_sync(lambda _: task.project) is project
    finally:
        event.remove(shop_db.engine.sync_engine, "before_cursor_execute", note)
    assert sent == []


async def test_many_to_many(session: Any) -> None:
    """Rows of the secondary table come and go with the collection, and have the tenant."""
    task = Task(title="t", tags=[Tag(name="a"), Tag(name="b")])
    session.add(task)
    await session.flush()
    rows = (await session.execute(select(task_tag))).all()
    assert {row.organization_id for row in rows} == {task.organization_id}
    assert len(rows) == 2
    task.tags.pop()
    await session.flush()
    assert len((await session.execute(select(task_tag))).all()) == 1


async def test_children_of_a_parent_scope(session: Any) -> None:
    """Children without a tenant of their own are written with their parent, and read where it is seen."""
    session.add(AgentRun(name="r", steps=[AgentStep(title="a"), AgentStep(title="b")]))
    await session.flush()
    run = (await session.scalars(select(AgentRun))).one()
    assert [step.title for step in await session.run_sync(lambda _: run.steps)] == ["a", "b"]


def test_the_seam_in_sqlalchemy_is_there() -> None:
    """The members that `tenancy.schema.relationships` touches; another SQLAlchemy may call them otherwise."""
    relationship_ = Task.project.property
    assert isinstance(relationship_, RelationshipProperty)
    for name in ("primaryjoin", "secondary", "foreign_keys"):
        assert hasattr(getattr(relationship_._init_args, name), "argument")
    assert hasattr(relationship_._init_args.foreign_keys, "_resolve_against_registry")
    assert callable(RelationshipProperty._setup_entity)
    assert len(relationship_._clsregistry_resolvers) == 2
