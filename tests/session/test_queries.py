"""Scoped queries: searches without policies in the way, which still find the session's own rows and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from tenancy import AccessDenied, ConfigurationError, Database, SyncDatabase, TenantNotSet, UserNotSet
from tenancy.schema.query import ScopedQuery

from .. import library
from ..conftest import MakeDatabase, TestDatabase
from ..library import Document, Line, Loan, Note, Shelf, Status

ARGUMENTS: dict[ScopedQuery, dict[str, Any]] = {
    library.find_documents: {"prefix": "Annual", "count": 20},
    library.documents_about: {"question": "'annual' & 'report'"},
    library.documents_with: {"part": {"year": 2026}},
    library.documents_covering: {"wanted": Range(5, 7)},
    library.documents_above: {"least": 10, "status": Status.FINAL},
    library.number_of_documents: {"part": "report"},
    library.lines_like: {"part": "ONCE"},
    library.notes_like: {"part": "remember"},
    library.shelves_like: {"prefix": "top"},
    library.documents_lent: {"reader": "Ada%"},
    library.titles_and_notes: {"prefix": "Annual"},
}


@pytest.fixture(scope="module")
def pushed(make_database: MakeDatabase) -> TestDatabase:
    database = make_database("library", extensions=())
    database.create_all([library.Base.metadata])
    return database


@pytest.fixture(scope="module")
async def db(pushed: TestDatabase) -> AsyncIterator[Database]:
    async with Database(pushed.settings) as db:
        yield db


@pytest.fixture(scope="module")
async def parties(db: Database) -> tuple[tuple[UUID, UUID], tuple[UUID, UUID]]:
    """Two organizations with a user each, who have the same rows."""
    both = ((uuid4(), uuid4()), (uuid4(), uuid4()))
    for organization, user in both:
        async with db.begin(organization, user=user) as session:
            for number in range(3):
                document = Document(
                    title=f"Annual report {number}",
                    details={"year": 2026, "number": number},
                    pages=Range(number, number + 10),
                    price=100 + number,
                    status=Status.FINAL,
                    lines=[Line(words="Once upon a time")],
                )
                session.add(document)
                await session.flush()
                session.add(Loan(document_id=document.id, reader="Ada"))
            session.add(Document(title="Minutes", details={}))
            session.add(Note(body="to remember"))
            session.add(Shelf(organization_id=organization, user_id=None, label="top left"))
            session.add(Shelf(organization_id=None, user_id=user, label="top right"))
    return both


async def rows(session: AsyncSession, statement: Any) -> list[str]:
    """What comes, comparable: objects by their keys."""
    found = (await session.execute(statement)).all()
    return sorted(repr([getattr(value, "id", value) for value in row]) for row in found)


@pytest.mark.parametrize("query", ARGUMENTS, ids=lambda query: query.name)
async def test_it_finds_what_the_statement_finds_under_policies(db: Database, parties: Any, query: ScopedQuery) -> None:
    """For each of two tenants with equal rows, its own; and nothing for a stranger."""
    seen: list[list[str]] = []
    for organization, user in (*parties, (uuid4(), uuid4())):
        async with db.begin(organization, user=user) as session:
            seen.append(await rows(session, query.select(**ARGUMENTS[query])))
            assert seen[-1] == await rows(session, query.statement.params(**ARGUMENTS[query]))
    assert seen[0]
    assert len(seen[0]) == len(seen[1])
    if query is not library.number_of_documents:
        assert not {*seen[0]} & {*seen[1]} or query is library.titles_and_notes
        assert seen[2] == []


@pytest.mark.parametrize("query", ARGUMENTS, ids=lambda query: query.name)
async def test_a_forgotten_tenant_is_an_error(db: Database, query: ScopedQuery) -> None:
    """Also where nothing matches: what is not there must not be told from what others have."""
    nothing = {
        name: "\x01" if isinstance(value, str) and name != "status" else value
        for name, value in ARGUMENTS[query].items()
    }
    for arguments in (ARGUMENTS[query], nothing):
        async with db.engine.connect() as connection:
            with pytest.raises((TenantNotSet, UserNotSet)):
                await connection.execute(query.select(**arguments))


async def test_objects_are_the_sessions_own(db: Database, parties: Any) -> None:
    """The same as of an ordinary query, in the order of the statement, and they can be changed."""
    async with db.begin(parties[0][0]) as session:
        ordinary = (await session.scalars(select(Document).where(Document.title.like("Annual%")))).all()
        found = (await session.scalars(library.find_documents.select(prefix="Annual", count=2))).all()
        assert len(found) == 2
        assert {*map(id, found)} <= {*map(id, ordinary)}
        expected = sorted(ordinary, key=lambda one: (-one.created_at.timestamp(), str(one.id)))
        assert found == expected[:2]
        found[0].details = {"year": 2026, "seen": True}
        await session.flush()
        assert len((await session.scalars(library.documents_with.select(part={"seen": True}))).all()) == 1
        await session.rollback()


async def test_statements_are_built_on_what_is_found(db: Database, parties: Any) -> None:
    """Conditions, joins and functions go around the query, as the application and under policies."""
    async with db.begin(parties[0][0]) as session:
        found = library.find_documents.rows(prefix="Annual", count=20)
        statement = select(found.title, func.count()).join(Line, Line.document_id == found.id).group_by(found.title)
        counted = (await session.execute(statement.where(found.price * 2 > 201))).all()
        assert sorted(counted) == [("Annual report 1", 1), ("Annual report 2", 1)]
        about = library.documents_about.rows(question=func.plainto_tsquery("english", "Minute"))
        assert (await session.scalars(select(func.upper(about.c.title)))).all() == ["MINUTES"]


async def test_an_array_of_keys(db: Database, parties: Any) -> None:
    """Another tenant's are among them, and do not come."""
    ids = []
    for organization, _ in parties:
        async with db.begin(organization) as session:
            ids.append((await session.scalars(select(Document.id))).all())
    async with db.begin(parties[0][0]) as session:
        found = await session.scalars(library.documents_by_id.select(ids=[*ids[0], *ids[1]]))
        assert {one.id for one in found} == {*ids[0]}


async def test_hostile_arguments_are_values(db: Database, parties: Any) -> None:
    """Wildcards match the own rows, and what looks like SQL or ends with an escape is text."""
    async with db.begin(parties[0][0]) as session:
        for prefix, number in (("", 4), ("%", 4), ("_nnual", 3), ("' OR true --", 0), ("Annual\\", 0), ("\\", 0)):
            found = await session.scalars(library.find_documents.select(prefix=prefix, count=100))
            assert len(found.all()) == number, prefix


async def test_the_callers_settings_do_not_turn_it(db: Database, parties: Any) -> None:
    """What a name, a backslash or an operator means is not the caller's to say."""
    async with db.begin(parties[0][0]) as session:
        expected = await session.scalar(library.number_of_documents.select(part="report"))
    for setting in (
        "standard_conforming_strings = off",
        "search_path = pg_temp, public",
        "transform_null_equals = on",
        "plan_cache_mode = force_generic_plan",
        "row_security = off",
    ):
        async with db.begin(parties[0][0]) as session:
            await session.execute(text(f"SET LOCAL {setting}"))
            counted = await session.scalar(select(library.number_of_documents.rows(part="report").c.number))
            assert counted == expected == 3, setting


async def test_wrong_arguments_are_refused_with_the_right_names(db: Database) -> None:
    """Before anything is sent."""
    with pytest.raises(ConfigurationError, match=r"find_documents takes .*prefix.*, and was given start"):
        library.find_documents.select(start="Annual")


async def test_only_the_application_calls_it_and_cannot_change_it(pushed: TestDatabase, db: Database) -> None:
    """The function is the system role's, with pinned settings, and for nobody else."""
    with pushed.connect() as admin:
        functions = admin.execute(
            text(
                "SELECT p.prosecdef, p.proleakproof, p.provolatile::text, p.proconfig, pg_get_userbyid(p.proowner), "
                "ARRAY(SELECT acl.grantee::regrole::text FROM aclexplode(p.proacl) acl WHERE grantee <> proowner) "
                "FROM pg_proc p WHERE p.pronamespace = 'library'::regnamespace"
            )
        ).all()
    pinned = ["search_path=pg_catalog, pg_temp", "plan_cache_mode=force_custom_plan"]
    assert len(functions) == len(library.Base.metadata.info["tenancy"].queries)
    assert all(one == (True, False, "s", pinned, "tenancy_system", ["tenancy_app"]) for one in functions)
    for statement in (
        "ALTER FUNCTION library.notes_like(text) RESET search_path",
        "CREATE OR REPLACE FUNCTION library.notes_like(part text) RETURNS text RETURN 'x'",
        "DROP FUNCTION library.notes_like(text)",
    ):
        async with db.engine.connect() as connection:
            with pytest.raises(AccessDenied):
                await connection.execute(text(statement))


def test_the_sync_twin(pushed: TestDatabase, parties: Any) -> None:
    """The same on psycopg."""
    with SyncDatabase(pushed.settings) as sync, sync.begin(parties[0][0]) as session:
        found = session.scalars(library.find_documents.select(prefix="Annual", count=20)).all()
        assert [type(one) for one in found] == [Document] * 3


@pytest.mark.parametrize(
    "call,index",
    [
        ("library.find_documents(10, 'w12')", "library.ix_document_organization_id_title"),
        ("""library.documents_with('{"number": 12}')""", "library.ix_document_details"),
    ],
)
def test_it_uses_the_index(pushed: TestDatabase, call: str, index: str) -> None:
    """What it is for: by PostgreSQL's own count, with the arguments as parameters."""
    with pushed.connect() as admin:
        admin.execute(
            text(
                "INSERT INTO library.document (id, organization_id, title, details, price, status) "
                "SELECT gen_random_uuid(), :tenant, 'w' || n, jsonb_build_object('number', n), 1, 'draft' "
                "FROM generate_series(1, 20000) AS n"
            ),
            {"tenant": uuid4()},
        )
        admin.execute(text("ANALYZE library.document"))
        tenant = admin.scalar(text("SELECT organization_id FROM library.document WHERE title = 'w12'"))
        admin.execute(text("SELECT set_config('app.tenant_id', :tenant, true)"), {"tenant": str(tenant)})
        scans = text(f"SELECT pg_stat_get_xact_numscans('{index}'::regclass)")
        before = admin.scalar(scans)
        function, _, argument = call.partition("(")
        assert admin.exec_driver_sql(f"SELECT count(*) FROM {function}({argument}").scalar_one() >= 1
        assert admin.scalar(scans) == before + 1
