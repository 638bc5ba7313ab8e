"""A change of the models becomes a revision: up to what the models ask for now, and down to what was there."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, Connection, ForeignKey, MetaData, Table, Text, Uuid, text

import tenancy
from tenancy import Access, ConfigurationError, Settings, UnclassifiedTable
from tenancy.schema import Scope, TenantForeignKey, parent, scoped, tenant
from tenancy.security.apply import push
from tenancy.security.roles import Roles
from tenancy.security.soundness import CROSSES_TENANTS

from ..conftest import MakeDatabase, TestDatabase
from .revision import Revision, autogenerate, run
from .snapshot import differences, snapshot


@pytest.fixture(scope="module")
def database(make_database: MakeDatabase) -> TestDatabase:
    return make_database("changes", extensions=())


def migrated(connection: Connection, before: MetaData, after: MetaData, settings: Settings | None = None) -> Revision:
    """The revision from one metadata to the other, which was run up and down, each way with the right result."""
    settings = settings or Settings()
    push(connection, [before], Roles())
    start = snapshot(connection)

    revision = autogenerate(connection, after, settings=settings)
    run(connection, revision.upgrade)
    assert not autogenerate(connection, after, settings=settings)
    end = snapshot(connection)
    run(connection, revision.downgrade)
    assert differences(start, snapshot(connection)) == []
    run(connection, revision.upgrade)
    assert differences(end, snapshot(connection)) == []
    return revision


def declare(*tables: tuple[Any, ...], tenant_type: Any = Uuid) -> MetaData:
    """Tables as (name, scope, access, *columns), beside the organizations."""
    metadata = tenancy.metadata(tenant_type=tenant_type)
    Table("organization", metadata, Column("id", tenant_type, primary_key=True), info=scoped(tenant("id")))
    for name, scope, access, *columns in tables:
        Table(name, metadata, Column("id", Uuid, primary_key=True), *columns, info=scoped(scope, access))
    return metadata


def project(*columns: Any, scope: Scope | None = None, access: Access = Access.READ_WRITE) -> tuple[Any, ...]:
    return ("project", scope or tenant(), access, of_tenant(), *columns)


def of_tenant(type_: Any = Uuid) -> Column[Any]:
    return Column("organization_id", type_, nullable=False, index=True)


def test_fewer_commands(owner: Connection) -> None:
    """READ_WRITE becomes APPEND_ONLY: the grants and policies of UPDATE and DELETE go; the revision is plain data."""
    revision = migrated(owner, declare(project()), declare(project(access=Access.APPEND_ONLY)))

    assert revision.upgrade == (
        "op.revoke(['DELETE', 'UPDATE'], 'project', 'tenancy_app', schema='public')\n"
        "op.drop_policy('project_delete', 'project', schema='public', command='DELETE', permissive=True,\n"
        "               roles=['public'], using='(organization_id = tenancy.current_tenant())')\n"
        "op.drop_policy('project_update', 'project', schema='public', command='UPDATE', permissive=True,\n"
        "               roles=['public'], using='(organization_id = tenancy.current_tenant())',\n"
        "               check='(organization_id = tenancy.current_tenant())')"
    )
    assert revision.downgrade == (
        "op.create_policy('project_update', 'project', schema='public', command='UPDATE', permissive=True,\n"
        "                 roles=['public'], using='(organization_id = tenancy.current_tenant())',\n"
        "                 check='(organization_id = tenancy.current_tenant())')\n"
        "op.create_policy('project_delete', 'project', schema='public', command='DELETE', permissive=True,\n"
        "                 roles=['public'], using='(organization_id = tenancy.current_tenant())')\n"
        "op.grant(['DELETE', 'UPDATE'], 'project', 'tenancy_app', schema='public')"
    )


def task(scope: Scope, *columns: Any) -> tuple[Any, ...]:
    key = ForeignKey("project.id", name="of_project", info={CROSSES_TENANTS: "a test of scopes, not of keys"})
    return ("task", scope, Access.READ_WRITE, Column("project_id", Uuid, key, nullable=False), *columns)


def test_a_tenant_column_gives_way_to_a_parent(owner: Connection) -> None:
    """The policies of the column go before the column does."""
    revision = migrated(
        owner, declare(project(), task(tenant(), of_tenant())), declare(project(), task(parent("project_id")))
    )

    assert "op.drop_column('task', 'organization_id')" in revision.upgrade
    assert "EXISTS" in revision.upgrade
    assert "EXISTS" not in revision.downgrade.partition("op.add_column")[2]


def test_a_parent_gives_way_to_a_tenant_column(owner: Connection) -> None:
    """The other way about."""
    migrated(owner, declare(project(), task(parent("project_id"))), declare(project(), task(tenant(), of_tenant())))


def test_a_parents_scope_is_its_childrens(owner: Connection) -> None:
    """When the parent's column is another, the policies of children and grandchildren change with it."""

    def note() -> tuple[Any, ...]:
        return ("note", parent("task_id"), Access.READ_WRITE, Column("task_id", Uuid, ForeignKey("task.id")))

    other = Column("workspace", Uuid, nullable=False)
    before = declare(project(), task(parent("project_id")), note())
    after = declare(project(other, scope=tenant("workspace")), task(parent("project_id")), note())

    revision = migrated(owner, before, after)

    assert revision.upgrade.count("create_policy") == 3 * 5


def test_other_roles(database: TestDatabase, owner: Connection) -> None:
    """Other names in the settings: the new roles are granted what the old ones lose."""
    owner.execute(text("RESET ROLE"))
    owner.execute(text("CREATE ROLE shop_app; CREATE ROLE shop_system BYPASSRLS; SET LOCAL ROLE tenancy_owner"))
    settings = Settings(application_role="shop_app", system_role="shop_system")

    revision = migrated(owner, declare(project()), declare(project()), settings)

    # Grants of roles that the settings no longer name are extra ones.
    assert "op.revoke(['DELETE', 'INSERT', 'SELECT', 'UPDATE'], 'project', 'tenancy_app'" in revision.upgrade
    assert "op.grant(['DELETE', 'INSERT', 'SELECT', 'UPDATE'], 'project', 'shop_app'" in revision.upgrade


@pytest.mark.parametrize("old,new", [(Text(), sa.String(40)), (sa.Integer(), sa.BigInteger())])
def test_the_type_of_a_tenant_column(owner: Connection, old: Any, new: Any) -> None:
    """PostgreSQL refuses to alter a column that a policy reads: those that do, of children too, are made anew."""

    def models(type_: Any) -> MetaData:
        return declare(
            ("project", tenant(), Access.READ_WRITE, of_tenant(type_)),
            task(parent("project_id")),
            ("other", tenant(), Access.READ_WRITE, of_tenant(old)),
            tenant_type=old,
        )

    revision = migrated(owner, models(old), models(new))

    assert "'other'" not in revision.upgrade
    assert revision.upgrade.count("op.drop_policy") == revision.upgrade.count("op.create_policy") == 10


def test_another_columns_type_leaves_policies_alone(owner: Connection) -> None:
    """Only what is in the way is made anew."""
    before, after = (declare(project(Column("size", type_))) for type_ in (sa.Integer, sa.BigInteger))

    assert "policy" not in migrated(owner, before, after).upgrade


def test_a_new_tenant_table(owner: Connection) -> None:
    """With policies, grants, and the UNIQUE (organization_id, id) of the parent that its key needs, made before it."""
    child = (
        "alpha",
        tenant(),
        Access.READ_WRITE,
        of_tenant(),
        Column("project_id", Uuid, TenantForeignKey("project.id")),
    )
    revision = migrated(owner, declare(project()), declare(project(), child))

    assert revision.upgrade.index("op.create_unique_constraint") < revision.upgrade.index("op.create_table('alpha'")
    assert "op.force_row_security('alpha', schema='public')" in revision.upgrade


def test_a_removed_tenant_table(owner: Connection) -> None:
    """Its downgrade brings back the table with its policies, grants, keys and indexes."""
    child = (
        "alpha",
        tenant(),
        Access.READ_WRITE,
        of_tenant(),
        Column("project_id", Uuid, TenantForeignKey("project.id")),
    )
    revision = migrated(owner, declare(project(), child), declare(project()))

    assert revision.downgrade.count("op.create_policy") == 5


def test_a_key_between_existing_tables(owner: Connection) -> None:
    """FORCE is off while the rows are checked, on both sides, and on again in both directions."""

    def models(*key: Any) -> MetaData:
        column = Column("project_id", Uuid, *key)
        return declare(project(), ("task", tenant(), Access.READ_WRITE, of_tenant(), column))

    revision = migrated(owner, models(), models(TenantForeignKey("project.id", ondelete="SET NULL")))

    lines = [line.strip() for line in revision.upgrade.splitlines() if "force" in line or "foreign_key" in line]
    assert [line.partition("(")[0] for line in lines] == [
        "op.no_force_row_security",
        "op.no_force_row_security",
        "op.create_foreign_key",
        "op.force_row_security",
        "op.force_row_security",
    ]
    assert "ondelete='SET NULL (project_id)'" in revision.upgrade


def test_a_key_is_checked_against_all_rows(owner: Connection) -> None:
    """A row that refers to another tenant's parent stops the revision that would forbid it."""

    def models(*key: Any) -> MetaData:
        column = Column("project_id", Uuid, *key)
        return declare(project(), ("task", tenant(), Access.READ_WRITE, of_tenant(), column))

    push(owner, [models()], Roles())
    owner.execute(text("RESET ROLE"))
    a, b = (f"00000000-0000-0000-0000-00000000000{n}" for n in "ab")
    owner.execute(text(f"INSERT INTO organization VALUES ('{a}'), ('{b}')"))
    owner.execute(text(f"INSERT INTO project (id, organization_id) VALUES ('{a}', '{a}')"))
    owner.execute(text(f"INSERT INTO task (id, organization_id, project_id) VALUES ('{b}', '{b}', '{a}')"))
    owner.execute(text("SET LOCAL ROLE tenancy_owner"))
    revision = autogenerate(owner, models(TenantForeignKey("project.id")))

    with pytest.raises(sa.exc.IntegrityError, match="violates foreign key constraint"):
        run(owner, revision.upgrade)


class Colour(Enum):
    RED = "red"
    GREEN = "green"


def coloured(*values: str) -> Column[Any]:
    return Column("colour", sa.Enum(*values, name="colour"))


def test_a_native_enum(owner: Connection) -> None:
    """Its type is made before the column and dropped after it, in both directions."""
    revision = migrated(owner, declare(project()), declare(project(coloured("red", "it's"))))

    assert revision.upgrade.startswith("op.create_enum('colour', ['red', \"it's\"], schema='public')")
    assert revision.downgrade.endswith("op.drop_enum('colour', ['red', \"it's\"], schema='public')")


def test_a_new_table_with_an_enum_of_an_existing_one(owner: Connection) -> None:
    """The type is there: it is neither made again nor dropped with the table."""
    child = ("alpha", tenant(), Access.READ_WRITE, of_tenant(), coloured("red"))
    before, after = declare(project(coloured("red"))), declare(project(coloured("red")), child)

    assert "enum(" not in migrated(owner, before, after).upgrade


def test_a_new_value_of_an_enum_is_written_by_hand(owner: Connection) -> None:
    """PostgreSQL cannot take a value away again, so the error has the line to write instead of a revision."""
    push(owner, [declare(project(coloured("red")))], Roles())

    with pytest.raises(ConfigurationError) as caught:
        autogenerate(owner, declare(project(coloured("red", "it's"))))

    assert str(caught.value).endswith("\n    op.execute(\"ALTER TYPE public.colour ADD VALUE 'it''s'\")")


def test_an_unclassified_table_has_no_revision(owner: Connection) -> None:
    """Autogenerate refuses it by name instead of making a table without protection."""
    metadata = declare(project())
    Table("forgotten", metadata, Column("id", Uuid, primary_key=True))

    with pytest.raises(UnclassifiedTable, match="forgotten does not say who may see its rows"):
        autogenerate(owner, metadata)


def test_a_tenant_table_without_its_column_has_no_revision(owner: Connection) -> None:
    """The error names the table, the column it lacks and the columns it has."""
    metadata = declare(("task", tenant(), Access.READ_WRITE, Column("title", Text)))

    with pytest.raises(tenancy.InvalidScope, match=r"task .* no column 'organization_id'; it has id, title"):
        autogenerate(owner, metadata)


def test_a_shared_table_gets_a_tenant(owner: Connection) -> None:
    """From everybody's to one tenant's each: RLS, policies and grants come, and go again."""
    from tenancy.schema.scope import Everyone

    columns = [Column("name", Text)]
    before = declare(("tag", Everyone(), Access.READ_ONLY, *columns))
    after = declare(("tag", tenant(), Access.READ_WRITE, of_tenant(), Column("name", Text)))

    revision = migrated(owner, before, after)

    assert "op.enable_row_security('tag', schema='public')" in revision.upgrade
    assert "op.no_force_row_security('tag', schema='public')" in revision.downgrade
