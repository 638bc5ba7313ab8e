"""The connectors schema is the one that the facts state, and shows each user their own."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import configure_mappers

from tenancy import AccessDenied, TenantMismatch, TenantNotSet, TenantViolation, UserNotSet
from tenancy.reference import connectors
from tenancy.reference.connectors import (
    AgentRun,
    GithubInstallation,
    Invitation,
    Jwks,
    LinearConnection,
    LinearEvent,
    Member,
    Organization,
    PkceChallenge,
    Session,
    SlackConnection,
    SlackEvent,
    Tool,
    ToolCall,
    TwoFactor,
    User,
    UserTool,
    Verification,
)
from tenancy.reference.connectors.base import utc_now
from tenancy.reference.connectors.enums import AgentRunStatus, ToolCallStatus, UserRole
from tenancy.schema import Access, Private, Shared, parent, tenant, user
from tenancy.schema.classification import classification_of
from tenancy.schema.metadata import conventions_of
from tenancy.security.predicate import predicate

from .catalog import Key, read_catalog, search_path
from .conformance import differences
from .facts_file import load_facts

FACTS = load_facts(Path(__file__).parent / "facts" / "connectors.yaml")
SOON = datetime(2030, 1, 1)  # noqa: DTZ001 - the columns have no time zone


# --- the schema ------------------------------------------------------------------------------------------------------


def test_the_schema_is_what_the_facts_state(admin: Connection) -> None:
    """Every column, type, default, key and index is as stated, save what isolation needs."""
    assert [
        difference
        for difference in differences(admin, "connectors", FACTS, connectors.Base.metadata)
        if difference.rule is None
    ] == []


def test_the_differences_that_isolation_needs_are_known_by_rule(admin: Connection) -> None:
    """Three tables of users lack an index on their user, one on what a resolver looks up; that is all."""
    found = differences(admin, "connectors", FACTS, connectors.Base.metadata)

    assert {(difference.key, difference.rule) for difference in found} == {
        (Key("index", table, f"{table}_user_id_idx"), "index led by the user")
        for table in ("linear_events", "pkce_challenges", "slack_events")
    } | {(Key("index", "accounts", "accounts_provider_id_account_id_idx"), "index that a resolver looks up")}


def test_nothing_is_missing(admin: Connection) -> None:
    """19 tables with 184 columns, no enum, no check, 16 foreign keys, and the stated 34 indexes among 38."""
    catalog = read_catalog(admin, "connectors")
    kinds = Counter(key.kind for key in catalog)
    types = Counter(getattr(item, "type", None) for item in catalog.values())
    stated = {Key("index", table["name"], index["name"]) for table in FACTS["tables"] for index in table["indexes"]}

    assert kinds == {"table": 19, "column": 184, "primary key": 19, "unique": 6, "foreign key": 16, "index": 38}
    assert (types["text[]"], types["jsonb"], types["timestamp without time zone"]) == (5, 7, 40)
    assert len(stated) == 34
    assert stated <= catalog.keys()


def test_every_table_says_whose_its_rows_are() -> None:
    """Twelve tables of users, one through its parent, three of organizations; the rest is shared or private."""
    found = {
        table.name: (classification_of(table).scope, classification_of(table).access)
        for table in connectors.Base.metadata.tables.values()
    }

    assert found == {
        "accounts": (user("user_id"), Access.READ_WRITE),
        "agent_runs": (user("user_id"), Access.READ_WRITE),
        "github_installations": (user("user_id"), Access.READ_WRITE),
        "invitations": (tenant("organization_id"), Access.READ_WRITE),
        "jwks": (Private.__scope__, Access.READ_WRITE),
        "linear_connections": (user("user_id"), Access.READ_WRITE),
        "linear_events": (user("user_id"), Access.APPEND_ONLY),
        "members": (tenant("organization_id"), Access.READ_WRITE),
        "organizations": (tenant("id"), Access.READ_WRITE),
        "pkce_challenges": (user("user_id"), Access.READ_WRITE),
        "sessions": (user("user_id"), Access.READ_WRITE),
        "slack_connections": (user("user_id"), Access.READ_WRITE),
        "slack_events": (user("user_id"), Access.APPEND_ONLY),
        "tool_calls": (parent("agent_run_id"), Access.APPEND_ONLY),
        "tools": (Shared.__scope__, Access.READ_ONLY),
        "two_factors": (user("user_id"), Access.READ_WRITE),
        "user_tools": (user("user_id"), Access.READ_WRITE),
        "users": (user("id"), Access.READ_ONLY),
        "verifications": (Private.__scope__, Access.READ_WRITE),
    }
    assert [name for name, table in connectors.Base.metadata.tables.items() if classification_of(table).root] == [
        "connectors.organizations"
    ]


def test_the_organization_of_linear_is_no_tenant() -> None:
    """`linear_events.organization_id` has the name of the tenant column, and nothing else of it."""
    table = connectors.Base.metadata.tables["connectors.linear_events"]

    assert classification_of(table).tenant_column is None
    assert "organization_id" not in predicate(table)
    assert table.c.organization_id.default is None
    assert (str(table.c.organization_id.type), table.c.organization_id.foreign_keys) == ("VARCHAR(100)", set())


CHANGES = {
    "a table is missing": ("DROP TABLE tool_calls", Key("table", "tool_calls", "")),
    "a column is new": ("ALTER TABLE tools ADD extra text", Key("column", "tools", "extra")),
    "a default": ("ALTER TABLE tools ALTER required_scopes DROP DEFAULT", Key("column", "tools", "required_scopes")),
    "nullability": ("ALTER TABLE tools ALTER is_active SET NOT NULL", Key("column", "tools", "is_active")),
    "a length": ("ALTER TABLE agent_runs ALTER status TYPE varchar(20)", Key("column", "agent_runs", "status")),
    "an array": (
        "ALTER TABLE slack_connections ALTER scopes TYPE text USING scopes::text",
        Key("column", "slack_connections", "scopes"),
    ),
    "a timestamp with time zone": (
        "ALTER TABLE agent_runs ALTER started_at TYPE timestamptz",
        Key("column", "agent_runs", "started_at"),
    ),
    "a unique constraint is missing": (
        "ALTER TABLE slack_events DROP CONSTRAINT slack_events_event_id_unique",
        Key("unique", "slack_events", "slack_events_event_id_unique"),
    ),
    "a check is new": (
        "ALTER TABLE agent_runs ADD CONSTRAINT extra CHECK (status <> '')",
        Key("check", "agent_runs", "extra"),
    ),
    "a foreign key of Linear's organization": (
        "ALTER TABLE linear_events ADD CONSTRAINT extra FOREIGN KEY (organization_id) REFERENCES organizations",
        Key("foreign key", "linear_events", "extra"),
    ),
    "another action on delete": (
        """
        ALTER TABLE tool_calls DROP CONSTRAINT tool_calls_agent_run_id_agent_runs_id_fk,
            ADD CONSTRAINT tool_calls_agent_run_id_agent_runs_id_fk FOREIGN KEY (agent_run_id)
            REFERENCES agent_runs (id) ON DELETE CASCADE
        """,
        Key("foreign key", "tool_calls", "tool_calls_agent_run_id_agent_runs_id_fk"),
    ),
    "an index is missing": ("DROP INDEX tool_calls_run_idx", Key("index", "tool_calls", "tool_calls_run_idx")),
    "an index that isolation does not need": (
        "CREATE INDEX extra ON agent_runs (user_id, status)",
        Key("index", "agent_runs", "extra"),
    ),
    "an index on the wrong column": (
        "CREATE INDEX extra ON slack_events (channel_id, user_id)",
        Key("index", "slack_events", "extra"),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_comparison_sees_a_change(admin: Connection, change: str) -> None:
    """A comparison that cannot fail proves nothing: each change to the schema is reported, and no rule allows it."""
    ddl, key = CHANGES[change]
    with search_path(admin, "connectors"):
        admin.execute(text(ddl))

    found = {
        difference.key
        for difference in differences(admin, "connectors", FACTS, connectors.Base.metadata)
        if difference.rule is None
    }

    assert key in found


def test_mappers_are_configured_without_a_warning() -> None:
    """Also those whose foreign key is only a name: `user_tools.tool_name`."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        configure_mappers()


def test_every_model_and_resolver_is_exported() -> None:
    """`__all__` is Base, one model per table and the resolvers, sorted."""
    models = {mapper.class_.__name__ for mapper in connectors.Base.registry.mappers}
    resolvers = {resolver.name for resolver in conventions_of(connectors.Base.metadata).resolvers}

    assert connectors.__all__ == sorted({"Base", *models, *resolvers})
    assert len(models) == len(connectors.Base.metadata.tables)


# --- whose rows ------------------------------------------------------------------------------------------------------

ADA, BOB = "user_ada", "user_bob"
ACME, BYTE = "organization_acme", "organization_byte"


@pytest.fixture(scope="module")
async def people(db: Any) -> None:
    """Ada of Acme and Bob of Byte, each with one of everything, and rows that are nobody's yet."""
    async with db.system(reason="test data", actor="tests") as session:
        session.add_all([User(id=ADA, email="ada@acme.example"), User(id=BOB, email="bob@byte.example")])
        session.add_all([Organization(id=ACME, name="Acme", slug="acme"), Organization(id=BYTE, name="Byte")])
        session.add(
            Tool(name="issue", display_name="Issue", description="", provider="linear", category="", parameters={})
        )
        await session.flush()
        session.add_all([Verification(identifier="a", value="1", expires_at=SOON), Jwks(public_key="", private_key="")])
        session.add_all(thing for owner in (ADA, BOB) for thing in things(owner))
        session.add_all(
            [*nobodys(), Member(organization_id=ACME, user_id=ADA), Member(organization_id=BYTE, user_id=BOB)]
        )
        session.add(Invitation(organization_id=BYTE, email="ada@acme.example", expires_at=SOON, inviter_id=BOB))
        await session.commit()


def things(owner: str) -> Iterator[object]:
    yield Session(user_id=owner, token=owner, expires_at=SOON, active_organization_id=ACME)
    yield connectors.Account(user_id=owner, account_id=owner, provider_id="github", access_token="secret")
    yield TwoFactor(user_id=owner, secret="secret", backup_codes="codes")
    yield GithubInstallation(user_id=owner, installation_id=1)
    yield SlackConnection(user_id=owner, bot_token="secret", scopes=["chat:write"])
    yield LinearConnection(user_id=owner, access_token="secret", scopes=["read", "write"])
    yield PkceChallenge(user_id=owner, state=owner, code_verifier="secret", provider="linear", expires_at=SOON)
    yield UserTool(user_id=owner, tool_name="issue")
    yield SlackEvent(user_id=owner, team_id="T", event_type="message", event_id=owner, event_data={})
    yield linear_event(owner)
    run = AgentRun(user_id=owner, prompt="Sum up", tools_used=["issue"])
    run.tool_calls = [ToolCall(tool_name="issue", parameters={"id": 1}, scopes_checked=["read"])]
    yield run


def nobodys() -> Iterator[object]:
    yield GithubInstallation(installation_id=2)
    yield LinearConnection(access_token="secret", scopes=[])
    yield PkceChallenge(state="nobody", code_verifier="secret", provider="linear", expires_at=SOON)
    yield SlackEvent(team_id="T", event_type="message", event_id="nobody", event_data={})
    yield linear_event(None)
    yield ToolCall(tool_name="issue", parameters={})


def linear_event(owner: str | None) -> LinearEvent:
    """Linear's organization happens to be called as one of ours."""
    return LinearEvent(
        user_id=owner, organization_id=ACME, event_type="Issue", webhook_id="w", event_timestamp=SOON, event_data={}
    )


MODELS = sorted((mapper.class_ for mapper in connectors.Base.registry.mappers), key=lambda model: model.__name__)
OF_USERS = [model for model in MODELS if classification_of(model.__table__).scope == user("user_id")]


@pytest.mark.parametrize("owner", [ADA, BOB])
@pytest.mark.parametrize("model", OF_USERS, ids=lambda model: model.__tablename__)
@pytest.mark.usefixtures("people")
async def test_a_user_sees_their_own_rows(db: Any, model: Any, owner: str) -> None:
    """Neither another user's nor those that are nobody's, in whatever organization the user works."""
    async with db.begin(ACME, user=owner) as session:
        assert (await session.scalars(select(model.user_id))).all() == [owner]
        assert (await session.execute(text(f"SELECT user_id FROM {model.__table__}"))).scalars().all() == [owner]
    async with db.begin(user=owner) as session:
        assert (await session.scalars(select(func.count()).select_from(model))).all() == [1]


@pytest.mark.parametrize("model", OF_USERS, ids=lambda model: model.__tablename__)
@pytest.mark.usefixtures("people")
async def test_an_organization_sees_no_row_of_a_user(db: Any, model: Any) -> None:
    """Nor an empty result: whoever forgets the user is told so; `linear_events` has a column of the tenant's name."""
    async with db.session(ACME) as session:
        with pytest.raises(UserNotSet):
            await session.scalars(select(model.user_id))


@pytest.mark.usefixtures("people")
async def test_a_user_sees_and_does_not_change_their_own_person(db: Any) -> None:
    """Whoever could change `users.role` would be the administrator of every organization."""
    async with db.session(user=ADA) as session:
        ada = (await session.scalars(select(User))).one()
        assert (ada.id, ada.role) == (ADA, UserRole.USER)
        ada.role = UserRole.ADMIN
        with pytest.raises(AccessDenied):
            await session.flush()


@pytest.mark.usefixtures("people")
async def test_what_a_user_adds_is_theirs(db: Any) -> None:
    """Left out, the user is filled in, also where the column may be empty; nobody's and another's are refused."""
    async with db.session(user=ADA) as session:
        installation = GithubInstallation(installation_id=3)
        session.add(installation)
        await session.flush()
        assert (installation.user_id, installation.repositories, installation.is_active) == (ADA, [], True)
    async with db.session(user=ADA) as session:
        session.add(GithubInstallation(installation_id=3, user_id=None))
        with pytest.raises(TenantViolation):
            await session.flush()
        with pytest.raises(TenantMismatch):
            session.add(GithubInstallation(installation_id=3, user_id=BOB))
    async with db.session(ACME) as session:
        session.add(GithubInstallation(installation_id=3))
        with pytest.raises(UserNotSet):
            await session.flush()


@pytest.mark.usefixtures("people")
async def test_nobody_gives_their_rows_away_or_takes_those_that_are_nobodys(db: Any) -> None:
    """Rows without a user are linked by system sessions; a user's update does not find them."""
    async with db.session(user=ADA) as session:
        taken = await session.execute(
            text("UPDATE connectors.linear_connections SET user_id = :ada WHERE user_id IS NULL"), {"ada": ADA}
        )
        assert taken.rowcount == 0
        with pytest.raises(TenantViolation):
            await session.execute(text("UPDATE connectors.linear_connections SET user_id = NULL"))


@pytest.mark.usefixtures("people")
async def test_a_tool_call_is_visible_where_its_run_is(db: Any) -> None:
    """A call without a run is nobody's, and nobody appends to another's run."""
    async with db.session(user=ADA) as session:
        run = (await session.scalars(select(AgentRun))).one()
        (call,) = (await session.scalars(select(ToolCall))).all()
        run_id = run.id
        assert call.agent_run_id == run_id
        assert call.status is ToolCallStatus.PENDING
        call.status = ToolCallStatus.COMPLETED
        with pytest.raises(AccessDenied):
            await session.flush()
    for agent_run_id in (run_id, None):
        async with db.session(user=BOB) as session:
            session.add(ToolCall(agent_run_id=agent_run_id, tool_name="issue", parameters={}))
            with pytest.raises(TenantViolation):
                await session.flush()


@pytest.mark.parametrize("model", [SlackEvent, LinearEvent, ToolCall], ids=lambda model: model.__tablename__)
@pytest.mark.usefixtures("people")
async def test_logs_are_appended_to(db: Any, model: Any) -> None:
    """The application neither changes nor deletes what happened, not even its user's own."""
    async with db.session(user=ADA) as session:
        row = (await session.scalars(select(model))).first()
        await session.delete(row)
        with pytest.raises(AccessDenied):
            await session.flush()


@pytest.mark.usefixtures("people")
async def test_an_organization_sees_itself_its_members_and_its_invitations(db: Any) -> None:
    """And no other organization's: an invitation to Ada is Byte's, until she comes with its id."""
    async with db.begin(ACME, user=ADA) as session:
        assert (await session.scalars(select(Organization.id))).all() == [ACME]
        assert (await session.scalars(select(Member.user_id))).all() == [ADA]
        assert (await session.scalars(select(Invitation))).all() == []
    async with db.begin(BYTE) as session:
        assert (await session.scalars(select(Organization.id))).all() == [BYTE]
        assert (await session.scalars(select(Invitation.email))).all() == ["ada@acme.example"]


@pytest.mark.usefixtures("people")
async def test_nobody_joins_an_organization_that_is_not_the_sessions(db: Any) -> None:
    """Being the user of a membership does not make it one's own: else everyone could become a member everywhere."""
    async with db.session(ACME, user=ADA) as session:
        with pytest.raises(TenantViolation):
            await session.execute(
                text("INSERT INTO connectors.members (id, organization_id, user_id) VALUES ('m', :byte, :ada)"),
                {"byte": BYTE, "ada": ADA},
            )
    async with db.session(user=ADA) as session:
        with pytest.raises(TenantNotSet):
            await session.scalars(select(Member))


@pytest.mark.usefixtures("people")
async def test_the_catalog_of_tools_is_everyones_to_read(db: Any) -> None:
    """Also by name from the allowlist of a user."""
    async with db.session(user=ADA) as session:
        entry = (await session.scalars(select(UserTool))).one()
        tool = (await session.scalars(select(Tool))).one()
        await session.refresh(entry, ["tool"])
        assert entry.tool is tool
        tool.is_active = False
        with pytest.raises(AccessDenied):
            await session.flush()


@pytest.mark.parametrize("model", [Jwks, Verification], ids=lambda model: model.__tablename__)
@pytest.mark.usefixtures("people")
async def test_private_tables_are_for_system_sessions(db: Any, model: Any) -> None:
    """A code that signs somebody in, and the key that signs everybody's tokens."""
    async with db.session(ACME, user=ADA) as session:
        with pytest.raises(AccessDenied):
            await session.scalars(select(model))
    async with db.system(reason="sign-in", actor="tests") as session:
        assert len((await session.scalars(select(model))).all()) == 1


# --- what is special -------------------------------------------------------------------------------------------------


async def test_a_webhook_call_is_taken_once(db: Any, people: None) -> None:
    """Slack repeats calls that it thinks were lost: the same event is refused, whoever it may concern."""
    async with db.system(reason="webhook", actor="tests") as session:
        for owner in (None, BOB):
            session.add(SlackEvent(team_id="T", event_type="message", event_id=ADA, user_id=owner, event_data={}))
            with pytest.raises(IntegrityError):
                await session.flush()
            await session.rollback()


async def test_a_user_who_owns_rows_cannot_be_deleted(db: Any, people: None) -> None:
    """No foreign key acts on delete, and the ORM does not empty the children's columns instead."""
    async with db.system(reason="erasure", actor="tests") as session:
        await session.delete(await session.get_one(User, ADA))
        with pytest.raises(IntegrityError):
            await session.flush()


async def test_an_enum_in_a_varchar_is_checked_in_python(db: Any, people: None) -> None:
    """An unknown value is refused before it is sent; one that another program wrote is an error when it is read."""
    async with db.session(user=ADA) as session:
        run = (await session.scalars(select(AgentRun))).one()
        assert run.status is AgentRunStatus.PENDING
        run.status = "completed"
        await session.flush()
        await session.refresh(run)
        assert run.status is AgentRunStatus.COMPLETED
        run.status = "over"
        with pytest.raises(StatementError, match="over") as refused:
            await session.flush()
        assert not isinstance(refused.value, DBAPIError)
        await session.rollback()

        await session.execute(text("UPDATE connectors.agent_runs SET status = 'over'"))
        with pytest.raises(LookupError, match="over"):
            await session.scalars(select(AgentRun.status))


async def test_scopes_are_arrays(db: Any, people: None) -> None:
    """PostgreSQL's operators work on them, and a change in place is seen."""
    async with db.session(user=ADA) as session:
        found = select(LinearConnection).where(LinearConnection.scopes.contains(["write"]))
        connection = (await session.scalars(found)).one()
        connection.scopes.append("admin")
        await session.flush()
        await session.refresh(connection)
        assert connection.scopes == ["read", "write", "admin"]
        assert connection.updated_at > connection.created_at


async def test_slacks_timestamps_are_exact(db: Any, people: None) -> None:
    """They tell messages of one microsecond from the next."""
    async with db.session(user=ADA) as session:
        event = SlackEvent(
            team_id="T",
            event_type="message",
            event_id="e",
            event_timestamp=Decimal("1719000000.123456"),
            event_data={"blocks": [{"text": "hello"}]},
        )
        session.add(event)
        await session.flush()
        session.expire(event)
        await session.refresh(event)
        assert (event.user_id, event.event_timestamp) == (ADA, Decimal("1719000000.123456"))
        assert event.event_data == {"blocks": [{"text": "hello"}]}


async def test_timestamps_are_in_utc(db: Any, people: None) -> None:
    """Whatever the time zone of the connection, which the database's own default would take."""
    async with db.session(user=ADA) as session:
        await session.execute(text("SET LOCAL timezone = 'Pacific/Auckland'"))
        run = AgentRun(prompt="Sum up")
        session.add(run)
        await session.flush()
        await session.refresh(run)
        assert abs((utc_now() - run.created_at).total_seconds()) < 60
