"""AgentHiFive's resolvers: what was shown leads to its workspace or user, and to nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text, update

from tenancy import Database, Resolver, TenantNotSet, UserNotSet
from tenancy.reference import agenthifive
from tenancy.reference.agenthifive import enums
from tenancy.schema.metadata import conventions_of

LATER = datetime.now(UTC) + timedelta(hours=1)
BEFORE = datetime.now(UTC) - timedelta(seconds=1)


@dataclass(frozen=True)
class Inhabitant:
    """A workspace, its owner and its agent."""

    name: str
    workspace: UUID = field(default_factory=uuid4)
    user: UUID = field(default_factory=uuid4)
    agent: UUID = field(default_factory=uuid4)
    connection: UUID = field(default_factory=uuid4)
    policy: UUID = field(default_factory=uuid4)


ADA, BOB = Inhabitant("ada"), Inhabitant("bob")


@dataclass(frozen=True)
class Shown:
    """A resolver, the name of its secret, what it takes besides, and what of an inhabitant it finds."""

    resolver: Resolver
    secret: str
    finds: str
    besides: dict[str, Any] = field(default_factory=dict)
    #: The source does not keep two rows from having the same one.
    ambiguous: bool = False

    async def resolve(self, db: Database, secret: str) -> Any:
        return await db.resolve(self.resolver, **{self.secret: secret}, **self.besides)


SHOWN = [
    Shown(agenthifive.user_of_session, "session_token", "user"),
    Shown(agenthifive.user_of_personal_access_token, "hash", "user"),
    Shown(agenthifive.workspace_of_personal_access_token, "hash", "workspace"),
    Shown(agenthifive.workspace_of_agent_access_token, "hash", "workspace"),
    Shown(
        agenthifive.workspace_of_bootstrap_secret,
        "hash",
        "workspace",
        {"purpose": enums.SecretType.ENROLLMENT},
        ambiguous=True,
    ),
    Shown(agenthifive.workspace_of_pending_connection, "returned_state", "workspace", ambiguous=True),
    Shown(agenthifive.workspace_of_quick_action, "quick_action", "workspace", ambiguous=True),
]
each_that_is_shown = pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.resolver.name)


def inhabited(by: Inhabitant) -> Iterator[Any]:
    yield agenthifive.User(id=by.user, email=f"{by.name}@example.org", name=by.name)
    yield agenthifive.Workspace(id=by.workspace, name=by.name, owner_id=by.user)
    yield agenthifive.Agent(id=by.agent, workspace_id=by.workspace, name="agent")
    yield agenthifive.Connection(
        id=by.connection,
        workspace_id=by.workspace,
        provider=enums.ProviderType.SLACK,
        service=enums.Service.SLACK,
        label="Slack",
        granted_scopes=[],
    )
    yield agenthifive.Policy(id=by.policy, agent_id=by.agent, connection_id=by.connection, allowed_models=[])


def unique_secrets(of: Inhabitant, secret: str, until: datetime) -> Iterator[Any]:
    yield agenthifive.Session(user_id=of.user, token=secret, expires_at=until)
    yield agenthifive.PersonalAccessToken(
        workspace_id=of.workspace, user_id=of.user, name="cli", token_hash=secret, expires_at=until
    )
    yield agenthifive.AgentAccessToken(
        workspace_id=of.workspace, agent_id=of.agent, token_hash=secret, expires_at=until
    )


def other_secrets(of: Inhabitant, secret: str, until: datetime) -> Iterator[Any]:
    yield agenthifive.AgentBootstrapSecret(
        agent_id=of.agent, type=enums.SecretType.ENROLLMENT, secret_hash=secret, expires_at=until
    )
    yield agenthifive.PendingConnection(
        workspace_id=of.workspace,
        provider=enums.ProviderType.SLACK,
        service=enums.Service.SLACK,
        state=secret,
        scopes=[],
        label="Slack",
        expires_at=until,
    )
    yield agenthifive.ApprovalRequest(
        workspace_id=of.workspace,
        policy_id=of.policy,
        agent_id=of.agent,
        connection_id=of.connection,
        actor="agent",
        request_details={},
        quick_action_token=secret,
        expires_at=until,
    )


@pytest.fixture(scope="module")
def migrated(make_database: Any, empty_database: Any) -> Any:
    """A database that holds what the models ask for, their resolvers included."""
    database = make_database("agenthifive", template=empty_database)
    database.create_all([agenthifive.Base.metadata])
    return database


@pytest.fixture(scope="module", autouse=True)
async def people(db: Database) -> None:
    """Two workspaces, each with one secret of every kind; one has an expired one too, and both have one in common."""
    async with db.system(reason="test data", actor="tests") as session, session.begin():
        for inhabitant in (ADA, BOB):
            for row in inhabited(inhabitant):
                session.add(row)
                await session.flush()
            session.add_all(unique_secrets(inhabitant, inhabitant.name, LATER))
            session.add_all(other_secrets(inhabitant, inhabitant.name, LATER))
            session.add_all(other_secrets(inhabitant, "in common", LATER))
        session.add_all(unique_secrets(ADA, "expired", BEFORE))
        session.add_all(other_secrets(ADA, "expired", BEFORE))
        session.add_all(unique_secrets(ADA, "withdrawn", LATER))
        session.add_all([*other_secrets(ADA, "withdrawn", LATER), *other_secrets(ADA, "twice", LATER)])
        session.add_all([*other_secrets(ADA, "twice", LATER), *other_secrets(BOB, "twice", BEFORE)])
        await session.flush()
        personal, bootstrap = agenthifive.PersonalAccessToken, agenthifive.AgentBootstrapSecret
        await session.execute(update(personal).where(personal.token_hash == "withdrawn").values(revoked_at=BEFORE))
        await session.execute(update(bootstrap).where(bootstrap.secret_hash == "withdrawn").values(consumed_at=BEFORE))


@each_that_is_shown
@pytest.mark.parametrize("inhabitant", [ADA, BOB], ids=lambda inhabitant: inhabitant.name)
async def test_what_is_shown_leads_to_whose_it_is(db: Database, shown: Shown, inhabitant: Inhabitant) -> None:
    """The id of the workspace or of the user, before anyone is known."""
    assert await shown.resolve(db, inhabitant.name) == getattr(inhabitant, shown.finds)


@each_that_is_shown
@pytest.mark.parametrize("secret", ["unknown", "", "expired", "Ada", "ada' OR 'a' = 'a"])
async def test_what_nobody_has_or_is_over_leads_nowhere(db: Database, shown: Shown, secret: str) -> None:
    """Neither an error nor a difference: an expired secret is as good as one that never was."""
    assert await shown.resolve(db, secret) is None


@pytest.mark.parametrize("shown", [one for one in SHOWN if one.ambiguous], ids=lambda shown: shown.resolver.name)
async def test_what_two_workspaces_have_leads_to_neither(db: Database, shown: Shown) -> None:
    """No workspace is chosen; twice in one workspace is that workspace, whatever expired one another has."""
    assert await shown.resolve(db, "in common") is None
    assert await shown.resolve(db, "twice") == ADA.workspace


async def test_a_revoked_token_leads_nowhere(db: Database) -> None:
    """Neither to its workspace nor to its user."""
    for resolver in (agenthifive.workspace_of_personal_access_token, agenthifive.user_of_personal_access_token):
        assert await db.resolve(resolver, hash="withdrawn") is None


async def test_a_bootstrap_secret_is_for_one_use_and_one_purpose(db: Database) -> None:
    """A consumed one leads nowhere, nor does one that is to enroll where an agent wants to reattach."""
    resolver = agenthifive.workspace_of_bootstrap_secret
    enrollment, reattach = enums.SecretType.ENROLLMENT, enums.SecretType.REATTACH

    assert await db.resolve(resolver, hash="withdrawn", purpose=enrollment) is None
    assert await db.resolve(resolver, hash="ada", purpose=reattach) is None
    assert await db.resolve(resolver, hash="ada", purpose=enrollment) == ADA.workspace


async def test_an_agent_leads_to_its_workspace(db: Database) -> None:
    """By its id, with which it names itself; an id that no agent has leads nowhere."""
    for inhabitant in (ADA, BOB):
        assert await db.resolve(agenthifive.workspace_of_agent, agent=inhabitant.agent) == inhabitant.workspace
    assert await db.resolve(agenthifive.workspace_of_agent, agent=uuid4()) is None


async def test_a_user_leads_to_their_workspaces(db: Database) -> None:
    """As a list, which is empty for a user who owns none."""
    for inhabitant in (ADA, BOB):
        assert await db.resolve(agenthifive.workspaces_of_user, owner=inhabitant.user) == [inhabitant.workspace]
    assert await db.resolve(agenthifive.workspaces_of_user, owner=uuid4()) == []


def test_every_resolver_is_tested() -> None:
    """Those that are shown a secret, and the two that are given an id."""
    tested = {shown.resolver for shown in SHOWN} | {agenthifive.workspace_of_agent, agenthifive.workspaces_of_user}

    assert tested == set(conventions_of(agenthifive.Base.metadata).resolvers)


@pytest.mark.parametrize(
    "model",
    [
        agenthifive.Agent,
        agenthifive.AgentAccessToken,
        agenthifive.AgentBootstrapSecret,
        agenthifive.ApprovalRequest,
        agenthifive.PendingConnection,
        agenthifive.PersonalAccessToken,
        agenthifive.Session,
        agenthifive.Workspace,
    ],
    ids=lambda model: model.__tablename__,
)
async def test_the_tables_stay_closed(db: Database, model: type[Any]) -> None:
    """Who calls a resolver sees no row of its table, in that transaction or as a stranger; there are some."""
    rows = select(func.count()).select_from(model.__table__)
    async with db.engine.connect() as connection:
        found = await connection.scalar(text("SELECT agenthifive.workspace_of_agent(:agent)"), {"agent": ADA.agent})
        assert found == ADA.workspace
        with pytest.raises((TenantNotSet, UserNotSet)):
            await connection.execute(rows)
    async with db.session(uuid4(), user=uuid4()) as session:
        assert await session.scalar(rows) == 0
    async with db.system(reason="they are there", actor="tests") as session:
        assert await session.scalar(rows) >= 2


def test_only_the_application_calls_them(migrated: Any) -> None:
    """PUBLIC has no right to any resolver, and all belong to the system role."""
    with migrated.connect() as connection:
        found = connection.execute(
            text(
                """
                SELECT proname, proowner::regrole::text, has_function_privilege('public', oid, 'EXECUTE'),
                    has_function_privilege('tenancy_app', oid, 'EXECUTE')
                FROM pg_proc WHERE pronamespace = 'agenthifive'::regnamespace
                """
            )
        ).all()
    names = {resolver.name for resolver in conventions_of(agenthifive.Base.metadata).resolvers}

    assert {tuple(one) for one in found if one.proname in names} == {
        (name, "tenancy_system", False, True) for name in names
    }
