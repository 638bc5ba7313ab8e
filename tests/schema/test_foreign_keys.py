"""`TenantForeignKey`: the tenant is in the key, so no child reaches another tenant's parent."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Column, ForeignKeyConstraint, Integer, Table, UniqueConstraint, delete, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import AddConstraint

import tenancy
from tenancy import ConfigurationError, Shared, TenantForeignKey, TenantRoot, TenantScoped, scoped, tenant
from tenancy.security.derive import derive

from . import models
from .models import Link, Project, Task, task_tag


def keys(table: Any) -> dict[str, ForeignKeyConstraint]:
    return {key.column_keys[0]: key for key in table.foreign_key_constraints}


def ddl(key: Any) -> str:
    # Isolated, as it is by default, the constraint would be left out when the models' tables are created.
    statement = AddConstraint(key, isolate_from_table=False)
    return " ".join(str(statement.compile(dialect=postgresql.dialect())).split())


def new_base(**options: Any) -> type[Any]:
    class Base(DeclarativeBase):
        metadata = tenancy.metadata(**options)
        id: Mapped[int] = mapped_column(primary_key=True)

    return Base


def test_the_key_is_over_the_column_and_the_tenant() -> None:
    """The column first, so that the constraint is named as without the tenant."""
    assert ddl(keys(Link.__table__)["source_id"]) == (
        "ALTER TABLE link ADD CONSTRAINT fk_link_source_id_project FOREIGN KEY(source_id, organization_id) "
        "REFERENCES project (id, organization_id) ON DELETE CASCADE"
    )


def test_set_null_empties_the_column_alone() -> None:
    """A bare SET NULL would empty the tenant as well, and so make a row that nobody sees."""
    assert ddl(keys(Task.__table__)["project_id"]).endswith("ON DELETE SET NULL (project_id)")


def test_set_null_quotes_its_column() -> None:
    """A column that PostgreSQL would fold to small letters is quoted; SET DEFAULT names its column too."""
    base = new_base()

    class Parent(TenantScoped, base):
        __tablename__ = "parent"

    class Child(TenantScoped, base):
        __tablename__ = "child"
        one: Mapped[int | None] = mapped_column("parentId", TenantForeignKey("parent.id", ondelete="set null"))
        two: Mapped[int | None] = mapped_column(TenantForeignKey("parent.id", ondelete="SET DEFAULT"))

    assert ddl(keys(Child.__table__)["parentId"]).endswith('ON DELETE SET NULL ("parentId")')
    assert ddl(keys(Child.__table__)["two"]).endswith("ON DELETE SET DEFAULT (two)")


def test_the_parent_gets_one_unique_constraint() -> None:
    """However many children refer to it, and none where its primary key is what they need."""
    uniques = [c for c in Project.__table__.constraints if isinstance(c, UniqueConstraint)]
    assert [[column.name for column in unique.columns] for unique in uniques] == [["organization_id", "id"]]

    metadata = tenancy.metadata()
    parent = Table(
        "parent",
        metadata,
        Column("organization_id", Integer, primary_key=True),
        Column("id", Integer, primary_key=True),
        info=scoped(tenant()),
    )
    Table(
        "child",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("organization_id", Integer),
        Column("parent_id", Integer, TenantForeignKey("parent.id")),
        info=scoped(tenant()),
    )
    assert not [c for c in parent.constraints if isinstance(c, UniqueConstraint)]


def test_the_parent_may_be_declared_later() -> None:
    """In any order, in one PostgreSQL schema, by classes and Core tables alike."""
    base = new_base(schema="app")

    class Child(TenantScoped, base):
        __tablename__ = "child"
        parent_id: Mapped[int] = mapped_column(TenantForeignKey("parent.id"))
        named_id: Mapped[int] = mapped_column(TenantForeignKey("app.parent.id", name="my_key", deferrable=True))

    assert not Child.__table__.foreign_key_constraints
    with pytest.raises(ConfigurationError, match=r"child\.parent_id refers to app\.parent\.id, but no tenant-scoped"):
        derive(base.metadata)

    class Parent(TenantScoped, base):
        __tablename__ = "parent"

    assert set(keys(Child.__table__)) == {"parent_id", "named_id"}
    assert "my_key" in ddl(keys(Child.__table__)["named_id"])
    assert "DEFERRABLE" in ddl(keys(Child.__table__)["named_id"])
    derive(base.metadata)


def test_a_key_on_a_mixin_is_every_classs_own() -> None:
    """SQLAlchemy copies a mixin's columns; the key goes along."""
    base = new_base()

    class Parent(TenantScoped, base):
        __tablename__ = "parent"

    class HasParent(TenantScoped):
        parent_id: Mapped[int] = mapped_column(TenantForeignKey("parent.id"))

    class One(HasParent, base):
        __tablename__ = "one"

    class Two(HasParent, base):
        __tablename__ = "two"

    assert len(One.__table__.foreign_key_constraints) == len(Two.__table__.foreign_key_constraints) == 1


def test_a_key_to_the_root_is_over_the_tenant_itself() -> None:
    """The organization's key is the tenant: one column says it all."""
    base = new_base(tenant_type=Integer)

    class Organization(TenantRoot, base):
        __tablename__ = "organization"

    class Note(TenantScoped, base):
        __tablename__ = "note"
        organization_id: Mapped[int] = mapped_column(TenantForeignKey("organization.id"))

    assert ddl(keys(Note.__table__)["organization_id"]).endswith(
        "FOREIGN KEY(organization_id) REFERENCES organization (id)"
    )


@pytest.mark.parametrize("column", ["id", ".id", ""])
def test_a_reference_without_a_table_is_an_error(column: str) -> None:
    """Said where it is written."""
    with pytest.raises(ConfigurationError, match=r"names no column: write table\.column"):
        TenantForeignKey(column)


def test_a_parent_without_a_tenant_is_an_error() -> None:
    """A shared table has no tenant to refer to: use a plain key."""
    base = new_base()

    class Child(TenantScoped, base):
        __tablename__ = "child"
        country_id: Mapped[int] = mapped_column(TenantForeignKey("country.id"))

    with pytest.raises(ConfigurationError, match=r"country has no tenant column\. Use a plain ForeignKey"):

        class Country(Shared, base):
            __tablename__ = "country"


def test_a_column_that_is_not_there_is_an_error() -> None:
    """With those that are."""
    base = new_base()

    class Parent(TenantScoped, base):
        __tablename__ = "parent"

    with pytest.raises(
        ConfigurationError, match=r"parent\.key, which does not exist\. parent has: organization_id, id"
    ):

        class Child(TenantScoped, base):
            __tablename__ = "child"
            parent_id: Mapped[int] = mapped_column(TenantForeignKey("parent.key"))


async def project_of(db: Any, tenant_id: UUID) -> UUID:
    async with db.begin(tenant_id) as session:
        project = Project(name="p")
        session.add(project)
        await session.flush()
        return project.id


async def test_no_child_of_another_tenants_parent(shop_db: Any) -> None:
    """Neither inserted nor moved there, although the parent exists."""
    ours, theirs = uuid4(), uuid4()
    own, foreign = await project_of(shop_db, ours), await project_of(shop_db, theirs)
    async with shop_db.begin(ours) as session:
        session.add(Task(title="t", project_id=own))
    for statement in (
        insert(Task).values(title="x", project_id=foreign),
        update(Task).values(project_id=foreign),
        insert(task_tag).values(task_id=uuid4(), tag_id=uuid4()),
        insert(Link).values(source_id=own, target_id=foreign),
    ):
        async with shop_db.session(ours) as session:
            with pytest.raises(IntegrityError) as caught:
                await session.execute(statement)
            assert caught.value.orig.sqlstate == "23503"


async def test_deleting_a_parent(shop_db: Any) -> None:
    """SET NULL keeps the child and its tenant; CASCADE takes it along."""
    ours = uuid4()
    project = await project_of(shop_db, ours)
    async with shop_db.begin(ours) as session:
        session.add(Task(title="t", project_id=project))
        session.add(Link(source_id=project, target_id=project))
    async with shop_db.begin(ours) as session:
        await session.execute(delete(Project).where(Project.id == project))
    async with shop_db.begin(ours) as session:
        task = (await session.scalars(select(Task))).one()
        assert (task.project_id, task.organization_id) == (None, ours)
        assert (await session.scalars(select(Link))).all() == []


async def test_another_tenants_delete_changes_nothing(shop_db: Any) -> None:
    """Cascades pass row-level security by; the key keeps them inside the tenant."""
    ours, theirs = uuid4(), uuid4()
    project = await project_of(shop_db, ours)
    async with shop_db.begin(ours) as session:
        session.add(Task(title="t", project_id=project))
    async with shop_db.begin(theirs) as session:
        assert (await session.execute(delete(Project).where(Project.id == project))).rowcount == 0
    async with shop_db.begin(ours) as session:
        assert (await session.scalars(select(Task))).one().project_id == project


def test_every_reference_between_tenant_tables_of_the_models_carries_the_tenant() -> None:
    """A plain key would be a hole; those that are left go to tables without a tenant column of their own."""
    for table in models.Base.metadata.tables.values():
        for key in table.foreign_key_constraints:
            if "organization_id" in table.c and key.referred_table.name != "organization":
                assert "organization_id" in key.column_keys
