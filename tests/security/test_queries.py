"""What a scoped query may contain, and what is refused because it could tell about another tenant's rows."""

from __future__ import annotations

import re
from typing import Any, ClassVar
from uuid import UUID

import pytest
from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    Sequence,
    String,
    Table,
    Text,
    Uuid,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    lateral,
    literal_column,
    or_,
    select,
    table,
    text,
    type_coerce,
    update,
    values,
)
from sqlalchemy.dialects.postgresql import CITEXT, JSONB, JSONPATH, TSQUERY, TSVECTOR
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column, relationship
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.sql.functions import GenericFunction

import tenancy
from tenancy import ConfigurationError, parameter
from tenancy.schema.query import ScopedQuery, scoped_query
from tenancy.schema.types import HalfVector
from tenancy.security.changes import CreateFunction
from tenancy.security.declared import function_of
from tenancy.security.documents import documents
from tenancy.security.roles import Roles

from ..library import Base, Document, Language, Line, Loan, Note, Organization, Secret, Shelf, find_documents

PREFIX = parameter("prefix", Text) + "%"
STRANGE = Table("strange", tenancy.metadata(), Column("id", Uuid), info=tenancy.scoped(tenancy.tenant("id")))
UNKNOWN = Table("unknown", MetaData(), Column("id", Uuid))


class Custom(GenericFunction[str]):
    inherit_cache = True


class Made(ColumnElement[int]):
    inherit_cache = True


@compiles(Made)
def _made(element: Made, compiler: Any, **_: Any) -> str:
    return "(SELECT count(*) FROM library.document)"


def sql_of(statement: Any, name: str = "wanted") -> str:
    return function_of(ScopedQuery(name, Base.metadata, statement), Roles()).body


def test_the_sql_is_for_reviewers() -> None:
    """Each table stands beside its condition; the tenant is asked for before anything is read."""
    assert (
        CreateFunction(function_of(find_documents, Roles()))
        .sql()
        .startswith(
            "CREATE FUNCTION library.find_documents(count integer, prefix text)\n"
            "    RETURNS TABLE(organization_id uuid, id uuid, title text, language text, details jsonb, "
            "words tsvector, "
            "pages int4range, price numeric, status library.status, created_at timestamp with time zone) "
            "LANGUAGE plpgsql STABLE PARALLEL RESTRICTED\n"
            "    SECURITY DEFINER NOT LEAKPROOF\n"
            "    SET search_path TO 'pg_catalog', 'pg_temp'\n"
            "    SET plan_cache_mode TO 'force_custom_plan'\n"
            "    AS $$\n"
        )
    )
    assert sql_of(select(Document.id).where(Document.title.like(PREFIX))) == (
        "\n"
        "#variable_conflict use_column\n"
        "<<the_caller>>\n"
        "DECLARE\n"
        "current_tenant CONSTANT uuid := tenancy.current_tenant();\n"
        "BEGIN\n"
        "RETURN QUERY SELECT document.id\n"
        "FROM (SELECT id, title FROM library.document WHERE (organization_id = the_caller.current_tenant)) "
        "AS document\n"
        "WHERE document.title LIKE (wanted.prefix || '%');\n"
        "END\n"
    )


OTHER = aliased(Document)
IDS = select(Document.id)


@pytest.mark.parametrize(
    "statement,tables",
    [
        (select(Document.id, OTHER.id.label("other")).where(OTHER.title == Document.title), 2),
        (select(Line.id).join(Line.document), 2),
        (select(Document.id).outerjoin(Document.lines), 2),
        (select(Document.id).where(Document.lines.any(Line.words == "x")), 2),
        (select(Document.id).where(Document.id.in_(select(Loan.document_id))), 2),
        (
            select(Document.id, select(func.count(Line.id)).where(Line.document_id == Document.id).limit(1).label("n")),
            2,
        ),
        (select(IDS.subquery().c.id), 1),
        (select(IDS.cte("a").c.id).union(select(IDS.cte("b").c.id)), 2),
        (IDS.union_all(select(Note.id), select(Shelf.id)), 3),
        (
            select(Document.id).order_by(
                select(Line.words).where(Line.document_id == Document.id).limit(1).scalar_subquery()
            ),
            2,
        ),
        (
            select(Document.id).having(
                func.count(Document.id) > select(func.count(Loan.id)).limit(1).scalar_subquery()
            ),
            2,
        ),
        (select(case((IDS.exists(), 1), else_=0).label("n")).select_from(Organization), 2),
        (select(lateral(select(Line.id).where(Line.document_id == Document.id)).c.id).select_from(Document), 2),
        (select(Document.id).limit(select(func.count(Loan.id)).limit(1).scalar_subquery()), 2),
        (
            select(
                func.row_number(type_=Integer).over(order_by=select(Loan.id).limit(1).scalar_subquery()).label("n")
            ).select_from(Note),
            2,
        ),
        (select(func.count(Document.id).filter(Document.id.in_(select(Loan.document_id))).label("n")), 2),
    ],
    ids=lambda one: None if isinstance(one, int) else " ".join(str(one).split())[:60],
)
def test_every_table_is_narrowed_wherever_it_stands(statement: Any, tables: int) -> None:
    """No table of a tenant or user is named outside of a subquery with its condition."""
    body = sql_of(statement)
    of_query = re.findall(r"\(SELECT [^()]* FROM library\.(\w+) WHERE (.*?)\) AS \w+", body)
    assert len(of_query) == tables, body
    assert all("= the_caller.current_" in condition for _, condition in of_query)
    of_parents = re.findall(r"FROM library\.\w+ parent\d", body)
    assert len(re.findall(r"library\.", body)) == tables + len(of_parents)


@pytest.mark.parametrize(
    "statement,words",
    [
        (select(Secret.id), "library.secret, which is private"),
        (select(STRANGE.c.id).select_from(Document, STRANGE), "no table of its metadata"),
        (select(UNKNOWN.c.id, Document.id.label("d")), "no table of its metadata"),
        (select(Document.id).select_from(table("pg_authid")), "no table of its metadata"),
        (select(Language.code), "shared tables only"),
        (select(Document.id).where(text("true")), "textclause"),
        (select(Document.id).where(literal_column("true")), "the literal SQL"),
        (
            select(literal_column("x").label("x")).select_from(Document),
            "literal SQL",
        ),
        (select(Document.id).order_by(text("1")), "textclause"),
        (select(text("SELECT 1 AS x").columns(Column("x", Integer)).subquery().c.x, Document.id), "textual select"),
        (select(Document.id).prefix_with("ALL"), "a prefix, suffix or hint"),
        (select(Document.id).suffix_with("FOR UPDATE"), "a prefix, suffix or hint"),
        (select(Document.id).with_statement_hint("x"), "a prefix, suffix or hint"),
        (select(Document.id).with_hint(Document, "x"), "a prefix, suffix or hint"),
        (select(Document.id).with_for_update(), "FOR UPDATE"),
        (select(delete(Loan).returning(Loan.id).cte().c.id), "delete"),
        (select(insert(Loan).returning(Loan.id).cte().c.id), "insert"),
        (select(update(Loan).values(reader="x").returning(Loan.id).cte().c.id), "update"),
        (select(func.set_config("app.tenant_id", "x", True).label("x")).select_from(Document), r"set_config\(\)"),
        (select(func.current_setting("app.tenant_id").label("x")).select_from(Document), r"current_setting\(\)"),
        (select(Document.id).where(func.pg_sleep(1).is_(None)), r"pg_sleep\(\)"),
        (select(func.current_user().label("x")).select_from(Document), r"current_user\(\)"),
        (select(func.session_user().label("x")).select_from(Document), r"session_user\(\)"),
        (select(func.query_to_xml("SELECT", True, True, "").label("x")).select_from(Document), r"query_to_xml\(\)"),
        (select(func.ts_stat("SELECT").label("x")).select_from(Document), r"ts_stat\(\)"),
        (select(func.library.mine(Document.id).label("x")), r"library\.mine\(\)"),
        (select(Custom().label("x")).select_from(Document), r"Custom\(\)"),
        (select(func.unnest(Document.title).table_valued("x").c.x, Document.id), "table valued alias"),
        (select(func.next_value(Sequence("s")).label("x")).select_from(Document), r"next_value\(\)"),
        (select(Made().label("x")).select_from(Document), "compiles itself"),
        (select(Document.id).where(Document.title.op("= 'x' OR true --")("")), "the operator = 'x' OR true --"),
        (select(Document.id).where(Document.title.op("~")(parameter("p", Text))), "the operator ~"),
        (select(Document.id).where(Document.title.regexp_match(parameter("p", Text))), "the operator regexp_match"),
        (select(Document.id).where(1 / (Document.price - parameter("p", Numeric)) > 0), "the operator (truediv|sub)"),
        (select(Document.id).where(Document.price * parameter("p", Numeric) > 0), "the operator mul"),
        (select(Document.id).where(cast(Document.title, Integer) == 1), "a cast to INTEGER"),
        (select(Document.id).where(Document.title.bool_op("@@")(parameter("q", TSQUERY))), "which is no TSVECTOR"),
        (select(Document.id).where(Document.details.path_match(parameter("p", JSONPATH))), "which is no TSVECTOR"),
        (select(Document.id).where(Document.details.path_exists(parameter("p", JSONPATH))), r"the operator @\?"),
        (select(Document.id).where(Document.words.match("x")), "the operator match_op"),
        (select(Document.id).where(func.to_tsvector("english", Document.title).is_(None)), r"to_tsvector\(\)"),
        (select(Document.id).where(func.length(Document.title, parameter("e", Text)) > 0), r"length\(\)"),
        (select(Document.id).where((Document.details + parameter("p", JSONB)).is_(None)), "JSONB|operator"),
        (select(Document.id).where(Document.details["n"].as_integer() == 1), "a cast to INTEGER"),
        (select(Document.id).where(Document.title.like(parameter("p", Text))), "might end with the escape"),
        (select(Document.id).where(Document.title.like("%" + parameter("p", Text))), "might end with the escape"),
        (select(Document.id).where(Document.title.endswith(parameter("p", Text))), "might end with the escape"),
        (select(Document.id).where(Document.title.ilike(Document.title)), "might end with the escape"),
        (select(Document.id).where(Document.title.like(parameter("p", Text) + "\\")), "might end with the escape"),
        (select(Document.id).where(Document.title.like(parameter("p", Text) + "!", escape="!")), "might end with the"),
        (select(Document.id).where(Document.title.in_(parameter("p", Text))), "IN with the parameter p"),
        (select(values(Column("x", Integer), name="v").data([(1,)]).c.x, Document.id), "values"),
        (select(Document.id).where(select(Line.words).scalar_subquery() == Document.title), "that might find several"),
        (select(Document.id.label("x"), Document.title.label("x")), "a name of its own"),
        (select(func.row_number().over().label("x")).select_from(Document), "knows no type"),
        (select(Document, Line.id).join(Document.lines), "a mapped class and something else"),
        (select(Document.id).where(type_coerce(Document.title, TSVECTOR).bool_op("@@")("x")), "as another type"),
        (select(Document.id).where(Document.title == parameter("p", CITEXT)), "whose type is an extension's"),
        (select(Document.id).where(Document.title == parameter("p", HalfVector(3))), "whose type is an extension's"),
        (select(aliased(Document, name="wanted").id), "a table wanted"),
        (select(select(Document.id).subquery("wanted").c.id), "a table wanted"),
        (select(select(Document.id).cte("wanted").c.id), "a table wanted"),
        (select(aliased(Document, name="the_caller").id), "a table the_caller"),
        (select(select(Document.id).subquery("the_caller").c.id), "a table the_caller"),
        (select(select(Document.id).cte("the_caller").c.id), "a table the_caller"),
        (select(Document.title).where(Document.title == parameter("title", Text)), "title is the name of a parameter"),
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
def test_what_could_tell_about_others_is_refused(statement: Any, words: str) -> None:
    """When the function is derived, with what to write instead."""
    with pytest.raises(ConfigurationError, match=words):
        sql_of(statement)


def test_what_is_meant_instead() -> None:
    """What the errors say to write is accepted."""
    sql_of(select(Document.id).where(Document.title.like(parameter("p", Text), escape="")))
    sql_of(select(Document.id).where(Document.words.bool_op("@@")(parameter("q", TSQUERY))))
    sql_of(select(Document.id).where(or_(Document.title.startswith(PREFIX), and_(Document.title.is_(None)))))
    sql_of(select(Document.id).where(cast(Document.status, Text).in_(["final", "draft"])))


def test_literals_stay_what_they_are() -> None:
    """A backslash, a quote and a line end with a space before it."""
    body = sql_of(select(Document.id).where(Document.title == "a\\b'c \n"))
    assert "document.title = E'a\\\\b''c \n'" in body


def test_a_class_in_two_tables_is_selected_by_columns() -> None:
    """Its objects could not be made of one function's rows."""

    class Animals(DeclarativeBase):
        metadata = tenancy.metadata(tenant_type=Uuid)

    class Animal(tenancy.TenantScoped, Animals):
        __tablename__ = "animal"
        __mapper_args__: ClassVar = {"polymorphic_on": "kind", "polymorphic_identity": "animal"}
        id: Mapped[UUID] = mapped_column(primary_key=True)
        kind: Mapped[str] = mapped_column(String)

    class Bird(Animal):
        __tablename__ = "bird"
        __scope__ = tenancy.parent("id")
        __mapper_args__: ClassVar = {"polymorphic_identity": "bird"}
        id: Mapped[UUID] = mapped_column(ForeignKey("animal.id", info={"crosses_tenants": "a test"}), primary_key=True)

    query = scoped_query("birds", select(Bird))
    with pytest.raises(ConfigurationError, match="whose rows stand in 2 tables"):
        function_of(query, Roles())


def test_a_relationships_secondary_table_is_narrowed() -> None:
    """It is named nowhere in the statement."""

    class Many(DeclarativeBase):
        metadata = tenancy.metadata(tenant_type=Uuid)

    linked = Table(
        "linked",
        Many.metadata,
        Column("organization_id", Uuid),
        Column("left_id", Uuid, tenancy.TenantForeignKey("one.id")),
        Column("right_id", Uuid, tenancy.TenantForeignKey("one.id")),
        info=tenancy.scoped(tenancy.tenant()),
    )

    class One(tenancy.TenantScoped, Many):
        __tablename__ = "one"
        id: Mapped[UUID] = mapped_column(primary_key=True)
        others: Mapped[list[One]] = relationship(
            secondary=linked,
            primaryjoin=lambda: One.id == linked.c.left_id,
            secondaryjoin=lambda: One.id == linked.c.right_id,
            viewonly=True,
        )

    query = scoped_query("pairs", select(One.id).join(One.others.of_type(aliased(One))))
    body = function_of(query, Roles()).body
    assert body.count("WHERE (organization_id = the_caller.current_tenant)") == 3
    assert body.count("public.") == 3


def test_policies_list_them_for_reviewers() -> None:
    """Each with whose rows are seen of every table."""
    listed = documents([Base.metadata], Roles())["library/queries.sql"]
    assert (
        "-- lines_like\n-- Of library.line: A row is seen where the row that document_id refers to is seen.\n" in listed
    )
    assert listed.count("CREATE FUNCTION") == len(Base.metadata.info["tenancy"].queries)


def test_a_name_is_taken_once() -> None:
    """Two functions of one name would be one."""
    with pytest.raises(ConfigurationError, match="two declared functions find_documents"):
        scoped_query("find_documents", select(Document))
    with pytest.raises(ConfigurationError, match="reads no table"):
        scoped_query("nothing", select(func.now()))
