"""What would lead past the policies cannot be declared."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, MetaData, Table, Text

import tenancy
from tenancy import Access, ConfigurationError, TenantForeignKey, is_null, parent, scoped, tenant, user
from tenancy.errors import InvalidScope
from tenancy.schema.scope import Scope
from tenancy.security.derive import derive
from tenancy.security.soundness import CROSSES_TENANTS


def declare(*tables: tuple[str, Scope, Access, list[Any]]) -> MetaData:
    """Tables beside organizations and users."""
    metadata = tenancy.metadata(tenant_type=Text)
    for name, scope, access, columns in (
        ("organization", tenant("id"), Access.READ_WRITE, []),
        ("person", user("id"), Access.READ_WRITE, []),
        ("colleague", user("id"), Access.NO_DELETE, []),
        *tables,
    ):
        Table(name, metadata, Column("id", Text, primary_key=True), *columns, info=scoped(scope, access))
    return metadata


def of_tenant() -> Column[Any]:
    return Column("organization_id", Text, nullable=False)


def refers(column: str, to: str, **options: Any) -> Column[Any]:
    return Column(column, Text, ForeignKey(to, **options))


def project() -> tuple[str, Scope, Access, list[Any]]:
    return ("project", tenant(), Access.READ_WRITE, [of_tenant()])


def task(*columns: Any, scope: Scope | None = None) -> tuple[str, Scope, Access, list[Any]]:
    return ("task", scope or tenant(), Access.READ_WRITE, [of_tenant(), *columns])


@pytest.mark.parametrize("action", ["CASCADE", "SET NULL"])
def test_deleting_oneself_reaches_no_tenant(action: str) -> None:
    """A user who works for two tenants would delete, in one, the rows of the other: actions of keys ask no policy."""
    with pytest.raises(InvalidScope, match="NO_DELETE"):
        derive(declare(task(refers("owner", "person.id", ondelete=action))))
    derive(declare(task(refers("owner", "colleague.id", ondelete=action))))
    derive(declare(task(refers("owner", "person.id"))))


def test_an_alternative_leaves_no_tenant_open() -> None:
    """A row that is the user's would else be planted in any tenant."""
    owned = [of_tenant(), Column("user_id", Text)]
    with pytest.raises(InvalidScope, match="could plant a row in any tenant"):
        derive(declare(("doc", tenant() | user(), Access.READ_WRITE, owned)))
    for scope, access in (
        (tenant() | user(), Access.READ_ONLY),
        (tenant() | (is_null("organization_id") & user()), Access.READ_WRITE),
        (tenant() & (user() | is_null("user_id")), Access.READ_WRITE),
    ):
        derive(declare(("doc", scope, access, [of_tenant(), Column("user_id", Text)])))


def test_keys_between_tenants_tables_carry_the_tenant() -> None:
    """A plain key lets a row refer to another tenant's, and tells that it exists."""
    with pytest.raises(InvalidScope, match=r'TenantForeignKey\("project.id"\)'):
        derive(declare(project(), task(refers("project_id", "project.id"))))
    derive(declare(project(), task(Column("project_id", Text, TenantForeignKey("project.id")))))
    derive(declare(project(), ("step", parent("project_id"), Access.READ_WRITE, [refers("project_id", "project.id")])))


def test_a_key_among_rows_of_parents_is_refused() -> None:
    """Such a table has no tenant that its key could carry."""
    columns = [refers("project_id", "project.id"), refers("previous", "step.id")]
    with pytest.raises(InvalidScope, match=r"step \(previous\)"):
        derive(declare(project(), ("step", parent("project_id"), Access.READ_WRITE, columns)))


def test_a_key_may_cross_with_a_reason() -> None:
    """Declared, it is somebody's decision and no slip."""
    key = ForeignKeyConstraint(["project_id"], ["project.id"], info={CROSSES_TENANTS: "published projects"})
    derive(declare(project(), task(Column("project_id", Text), key)))


def test_only_the_tenant_column_refers_to_the_tenant() -> None:
    """Another one would let a row name any tenant."""
    with pytest.raises(ConfigurationError, match="Only organization_id may refer to it"):
        declare(task(Column("partner_id", Text, TenantForeignKey("organization.id"))))
