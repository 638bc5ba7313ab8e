"""`metadata → values`: what each scope and access asks for, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
)

import tenancy
from tenancy import Access, ConfigurationError, InvalidScope, UnclassifiedTable
from tenancy.schema import Scope, TenantForeignKey, is_null, parent, scoped, tenant, user
from tenancy.schema.scope import Everyone, Nobody
from tenancy.security.derive import derive
from tenancy.security.roles import Roles
from tenancy.security.values import Grant, Policy, TableSecurity

from .shop import shop

APPLICATION, SYSTEM = "tenancy_app", "tenancy_system"
ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE")


def grants(role: str, *privileges: str) -> set[Grant]:
    return {Grant(role, privilege) for privilege in privileges}


def policies(table: str, condition: str, *commands: str) -> frozenset[Policy]:
    """Permissive ones per command, and the guard."""
    permissive = {
        Policy(
            f"{table}_{command.lower()}",
            command,
            permissive=True,
            roles=("public",),
            using=None if command == "INSERT" else condition,
            check=condition if command in {"INSERT", "UPDATE"} else None,
        )
        for command in commands
    }
    guard = Policy(f"{table}_guard", "ALL", permissive=False, roles=("public",), using=condition, check=condition)
    return frozenset({*permissive, guard})


def derived(metadata: MetaData, table: str, schema: str = "public") -> TableSecurity:
    return derive(metadata).tables[schema, table]


TENANT = "(organization_id = tenancy.current_tenant())"
_TASK = "((parent1.id = step.task_id) AND (parent1.organization_id = tenancy.current_tenant()))"
_NOTE = (
    "((parent1.id = note.step_id) AND (EXISTS ( SELECT 1 FROM shop.task parent2 WHERE "
    "((parent2.id = parent1.task_id) AND (parent2.organization_id = tenancy.current_tenant())))))"
)
_OF_USER = "((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set()))"
#: Table of the shop: its condition, and what the application may do.
CONDITIONS = {
    "project": (TENANT, ROWS),
    "organization": ("(id = tenancy.current_tenant())", ROWS),
    "event": (TENANT, ("SELECT", "INSERT")),
    "report": (TENANT, ("SELECT",)),
    "preference": ("(user_id = tenancy.current_user_id())", ROWS),
    "credit": (
        f"((org_id = tenancy.current_tenant_if_set()) OR {_OF_USER})",
        ROWS,
    ),
    "Order": (
        '(("Org ID" = tenancy.current_tenant()) AND ("the ""user"" %" = tenancy.current_user_id()))',
        ROWS,
    ),
    "step": (f"(EXISTS ( SELECT 1 FROM shop.task parent1 WHERE {_TASK}))", ROWS),
    "note": (f"(EXISTS ( SELECT 1 FROM shop.step parent1 WHERE {_NOTE}))", ROWS),
}


@pytest.mark.parametrize("table", CONDITIONS)
def test_a_scope_becomes_policies_and_grants(table: str) -> None:
    """One permissive policy per allowed command, a guard for all, both with the whole condition; no other grant."""
    condition, commands = CONDITIONS[table]

    assert derived(shop(), table, "shop") == TableSecurity(
        "shop",
        table,
        enabled=True,
        forced=True,
        policies=policies(table, condition, *commands),
        grants=frozenset(grants(APPLICATION, *commands) | grants(SYSTEM, *ROWS)),
    )


def test_a_shared_table_is_read_by_everybody() -> None:
    """No row-level security; SELECT for the application, everything for the system."""
    assert derived(shop(), "country", "shop") == TableSecurity(
        "shop", "country", grants=frozenset(grants(APPLICATION, "SELECT") | grants(SYSTEM, *ROWS))
    )


def test_a_private_table_is_closed() -> None:
    """No grant and no policy, and RLS on, so that a stray GRANT shows nothing."""
    assert derived(shop(), "sign_in", "shop") == TableSecurity(
        "shop", "sign_in", enabled=True, grants=frozenset(grants(SYSTEM, *ROWS))
    )


def test_the_sequence_of_a_serial_is_granted_to_who_inserts() -> None:
    """An identity column needs no grant; neither does a SERIAL of a table that the role only reads."""
    sequence = {Grant(role, "USAGE", column="id", sequence=True) for role in (APPLICATION, SYSTEM)}

    assert {grant for grant in derived(shop(), "invoice", "shop").grants if grant.sequence} == sequence
    assert not any(grant.sequence for grant in derived(shop(), "receipt", "shop").grants)
    read_only = declare(tenant(), of_tenant(), access=Access.READ_ONLY, id_=Column("id", Integer, primary_key=True))
    assert {grant.grantee for grant in derived(read_only, "thing").grants if grant.sequence} == {SYSTEM}


def test_schemas_are_for_those_who_need_them() -> None:
    """USAGE on a schema of its own for both roles, on `tenancy` for everybody, and nothing said about `public`."""
    schemas = derive(shop()).schemas

    assert set(schemas) == {"tenancy", "shop"}
    assert schemas["shop"].grants == {Grant(APPLICATION, "USAGE"), Grant(SYSTEM, "USAGE")}
    assert schemas["tenancy"].grants == {Grant("public", "USAGE")}
    assert set(derive(shop(None)).schemas) == {"tenancy"}


def test_functions_are_safe_to_call_in_a_policy() -> None:
    """STABLE, so no cached plan keeps a tenant; bound bodies; no definer's rights, no LEAKPROOF, no SET clause."""
    functions = derive(shop()).functions

    assert len(functions) == 15
    for function in functions.values():
        assert (function.volatility, function.parallel) == ("STABLE", "SAFE")
        assert not function.security_definer
        assert not function.leakproof
        assert function.settings == ()
        assert function.body.startswith("RETURN " if function.language == "sql" else "BEGIN ")
        assert ("RAISE EXCEPTION" in function.body) == (function.language == "plpgsql")


def test_roles_have_the_names_of_the_settings() -> None:
    """No role's name is written anywhere else."""
    security = derive(shop(), Roles("o", "a", "s"))

    grantees = {grant.grantee for table in security.tables.values() for grant in table.grants}
    assert grantees == {"a", "s"}


def test_system_access_is_appended_by_the_system_role_only() -> None:
    """The record of system sessions cannot be changed by those whom it records."""
    security = derive(shop()).tables["tenancy", "system_access"]

    assert security.enabled
    assert security.grants == grants(SYSTEM, "SELECT", "INSERT")


# --- types of ids, and names ------------------------------------------------------------------------------------------


def declare(
    scope: Scope, *columns: Any, access: Access = Access.READ_WRITE, id_: Column[Any] | None = None, **options: Any
) -> MetaData:
    """A metadata with the table `thing`."""
    metadata = tenancy.metadata(**options)
    key = Column("id", Uuid, primary_key=True) if id_ is None else id_
    Table("thing", metadata, key, *columns, info=scoped(scope, access))
    return metadata


def of_tenant(type_: Any = Uuid) -> Column[Any]:
    return Column("organization_id", type_, nullable=False)


@pytest.mark.parametrize(
    "type_,helper",
    [
        (Uuid(), "current_tenant"),
        (Text(), "current_tenant_text"),
        (String(20), "current_tenant_text"),
        (Integer(), "current_tenant_bigint"),
        (BigInteger(), "current_tenant_bigint"),
    ],
)
def test_each_id_type_has_its_helper(type_: Any, helper: str) -> None:
    """The helper returns the column's type, so that the index is used and nothing is cast per row."""
    (condition,) = {policy.using for policy in derived(declare(tenant(), of_tenant(type_)), "thing").policies} - {None}

    assert condition == f"(organization_id = tenancy.{helper}())"


def test_identity_and_serial_of_a_big_integer() -> None:
    """BIGSERIAL is granted like SERIAL."""
    big = declare(tenant(), of_tenant(), id_=Column("id", BigInteger, primary_key=True))
    identity = declare(tenant(), of_tenant(), id_=Column("id", BigInteger, Identity(always=True), primary_key=True))

    assert any(grant.sequence for grant in derived(big, "thing").grants)
    assert not any(grant.sequence for grant in derived(identity, "thing").grants)


def test_policy_names_follow_the_convention() -> None:
    """A schema brings its own pattern."""
    names = {
        policy.name
        for policy in derived(declare(tenant(), of_tenant(), policy_naming="rls_{command}_{table}"), "thing").policies
    }

    assert names == {f"rls_{command}_thing" for command in ("select", "insert", "update", "delete", "guard")}


def test_long_policy_names_stay_apart() -> None:
    """PostgreSQL cuts names at 63 bytes, which would make two of one; a digest keeps them apart."""
    metadata = tenancy.metadata()
    tables = ["é" * 31, "é" * 30 + "a", "é" * 30 + "b"]
    for name in tables:
        Table(name, metadata, Column("id", Uuid, primary_key=True), of_tenant(), info=scoped(tenant()))

    names = [policy.name for name in tables for policy in derived(metadata, name).policies]

    assert all(len(name.encode()) <= 63 for name in names)
    assert len(set(names)) == 15


# --- what is refused --------------------------------------------------------------------------------------------------


def test_an_unclassified_table() -> None:
    """Never a default: the error names the table and what to write."""
    metadata = tenancy.metadata()
    Table("thing", metadata, Column("id", Uuid, primary_key=True))

    with pytest.raises(UnclassifiedTable, match=r"thing does not say who.*__scope__ = tenant\(\"organization_id\"\)"):
        derive(metadata)


REFUSED = {
    "no tenant column": (tenant(), [Column("title", Text)], "thing .* no column 'organization_id'; it has id, title"),
    "no user column": (user(), [of_tenant()], "thing .* no column 'user_id'"),
    "a tenant that is a time": (tenant(), [of_tenant(DateTime)], r"thing\.organization_id has type DateTime.*Uuid"),
    "a tenant that is a document": (tenant(), [of_tenant(JSON)], r"thing\.organization_id has type JSON"),
    "only is_null": (is_null("id"), [], r"is_null\('id'\) alone .* narrow it: is_null\('id'\) & user\(\)"),
    "is_null or": (tenant() | is_null("organization_id"), [of_tenant()], "alone would show"),
    "is_null and is_null": (is_null("id") & is_null("id"), [], "neither a tenant nor a user nor a parent"),
    "is_null of nothing": (is_null("x") & tenant(), [of_tenant()], "no column 'x'"),
    "a parent without a key": (parent("id"), [], r"parent\('id'\) needs exactly one foreign key .* there are 0"),
    "a parent of no column": (parent("x"), [], "no column 'x'"),
    "shared in part": (tenant() | Everyone(), [of_tenant()], "shared or private"),
    "private in part": (tenant() & Nobody(), [of_tenant()], "shared or private"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_scope_that_does_not_fit(name: str) -> None:
    """A scope that would mean nothing, or everybody, is refused by the name of its table."""
    scope, columns, words = REFUSED[name]

    with pytest.raises(InvalidScope, match=words):
        derive(declare(scope, *columns))


def test_a_shared_table_that_tenants_could_write() -> None:
    """What one tenant writes there, all others read."""
    with pytest.raises(InvalidScope, match=r"thing is shared.*Access\.READ_ONLY"):
        derive(declare(Everyone()))


def test_is_null_is_narrowed_however_it_is_bracketed() -> None:
    """`a & b & c` means the same in every order."""
    columns = [Column("a", Text), Column("b", Text)]
    left = declare(is_null("a") & is_null("b") & tenant(), *columns, of_tenant())
    right = declare(is_null("a") & (is_null("b") & tenant()), *(Column(name, Text) for name in "ab"), of_tenant())

    assert derived(left, "thing") == derived(right, "thing")
    (condition,) = {policy.using for policy in derived(left, "thing").policies} - {None}
    assert condition == f"((a IS NULL) AND (b IS NULL) AND {TENANT})"


def test_a_tenant_foreign_key_to_nowhere() -> None:
    """A table that is not imported, or misspelled, is named with what refers to it."""
    metadata = declare(tenant(), of_tenant(), Column("project_id", Uuid, TenantForeignKey("project.id")))

    with pytest.raises(ConfigurationError, match=r"thing\.project_id refers to project\.id.*Import the module"):
        derive(metadata)


def test_a_parent_that_is_not_declared() -> None:
    """The same for a plain key that a scope follows."""
    with pytest.raises(InvalidScope, match=r"thing .*parent\('project_id'\) refers to is not declared.*project"):
        derive(declare(parent("project_id"), Column("project_id", Uuid, ForeignKey("project.id"))))


def test_an_ambiguous_parent() -> None:
    """Two keys over one column: which parent decides?"""
    columns = [Column("a", Uuid), ForeignKeyConstraint(["a"], ["thing.id"]), ForeignKeyConstraint(["a"], ["thing.id"])]

    with pytest.raises(InvalidScope, match="there are 2"):
        derive(declare(parent("a"), *columns))


def test_parents_that_lead_in_a_circle() -> None:
    """A tree of rows has no end that belongs to somebody."""
    with pytest.raises(InvalidScope, match="its parents lead back to thing"):
        derive(declare(parent("up"), Column("up", Uuid, ForeignKey("thing.id"))))


@pytest.mark.parametrize("scope,access", [(Everyone(), Access.READ_ONLY), (Nobody(), Access.READ_WRITE)])
def test_a_parent_that_belongs_to_nobody(scope: Scope, access: Access) -> None:
    """A child of a shared or private table would be everybody's or nobody's without saying so."""
    metadata = declare(parent("up"), Column("up", Uuid, ForeignKey("above.id")))
    Table("above", metadata, Column("id", Uuid, primary_key=True), info=scoped(scope, access))

    with pytest.raises(InvalidScope, match="The scope of thing is refused: its parent above is shared or private"):
        derive(metadata)


def test_a_foreign_metadata() -> None:
    """A plain `MetaData` has no conventions to derive from."""
    with pytest.raises(ConfigurationError, match=r"not made by tenancy\.metadata\(\)"):
        derive(MetaData())
