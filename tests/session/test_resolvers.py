"""Resolvers: reads before the tenant is known, which give ids and never a row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Text, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import tenancy
from tenancy import AccessDenied, ConfigurationError, Database, SyncDatabase, TenantNotSet, UserNotSet, resolver, secret
from tenancy.reference.trovella import (
    Invitation,
    Member,
    ResearchPlan,
    Session,
    User,
    organization_of_invitation,
    organizations_of_user,
    services,
    user_of_session,
)

LATER = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)
EARLIER = LATER - timedelta(days=2)


class Base(DeclarativeBase):
    metadata = tenancy.metadata(tenant_type=Text, schema="keys")


class Key(tenancy.TenantScoped, Base):
    """A key that anybody may have, so two tenants may have the same."""

    __tablename__ = "key"
    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str]


organization_of_key = resolver(
    "organization_of_key", select(Key.organization_id).where(Key.hash == secret("given", Text))
)


@pytest.fixture(scope="module")
async def ada(db: Database) -> tuple[str, str]:
    """An organization and its founder, who has signed in twice, once long ago."""
    organization, user = await services.found_organization(db, f"Acme {uuid4().hex}", f"ada{uuid4().hex}")
    async with db.begin(organization, user=user) as session:
        session.add(Session(user_id=user, token="valid", expires_at=LATER))
        session.add(Session(user_id=user, token="expired", expires_at=EARLIER))
        session.add(Invitation(id="open", email="bo@example.org", expires_at=LATER, inviter_id=user))
        session.add(Invitation(id="late", email="bo@example.org", expires_at=EARLIER, inviter_id=user))
    return organization, user


async def test_a_secret_resolves_to_an_id(db: Database, ada: tuple[str, str]) -> None:
    """Without any tenant or user set, and for the right secret only."""
    organization, user = ada
    assert await db.resolve(user_of_session, session_token="valid") == user
    for unknown in ("expired", "other", "", "' OR true --", "%", "a\0b"):
        assert await db.resolve(user_of_session, session_token=unknown) is None
    found = await db.resolve(organization_of_invitation, invitation="open", address="bo@example.org")
    assert found == organization
    for wrong in ({"invitation": "open", "address": "x"}, {"invitation": "late", "address": "bo@example.org"}):
        assert await db.resolve(organization_of_invitation, **wrong) is None


async def test_the_organizations_of_a_user(db: Database, ada: tuple[str, str]) -> None:
    """All of them, in order, and an empty list for a stranger."""
    organization, user = ada
    other = uuid4().hex
    async with db.begin(other) as session:
        session.add(tenancy.reference.trovella.Organization(id=other, name="o", slug=other))
        await session.flush()
        session.add(Member(user_id=user, role="member"))
    assert await db.resolve(organizations_of_user, member=user) == sorted([organization, other])
    assert await db.resolve(organizations_of_user, member="stranger") == []


async def test_the_table_stays_closed(db: Database, ada: tuple[str, str]) -> None:
    """Whoever may call the resolver still reads nothing of the table, and cannot replace the function."""
    async with db.engine.connect() as connection:
        with pytest.raises(UserNotSet):
            await connection.execute(select(Session.__table__))
    for statement in (
        "CREATE OR REPLACE FUNCTION trovella.user_of_session(session_token text) RETURNS text RETURN 'x'",
        "ALTER FUNCTION trovella.user_of_session(text) RESET search_path",
        "ALTER FUNCTION trovella.user_of_session(text) OWNER TO tenancy_app",
        "DROP FUNCTION trovella.user_of_session(text)",
    ):
        async with db.engine.connect() as connection:
            with pytest.raises(AccessDenied):
                await connection.execute(text(statement))


async def test_only_the_application_may_call_it(migrated: Any, ada: tuple[str, str]) -> None:
    """PostgreSQL lets everybody call a new function; these are for the application role alone."""
    with migrated.connect() as admin:
        rows = admin.execute(
            text(
                "SELECT p.prosecdef, p.proconfig, pg_get_userbyid(p.proowner), array_agg(acl.grantee::regrole::text) "
                "FROM pg_proc p, aclexplode(p.proacl) acl WHERE p.pronamespace = 'trovella'::regnamespace "
                "AND acl.grantee <> p.proowner GROUP BY p.oid"
            )
        ).all()
        can_create = admin.scalar(text("SELECT has_schema_privilege('tenancy_system', 'trovella', 'CREATE')"))
    assert len(rows) == 4
    assert {(definer, tuple(settings), owner, tuple(callers)) for definer, settings, owner, callers in rows} == {
        (True, ("search_path=pg_catalog, pg_temp",), "tenancy_system", ("tenancy_app",))
    }
    assert not can_create


async def test_a_secret_that_leads_to_two_resolves_to_none(make_database: Any, empty_database: Any) -> None:
    """It must not choose one; the same id twice is one id."""
    database = make_database("resolver", template=empty_database)
    database.create_all([Base.metadata])
    async with Database(database.settings) as db:
        for organization, value in (("a", "one"), ("a", "both"), ("b", "both"), ("a", "twice"), ("a", "twice")):
            async with db.begin(organization) as session:
                session.add(Key(hash=value))
        found = {
            value: await db.resolve(organization_of_key, given=value) for value in ("one", "both", "twice", "none")
        }
    assert found == {"one": "a", "both": None, "twice": "a", "none": None}


async def test_wrong_secrets_are_refused_with_the_right_names(db: Database) -> None:
    """Before anything is sent."""
    with pytest.raises(ConfigurationError, match="takes session_token, and was given token"):
        await db.resolve(user_of_session, token="x")


def test_a_resolver_returns_one_id_and_takes_a_secret() -> None:
    """What would return rows, other values, or the same to everybody cannot be declared."""
    for statement, words in (
        (select(User.id, User.email).where(User.email == secret("x", Text)), "selects 2 columns"),
        (select(User.email_verified).where(User.email == secret("x", Text)), "must return an id"),
        (select(func.count()).select_from(User).where(User.email == secret("x", Text)), "no column of a table"),
        (select(ResearchPlan.organization_id), "takes nothing"),
        (select(User.name).where(User.email == secret("x", Text)), "neither a tenant's nor a user's id"),
        (select(User.id).where(User.email.like(secret("x", Text))), "compare each secret once, and with ="),
        (select(User.id).where(User.email != secret("x", Text)), "compare each secret once, and with ="),
    ):
        with pytest.raises(ConfigurationError, match=words):
            resolver("wrong", statement)


async def test_the_sync_twin_resolves_as_well(migrated: Any, ada: tuple[str, str]) -> None:
    """The same on psycopg."""
    with SyncDatabase(migrated.settings) as sync:
        assert sync.resolve(user_of_session, session_token="valid") == ada[1]
        assert sync.resolve(organizations_of_user, member="stranger") == []
        assert sync.resolve(user_of_session, session_token="a\0b") is None
        with pytest.raises(TenantNotSet), sync.engine.connect() as connection:
            connection.execute(select(ResearchPlan.__table__))


def test_a_resolver_has_not_the_name_of_its_table() -> None:
    """In the function's body the table would hide the argument, and every row would match."""
    with pytest.raises(ConfigurationError, match="has the name of a table"):
        resolver("key", select(Key.organization_id).where(Key.hash == secret("hash", Text)))


def test_names_are_taken_once() -> None:
    """Two functions of one name would be one, whichever came last."""
    with pytest.raises(ConfigurationError, match="two declared functions organization_of_key"):
        resolver("organization_of_key", select(Key.organization_id).where(Key.hash == secret("given", Text)))


async def test_names_cannot_be_turned_by_the_caller(db: Database, ada: tuple[str, str]) -> None:
    """The caller's search_path means nothing to the function, and there is no place to put a table of that name."""
    async with db.engine.connect() as connection:
        await connection.execute(text("SET LOCAL search_path = pg_temp, public"))
        assert await connection.scalar(text("SELECT trovella.user_of_session('valid')")) == ada[1]
        with pytest.raises((AccessDenied, DBAPIError)):
            await connection.execute(text("CREATE TEMPORARY TABLE session (user_id text, token text)"))
