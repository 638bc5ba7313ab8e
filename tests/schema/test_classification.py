"""Every table is classified, by its mixin, by `__scope__`, or by `info`; an unclassified one is an error."""

from __future__ import annotations

import uuid
from enum import Enum
from typing import Any, ClassVar

import pytest
from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, configure_mappers, mapped_column
from sqlalchemy.types import LargeBinary, TypeDecorator

import tenancy
from tenancy import (
    Access,
    ConfigurationError,
    InvalidScope,
    InvalidTenant,
    Private,
    Scope,
    Shared,
    TenantRoot,
    TenantScoped,
    UnclassifiedTable,
    UserScoped,
    is_null,
    parent,
    scoped,
    tenant,
    user,
)
from tenancy.schema.classification import classification_of, is_classified
from tenancy.schema.identity import IdentityType, valid_identity
from tenancy.schema.metadata import conventions_of
from tenancy.schema.naming import policy_name
from tenancy.schema.scope import AllOf, AnyOf, Everyone, IsNull, Nobody, ParentRow, TenantColumn, UserColumn, parts
from tenancy.security.derive import derive

from . import models


def new_base(**options: Any) -> type[Any]:
    class Base(DeclarativeBase):
        metadata = tenancy.metadata(**options)
        id: Mapped[int] = mapped_column(primary_key=True)

    return Base


SCOPES = {
    "organization": TenantColumn("id"),
    "project": TenantColumn("organization_id"),
    "task_tag": TenantColumn("organization_id"),
    "credit_entry": TenantColumn("org_id") | (IsNull("org_id") & UserColumn("owner_id")),
    "setting": UserColumn("user_id"),
    "agent_step": ParentRow(("agent_run_id",)),
    "document": TenantColumn("organization_id"),
    "report": ParentRow(("id",)),
    "channel": TenantColumn("organization_id"),
    "country": Everyone(),
    "sign_in_token": Nobody(),
}


@pytest.mark.parametrize("table", SCOPES)
def test_every_kind_of_table_has_its_scope(table: str) -> None:
    """Mixins, `__scope__`, Core tables and both kinds of inheritance end as one value with every column named."""
    assert classification_of(models.Base.metadata.tables[table]).scope == SCOPES[table]


def test_access() -> None:
    """Read and write unless the class says otherwise; what everyone reads only the system writes."""
    tables = models.Base.metadata.tables
    assert classification_of(tables["project"]).access is Access.READ_WRITE
    assert classification_of(tables["audit_event"]).access is Access.APPEND_ONLY
    assert classification_of(tables["country"]).access is Access.READ_ONLY
    assert [command.value for command in Access.APPEND_ONLY.commands] == ["SELECT", "INSERT"]


def test_an_unclassified_class_is_an_error() -> None:
    """Never a default: the message says what to write, with the schema's own column name."""
    base = new_base(tenant_column="workspace_id")

    class Forgotten(base):
        __tablename__ = "forgotten"

    with pytest.raises(UnclassifiedTable, match=r'forgotten does not say.*__scope__ = tenant\("workspace_id"\)'):
        derive(base.metadata)


def test_an_unclassified_core_table_is_an_error() -> None:
    """The same for a `Table`, with how to say it there."""
    metadata = tenancy.metadata()
    Table("forgotten", metadata, Column("id", Integer, primary_key=True))
    with pytest.raises(UnclassifiedTable, match=r"Table\(\.\.\., info=tenancy\.scoped\(tenant\(\)\)\)"):
        derive(metadata)


def test_the_tenant_column_is_the_metadatas() -> None:
    """Its name and type are said once; NOT NULL and indexed."""
    base = new_base(tenant_type=String(40), tenant_column="workspace_id", user_column="member_id", user_type=BigInteger)

    class Note(TenantScoped, base):
        __tablename__ = "note"

    class Mine(UserScoped, base):
        __tablename__ = "mine"

    table = Note.__table__
    assert isinstance(table.c.workspace_id.type, String)
    assert not table.c.workspace_id.nullable
    assert [index.name for index in table.indexes] == ["ix_note_workspace_id"]
    assert classification_of(table).scope == TenantColumn("workspace_id")
    assert isinstance(Mine.__table__.c.member_id.type, BigInteger)
    assert classification_of(Mine.__table__).scope == UserColumn("member_id")
    # Beside the key, where a reader looks for it.
    assert next(iter(table.columns.keys())) == "workspace_id"


def test_a_column_declared_by_the_class_is_kept() -> None:
    """Where it needs more: a foreign key, another index, another attribute name for the user."""
    base = new_base(tenant_type=Text)

    class Note(TenantScoped, base):
        __tablename__ = "note"
        __table_args__ = (Index("by_tenant", "organization_id", "id"),)
        organization_id: Mapped[str] = mapped_column(Text, comment="mine")

    assert Note.__table__.c.organization_id.comment == "mine"
    assert [index.name for index in Note.__table__.indexes] == ["by_tenant"]
    assert Note.__table__.c.organization_id.default is not None


def test_an_abstract_base_and_a_mixin_may_carry_the_scope() -> None:
    """Only classes with a table get the column."""
    base = new_base()

    class TenantBase(TenantScoped, base):
        __abstract__ = True

    class Columns(TenantScoped):
        pass

    class One(TenantBase):
        __tablename__ = "one"

    class Two(Columns, base):
        __tablename__ = "two"

    for class_ in (One, Two):
        assert classification_of(class_.__table__).scope == TenantColumn("organization_id")
        assert "organization_id" in class_.__table__.c


def test_the_mixin_comes_before_the_base() -> None:
    """The other way round the class is mapped before the column is there: an error, not a table without a tenant."""
    base = new_base()
    with pytest.raises(ConfigurationError, match=r"class Wrong\(TenantScoped, \.\.\., Base\)"):

        class Wrong(base, TenantScoped):
            __tablename__ = "wrong"


def test_single_table_inheritance_is_classified_once() -> None:
    """A subclass in the same table has its parent's scope."""
    assert models.EmailChannel.__table__ is models.Channel.__table__
    assert is_classified(models.EmailChannel.__table__)


def test_a_scope_over_a_missing_column_is_an_error() -> None:
    """With the columns that there are."""
    base = new_base()

    class Note(base):
        __tablename__ = "note"
        __scope__: ClassVar[Scope] = tenant("org_id")

    with pytest.raises(InvalidScope, match=r"note.*no column 'org_id'; it has id"):
        derive(base.metadata)


def test_a_tenant_of_another_type_is_an_error() -> None:
    """An id is a UUID, an integer or a text."""
    metadata = tenancy.metadata()
    Table("note", metadata, Column("organization_id", LargeBinary, primary_key=True), info=scoped(tenant()))
    with pytest.raises(InvalidScope, match=r"note\.organization_id has type LargeBinary"):
        derive(metadata)


def test_what_is_no_scope_is_refused_when_it_is_declared() -> None:
    """A text instead of `tenant("…")`."""
    base = new_base()
    with pytest.raises(InvalidScope, match=r"'org_id' is no scope: write tenant\(\)"):

        class Note(base):
            __tablename__ = "note"
            __scope__ = "org_id"


def test_is_null_alone_is_refused() -> None:
    """It would show everyone all rows without a tenant."""
    metadata = tenancy.metadata()
    Table(
        "note",
        metadata,
        Column("org_id", Uuid),
        Column("id", Integer, primary_key=True),
        info=scoped(is_null("org_id")),
    )
    with pytest.raises(InvalidScope, match="alone would show"):
        derive(metadata)


def test_the_algebra_of_scopes() -> None:
    """`|` and `&` make plain values: equal when they say the same, flat, and in order."""
    either = tenant("a") | user("b") | parent("c")
    assert either == AnyOf((TenantColumn("a"), UserColumn("b"), ParentRow(("c",))))
    assert tenant() & is_null("x") == AllOf((TenantColumn(), IsNull("x")))
    assert hash(either) == hash(tenant("a") | (user("b") | parent("c")))
    assert list(parts(tenant("a") | (is_null("a") & user("b"))))[1:] == [
        TenantColumn("a"),
        AllOf((IsNull("a"), UserColumn("b"))),
        IsNull("a"),
        UserColumn("b"),
    ]


def test_a_metadata_of_somebody_else_is_left_alone() -> None:
    """Models beside ours, in a metadata of SQLAlchemy's own, are neither classified nor changed."""

    class Plain(DeclarativeBase):
        pass

    class Thing(Plain):
        __tablename__ = "thing"
        id: Mapped[int] = mapped_column(primary_key=True)

    configure_mappers()
    assert not is_classified(Thing.__table__)
    with pytest.raises(ConfigurationError, match=r"not made by tenancy\.metadata\(\)"):
        conventions_of(MetaData())
    with pytest.raises(ConfigurationError):

        class Scoped(TenantScoped, Plain):
            __tablename__ = "scoped"
            id: Mapped[int] = mapped_column(primary_key=True)


def test_root_shared_and_private() -> None:
    """The root is reached by its own key and fills nothing in; the others have no column at all."""
    base = new_base()

    class Root(TenantRoot, base):
        __tablename__ = "root"

    class Everybodys(Shared, base):
        __tablename__ = "everybodys"

    class Secret(Private, base):
        __tablename__ = "secret"

    assert classification_of(Root.__table__).root
    assert classification_of(Root.__table__).tenant_column == "id"
    assert Root.__table__.c.id.default is None
    assert classification_of(Everybodys.__table__).tenant_column is None
    assert classification_of(Secret.__table__).scope == Nobody()


class Wrapped(TypeDecorator[str]):
    impl = Text
    cache_ok = True


@pytest.mark.parametrize(
    "type_, expected, python",
    [
        (Uuid(), IdentityType.UUID, uuid.UUID),
        (Text(), IdentityType.TEXT, str),
        (String(10), IdentityType.TEXT, str),
        (Wrapped(), IdentityType.TEXT, str),
        (Integer(), IdentityType.BIGINT, int),
        (BigInteger(), IdentityType.BIGINT, int),
    ],
)
def test_identity_types(type_: Any, expected: IdentityType, python: type) -> None:
    """UUID, text and integer, however SQLAlchemy spells them."""
    assert IdentityType.of(type_, "t.c") is expected
    assert expected.python_type is python


@pytest.mark.parametrize("value", [uuid.uuid4(), 0, -(2**63), 2**63 - 1, "a", "'", "\\", "☃", " "])
def test_valid_ids(value: Any) -> None:
    """They pass, as plain values: what a subclass prints may not be what it compares as."""
    passed = valid_identity(value)
    assert passed == value
    assert type(passed) in (uuid.UUID, int, str)


def test_an_enum_of_texts_is_its_text() -> None:
    """`str()` of a member is its name; the database must get its value."""

    class Tenant(str, Enum):  # noqa: UP042 - the kind whose str() is not its value
        ACME = "acme"

    assert str(valid_identity(Tenant.ACME)) == "acme"


@pytest.mark.parametrize("value", ["", "\0", "a\0b", "\n", 2**63, True, None, 1.0, b"a", ()])
def test_invalid_ids(value: Any) -> None:
    """A text without content would be a tenant shared by everyone who forgot theirs; NUL ends a string."""
    with pytest.raises(InvalidTenant, match="is no user id"):
        valid_identity(value, "user")


def test_policy_names_keep_within_postgresqls_limit() -> None:
    """PostgreSQL would cut them at 63 bytes, and two tables could then have one name; a digest keeps them apart."""
    long = "t" * 60
    assert policy_name("{table}_{command}", "note", "select") == "note_select"
    names = {policy_name("{table}_{command}", long + end, command) for end in "ab" for command in ("select", "insert")}
    assert len(names) == 4
    assert all(len(name.encode()) <= 63 for name in names)
    assert len(policy_name("{table}_{command}", "ü" * 40, "guard").encode()) <= 63
    assert policy_name("p_{command}_on_{table}", "note", "guard") == "p_guard_on_note"
