"""The AgentHiFive schema is the one that the facts state, and its workspaces do not see each other."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, configure_mappers

from tenancy import AccessDenied, Database, TenantRoot, TenantViolation, TextEnum, UserNotSet, metadata
from tenancy.reference import agenthifive
from tenancy.reference.agenthifive import enums, shapes
from tenancy.reference.agenthifive.base import AGENTHIFIVE_NAMING, AuditColumns, SoftDeleteColumns, WorkspaceScoped
from tenancy.schema.access import Access
from tenancy.schema.classification import classification_of
from tenancy.schema.metadata import conventions_of
from tenancy.schema.scope import AllOf, AnyOf, IsNull, Nobody, ParentRow, Scope, TenantColumn, UserColumn, parts
from tenancy.security.apply import compare
from tenancy.security.roles import Roles

from .catalog import Column as CatalogColumn
from .catalog import EnumType, Key, read_catalog, search_path
from .conformance import differences
from .facts_file import load_facts

FACTS = load_facts(Path(__file__).parent / "facts" / "agenthifive.yaml")
TABLES = {table.name: table for table in agenthifive.Base.metadata.tables.values()}
MODELS = {mapper.class_.__table__.name: mapper.class_ for mapper in agenthifive.Base.registry.mappers}


def pushed(make_database: Any, empty_database: Any, *declared: MetaData) -> Any:
    database = make_database("agenthifive", template=empty_database)
    database.create_all(declared)
    return database


# --- the schema -------------------------------------------------------------------------------------------------------


def test_the_schema_is_what_the_facts_state(admin: Connection) -> None:
    """Every column, type, default, key, index and enum is as stated, save what isolation needs."""
    assert [
        difference
        for difference in differences(admin, "agenthifive", FACTS, agenthifive.Base.metadata)
        if difference.rule is None
    ] == []


def test_the_differences_that_isolation_needs_are_known_by_rule(admin: Connection) -> None:
    """Six references carry the workspace to two parents; 11 tables' way to their owner and two secrets get an index."""
    found = differences(admin, "agenthifive", FACTS, agenthifive.Base.metadata)

    assert Counter(difference.rule for difference in found) == {
        "composite key between tenant-scoped tables": 6,
        "unique that a composite key refers to": 2,
        "unique within the tenant": 1,
        "index led by the tenant": 7,
        "index led by the user": 2,
        "index led by the parent's key": 4,
        "index that a resolver looks up": 2,
    }


def test_nothing_is_missing(admin: Connection) -> None:
    """21 tables, 12 of them with a `workspace_id` that is never empty, 193 columns, 10 enums and all 10 indexes."""
    catalog = read_catalog(admin, "agenthifive")
    kinds = Counter(key.kind for key in catalog)
    workspace_ids = [item for key, item in catalog.items() if key.kind == "column" and key.name == "workspace_id"]
    stated = {
        Key("index", table["name"], index["seed_convention_name"])
        for table in FACTS["tables"]
        for index in table["indexes"]
    }

    assert (kinds["table"], kinds["column"], kinds["enum"], kinds["check"]) == (21, 193, 10, 0)
    assert (kinds["foreign key"], kinds["index"], kinds["unique"]) == (24, 10 + 15, 8 + 2)
    assert workspace_ids == [CatalogColumn("uuid", nullable=False, default=None, generated=None, identity="")] * 12
    assert len(stated) == 10
    assert stated <= catalog.keys()


def test_the_security_is_what_the_models_ask_for(migrated: Any) -> None:
    """What was pushed compares equal, also where a policy looks through two parents."""
    with migrated.connect("owner") as connection:
        connection.execute(text("SET ROLE tenancy_owner"))

        assert compare(connection, [agenthifive.Base.metadata], Roles()) == []


def test_autogenerate_finds_nothing_to_do(migrated: Any) -> None:
    """Nor does it declare the references that the source leaves unchecked."""
    with migrated.connect("owner") as connection:
        connection.execute(text("SET ROLE tenancy_owner"))
        options = {
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name == "agenthifive",
        }
        context = MigrationContext.configure(connection, opts=options)

        assert compare_metadata(context, agenthifive.Base.metadata) == []


def test_native_enums_have_the_values_of_their_python_classes(admin: Connection) -> None:
    """A value that Python knows and PostgreSQL does not, or the reverse, would fail only when it is used."""
    catalog = read_catalog(admin, "agenthifive")
    for name, enum in enums.NATIVE_ENUMS.items():
        assert catalog[Key("enum", "", name)] == EnumType(tuple(member.value for member in enum))


def test_text_enums_have_the_values_that_the_facts_state() -> None:
    """A closed set that the application checks is an enum in Python; an open one is not."""
    for table in FACTS["tables"]:
        for stated in table["columns"]:
            if "values" in stated:
                type_ = TABLES[table["name"]].columns[stated["name"]].type
                assert isinstance(type_, TextEnum) is not stated.get("open", False)
                if isinstance(type_, TextEnum):
                    assert [member.value for member in type_.enum] == stated["values"]


SCOPES: dict[str, Scope] = {
    **{
        name: TenantColumn("workspace_id")
        for name in (
            "t_agent_access_tokens",
            "t_agent_permission_requests",
            "t_agents",
            "t_connections",
            "t_notification_channels",
            "t_notifications",
            "t_pending_connections",
            "t_prompt_history_quarantines",
            "t_push_subscriptions",
            "t_workspace_oauth_apps",
        )
    },
    "t_workspaces": TenantColumn("id"),
    "t_approval_requests": AllOf((TenantColumn("workspace_id"), ParentRow(("policy_id",)))),
    "t_personal_access_tokens": AllOf((TenantColumn("workspace_id"), UserColumn("user_id"))),
    "t_policies": AllOf((ParentRow(("agent_id",)), ParentRow(("connection_id",)))),
    "t_agent_bootstrap_secrets": ParentRow(("agent_id",)),
    "l_audit_events": AnyOf(
        (
            AllOf((ParentRow(("agent_id",)), ParentRow(("connection_id",)))),
            AllOf((ParentRow(("agent_id",)), IsNull("connection_id"))),
            AllOf((IsNull("agent_id"), ParentRow(("connection_id",)))),
        )
    ),
    "t_users": UserColumn("id"),
    "t_sessions": UserColumn("user_id"),
    "t_accounts": UserColumn("user_id"),
    "t_verifications": Nobody(),
    "l_jti_replay_cache": Nobody(),
}


def test_every_table_says_whose_its_rows_are() -> None:
    """The list is complete; only the workspaces are the root, and `tenant_id`, Azure's, is nobody's scope."""
    classified = {name: classification_of(table) for name, table in TABLES.items()}

    assert {name: classification.scope for name, classification in classified.items()} == SCOPES
    assert [name for name, classification in classified.items() if classification.root] == ["t_workspaces"]


def test_what_may_not_be_changed() -> None:
    """The trail is appended to, users are read; everything else is read and written."""
    restricted = {name: classification_of(table).access for name, table in TABLES.items()}

    assert {name: access for name, access in restricted.items() if access is not Access.READ_WRITE} == {
        "l_audit_events": Access.APPEND_ONLY,
        "t_users": Access.READ_ONLY,
    }


def test_every_way_to_an_owner_leads_an_index() -> None:
    """By the workspace and the user, or else by the parents, a policy chooses rows: each comes first in an index."""
    for name, scope in SCOPES.items():
        owners = {part.column for part in parts(scope) if isinstance(part, TenantColumn | UserColumn)}
        parents = {column for part in parts(scope) if isinstance(part, ParentRow) for column in part.columns}
        keys = [key for key in TABLES[name].constraints if isinstance(key, UniqueConstraint | PrimaryKeyConstraint)]
        leading = {next(iter(index.columns)).name for index in (*TABLES[name].indexes, *keys)}

        assert (owners or parents) <= leading, name


def test_names_are_those_of_the_documents_examples() -> None:
    """Index names leave the prefix out, those of constraints keep it."""
    declared = MetaData(naming_convention=AGENTHIFIVE_NAMING)
    Table("t_users", declared, Column("id", Uuid, primary_key=True), Column("email", Text, unique=True))
    Table("t_workspaces", declared, Column("id", Uuid, primary_key=True))
    policies = Table("t_policies", declared, Column("rate_limit", Integer))
    policies.append_constraint(CheckConstraint(policies.c.rate_limit > 0))
    Table("t_connections", declared, Column("workspace_id", ForeignKey("t_workspaces.id"), index=True))
    constraints = {constraint.name for table in declared.tables.values() for constraint in table.constraints}

    assert constraints >= {
        "t_users_pkey",
        "t_users_email_unique",
        "t_connections_workspace_id_fkey",
        "t_policies_rate_limit_check",
    }
    assert [index.name for index in declared.tables["t_connections"].indexes] == ["idx_connections_workspace_id"]


CHANGES = {
    "a table is missing": ("DROP TABLE t_notifications", Key("table", "t_notifications", "")),
    "a column is new": ("ALTER TABLE l_audit_events ADD extra uuid", Key("column", "l_audit_events", "extra")),
    "a default": ("ALTER TABLE t_agents ALTER status SET DEFAULT 'active'", Key("column", "t_agents", "status")),
    "nullability": (
        "ALTER TABLE t_approval_requests ALTER workspace_id DROP NOT NULL",
        Key("column", "t_approval_requests", "workspace_id"),
    ),
    "a type": (
        "ALTER TABLE t_approval_requests ALTER telegram_message_id TYPE bigint",
        Key("column", "t_approval_requests", "telegram_message_id"),
    ),
    "an array": (
        "ALTER TABLE t_connections ALTER granted_scopes TYPE varchar[]",
        Key("column", "t_connections", "granted_scopes"),
    ),
    "a unique constraint is missing": (
        "ALTER TABLE t_push_subscriptions DROP CONSTRAINT t_push_subscriptions_expo_push_token_unique",
        Key("unique", "t_push_subscriptions", "t_push_subscriptions_expo_push_token_unique"),
    ),
    "an index that nothing needs": (
        "CREATE INDEX extra ON t_notifications (type)",
        Key("index", "t_notifications", "extra"),
    ),
    "a second index for the workspace, where a unique one is stated": (
        "CREATE INDEX extra ON t_workspace_oauth_apps (workspace_id)",
        Key("index", "t_workspace_oauth_apps", "extra"),
    ),
    "a foreign key that the source only means": (
        "ALTER TABLE l_audit_events ADD CONSTRAINT extra FOREIGN KEY (agent_id) REFERENCES t_agents",
        Key("foreign key", "l_audit_events", "extra"),
    ),
    "a deletion that empties the workspace": (
        """
        ALTER TABLE t_notification_channels DROP CONSTRAINT t_notification_channels_connection_id_fkey,
            ADD CONSTRAINT t_notification_channels_connection_id_fkey FOREIGN KEY (connection_id, workspace_id)
            REFERENCES t_connections (id, workspace_id) ON DELETE SET NULL
        """,
        Key("foreign key", "t_notification_channels", "t_notification_channels_connection_id_fkey"),
    ),
    "an enum's values": ("ALTER TYPE service RENAME VALUE 'jira' TO 'other'", Key("enum", "", "service")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_comparison_sees_a_change(admin: Connection, change: str) -> None:
    """A comparison that cannot fail proves nothing: each change to the schema is reported, and no rule allows it."""
    ddl, key = CHANGES[change]
    with search_path(admin, "agenthifive"):
        admin.execute(text(ddl))

    found = {
        difference.key
        for difference in differences(admin, "agenthifive", FACTS, agenthifive.Base.metadata)
        if difference.rule is None
    }

    assert key in found


def test_mappers_are_configured_without_a_warning() -> None:
    """Relationships over composite keys do not overlap."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        configure_mappers()


def test_every_model_and_resolver_is_exported() -> None:
    """`__all__` is Base, one model per table and the resolvers, sorted."""
    resolvers = {resolver.name for resolver in conventions_of(agenthifive.Base.metadata).resolvers}

    assert agenthifive.__all__ == sorted({"Base", *(model.__name__ for model in MODELS.values()), *resolvers})
    assert MODELS.keys() == TABLES.keys()


# --- two workspaces ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Inhabitant:
    """A workspace and its owner, with a row in every table; `rows` are the primary keys of those, by table."""

    workspace: UUID = field(default_factory=uuid4)
    user: UUID = field(default_factory=uuid4)
    rows: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, table: str) -> Any:
        return self.rows[table]


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=5)


def rows_of(inhabitant: Inhabitant) -> Iterator[Any]:
    """What the application itself writes, without ever naming the workspace."""
    name = inhabitant.workspace.hex
    agent = agenthifive.Agent(name=f"agent of {name}", public_key_jwk={"kty": "OKP"})
    connection = agenthifive.Connection(
        provider=enums.ProviderType.GOOGLE,
        service=enums.Service.GOOGLE_GMAIL,
        label="Mail",
        granted_scopes=["mail.read"],
        metadata_={"email": f"{name}@example.org"},
    )
    policy = agenthifive.Policy(
        agent=agent,
        connection=connection,
        allowed_models=[enums.ExecutionModel.B],
        rate_limits=shapes.RateLimits(max_requests_per_hour=60),
    )
    request = agenthifive.ApprovalRequest(
        policy=policy, agent=agent, connection=connection, actor="agent", request_details={}, expires_at=soon()
    )
    yield from (agent, connection, policy, request)
    yield agenthifive.PendingConnection(
        provider=enums.ProviderType.SLACK, service=enums.Service.SLACK, scopes=[], label="Slack", expires_at=soon()
    )
    yield agenthifive.PersonalAccessToken(name="cli", token_hash=f"personal {name}", expires_at=soon())
    yield agenthifive.AgentAccessToken(agent=agent, token_hash=f"agent {name}", expires_at=soon())
    yield agenthifive.AgentBootstrapSecret(
        agent=agent, type=enums.SecretType.ENROLLMENT, secret_hash=f"secret {name}", expires_at=soon()
    )
    yield agenthifive.AgentPermissionRequest(
        agent=agent, connection=connection, action_template_id="mail", reason="to read"
    )
    yield agenthifive.NotificationChannel(channel_type="telegram", connection=connection, config={"chatId": "1"})
    yield agenthifive.Notification(type="approval", title="Approve?", body="Really?")
    yield agenthifive.PushSubscription(
        user_id=inhabitant.user, expo_push_token=f"device {name}", platform=enums.Platform.IOS
    )
    yield agenthifive.WorkspaceOauthApp(
        provider=enums.ProviderType.MICROSOFT, client_id="app", encrypted_client_secret="...", label="Ours"
    )
    yield agenthifive.AuditEvent(
        audit_id=uuid4(),
        agent=agent,
        connection=connection,
        actor="agent",
        action="token_vended",
        decision=enums.AuditDecision.ALLOWED,
    )
    yield agenthifive.Session(token=f"session {name}", expires_at=soon())
    yield agenthifive.Account(account_id=name, provider_id="google", password="hash")


async def settle(db: Database) -> Inhabitant:
    """A new workspace with a row in each of its tables: users by a system session, the rest by the application."""
    inhabitant = Inhabitant()
    name = inhabitant.workspace.hex
    async with db.system(reason="sign-up", actor="tests") as session, session.begin():
        session.add(agenthifive.User(id=inhabitant.user, email=f"{name}@example.org", name=name))
        session.add(agenthifive.Verification(identifier=name, value="1234", expires_at=soon()))
        session.add(agenthifive.JtiReplay(jti=name, expires_at=soon()))
    async with db.begin(inhabitant.workspace, user=inhabitant.user) as session:
        session.add(agenthifive.Workspace(id=inhabitant.workspace, name=name, owner_id=inhabitant.user))
        await session.flush()
        written = list(rows_of(inhabitant))
        session.add_all(written)
        await session.flush()
        (request,) = (row for row in written if isinstance(row, agenthifive.ApprovalRequest))
        quarantine = agenthifive.PromptHistoryQuarantine(
            session_key="chat",
            approval_request_id=request.id,
            resolution=enums.Resolution.DENIED,
            fragments=["ignore all"],
        )
        session.add(quarantine)
        await session.flush()
        written.append(quarantine)
    inhabitant.rows.update({row.__table__.name: row.id for row in written})
    inhabitant.rows.update(t_workspaces=inhabitant.workspace, t_users=inhabitant.user)
    return inhabitant


@pytest.fixture(scope="module")
async def neighbours(db: Database) -> tuple[Inhabitant, Inhabitant]:
    """Two workspaces that no test changes."""
    return await settle(db), await settle(db)


@pytest.fixture
async def ours(db: Database) -> Inhabitant:
    """A workspace of the test's own."""
    return await settle(db)


VISIBLE = sorted(name for name, scope in SCOPES.items() if scope != Nobody())


@pytest.mark.parametrize("table", VISIBLE)
async def test_each_sees_its_own_row_and_no_other(
    db: Database, neighbours: tuple[Inhabitant, Inhabitant], table: str
) -> None:
    """Nineteen tables, through each kind of scope: both have a row, and each sees one."""
    model = MODELS[table]
    for inhabitant in neighbours:
        async with db.begin(inhabitant.workspace, user=inhabitant.user) as session:
            assert (await session.scalars(select(model.id))).all() == [inhabitant[table]]
            # Not by the ORM's condition alone: the table itself, without a mapped class.
            assert (await session.scalars(text(f"SELECT id FROM agenthifive.{table}"))).all() == [inhabitant[table]]


@pytest.mark.parametrize(
    "table", [name for name in VISIBLE if classification_of(TABLES[name]).access is Access.READ_WRITE]
)
async def test_nobody_changes_or_deletes_a_neighbours_row(
    db: Database, neighbours: tuple[Inhabitant, Inhabitant], table: str
) -> None:
    """A statement that names the other's row by its key finds nothing."""
    one, other = neighbours
    columns, key = TABLES[table], TABLES[table].c.id
    async with db.begin(one.workspace, user=one.user) as session:
        connection = await session.connection()
        changed = await connection.execute(update(columns).where(key == other[table]).values(id=uuid4()))
        deleted = await connection.execute(delete(columns).where(key == other[table]))

        assert (changed.rowcount, deleted.rowcount) == (0, 0)


@pytest.mark.parametrize("model", [agenthifive.Verification, agenthifive.JtiReplay])
async def test_what_is_checked_before_anyone_is_known_is_for_system_sessions(
    db: Database, neighbours: tuple[Inhabitant, Inhabitant], model: type[Any]
) -> None:
    """The application has no grant on verifications and on used tokens."""
    async with db.begin(neighbours[0].workspace, user=neighbours[0].user) as session:
        with pytest.raises(AccessDenied):
            await session.scalars(select(model))
    async with db.system(reason="sign-in", actor="tests") as session:
        assert len((await session.scalars(select(model))).all()) >= 2


# --- children of other workspaces -------------------------------------------------------------------------------------


@pytest.mark.parametrize("foreign", ["agent_id", "connection_id"])
async def test_a_policy_lies_in_one_workspace(
    db: Database, neighbours: tuple[Inhabitant, Inhabitant], foreign: str
) -> None:
    """Both of its parents must be visible: neither alone lends an agent another workspace's connection."""
    one, other = neighbours
    parents = {"agent_id": one["t_agents"], "connection_id": one["t_connections"]}
    parents[foreign] = other["t_agents" if foreign == "agent_id" else "t_connections"]
    async with db.session(one.workspace) as session:
        session.add(agenthifive.Policy(**parents, allowed_models=[]))
        with pytest.raises(TenantViolation):
            await session.flush()


@pytest.mark.parametrize("exists", [True, False])
async def test_an_approval_request_does_not_tell_of_another_workspaces_policy(
    db: Database, neighbours: tuple[Inhabitant, Inhabitant], exists: bool
) -> None:
    """Two levels up: a policy that is there and one that is not are refused alike, and before the foreign key looks."""
    one, other = neighbours
    async with db.session(one.workspace) as session:
        session.add(
            agenthifive.ApprovalRequest(
                policy_id=other["t_policies"] if exists else uuid4(),
                agent_id=one["t_agents"],
                connection_id=one["t_connections"],
                actor="agent",
                request_details={},
                expires_at=soon(),
            )
        )
        with pytest.raises(TenantViolation):
            await session.flush()


async def test_a_composite_key_does_not_reach_another_workspaces_agent(
    db: Database, neighbours: tuple[Inhabitant, Inhabitant]
) -> None:
    """The key carries the workspace: the agent that exists there does not exist here."""
    one, other = neighbours
    async with db.session(one.workspace) as session:
        session.add(agenthifive.AgentAccessToken(agent_id=other["t_agents"], token_hash="x", expires_at=soon()))
        with pytest.raises(IntegrityError):
            await session.flush()


async def test_a_bootstrap_secret_is_made_for_an_own_agent(
    db: Database, neighbours: tuple[Inhabitant, Inhabitant]
) -> None:
    """A secret for another workspace's agent would let its maker enrol as that agent."""
    one, other = neighbours
    secret = agenthifive.AgentBootstrapSecret(
        agent_id=other["t_agents"], type=enums.SecretType.REATTACH, secret_hash="known", expires_at=soon()
    )
    async with db.session(one.workspace) as session:
        session.add(secret)
        with pytest.raises(TenantViolation):
            await session.flush()


async def test_deleting_a_connection_empties_references_and_not_the_workspace(db: Database, ours: Inhabitant) -> None:
    """SET NULL names its column: the channel and the permission request stay, and stay the workspace's."""
    async with db.begin(ours.workspace) as session:
        await session.delete(await session.get_one(agenthifive.Connection, ours["t_connections"]))
    async with db.begin(ours.workspace) as session:
        channel = await session.get_one(agenthifive.NotificationChannel, ours["t_notification_channels"])
        request = await session.get_one(agenthifive.AgentPermissionRequest, ours["t_agent_permission_requests"])

        assert (channel.connection_id, channel.workspace_id) == (None, ours.workspace)
        assert (request.connection_id, request.workspace_id) == (None, ours.workspace)
        # The policy goes with the connection, and the approval request with the policy.
        assert await session.scalar(select(func.count()).select_from(agenthifive.ApprovalRequest)) == 0


# --- the trail --------------------------------------------------------------------------------------------------------


def event(**references: UUID | None) -> agenthifive.AuditEvent:
    return agenthifive.AuditEvent(
        audit_id=uuid4(), actor="agent", action="token_vended", decision=enums.AuditDecision.DENIED, **references
    )


@pytest.mark.parametrize("references", [{"t_agents"}, {"t_connections"}, {"t_agents", "t_connections"}])
async def test_an_event_needs_one_reference(db: Database, ours: Inhabitant, references: set[str]) -> None:
    """An event of an agent alone or of a connection alone is the workspace's as well."""
    columns = {"t_agents": "agent_id", "t_connections": "connection_id"}
    async with db.begin(ours.workspace) as session:
        session.add(event(**{columns[table]: ours[table] for table in references}))
    async with db.begin(ours.workspace) as session:
        assert await session.scalar(select(func.count()).select_from(agenthifive.AuditEvent)) == 2


@pytest.mark.parametrize("agent", ["own", "none", "other"])
async def test_nobody_writes_into_another_workspaces_trail(
    db: Database, neighbours: tuple[Inhabitant, Inhabitant], agent: str
) -> None:
    """One visible reference does not carry the other: all that an event refers to is visible, or it is refused."""
    one, other = neighbours
    agents = {"own": one["t_agents"], "none": None, "other": other["t_agents"]}
    async with db.session(one.workspace) as session:
        session.add(event(agent_id=agents[agent], connection_id=other["t_connections"]))
        with pytest.raises(TenantViolation):
            await session.flush()


async def test_an_event_of_nothing_is_for_system_sessions(db: Database, ours: Inhabitant) -> None:
    """Without a reference nobody knows whose it is."""
    async with db.session(ours.workspace) as session:
        session.add(event())
        with pytest.raises(TenantViolation):
            await session.flush()
    async with db.system(reason="failed bootstrap", actor="tests") as session, session.begin():
        session.add(event())
    async with db.begin(ours.workspace) as session:
        assert await session.scalar(select(func.count()).select_from(agenthifive.AuditEvent)) == 1


@pytest.mark.parametrize(
    "statement", [update(agenthifive.AuditEvent).values(actor="me"), delete(agenthifive.AuditEvent)]
)
async def test_the_trail_is_only_appended_to(db: Database, ours: Inhabitant, statement: Any) -> None:
    """Own events cannot be changed or deleted either."""
    async with db.session(ours.workspace) as session:
        with pytest.raises(AccessDenied):
            await session.execute(statement)


async def test_the_trail_outlives_the_agent(db: Database, ours: Inhabitant) -> None:
    """Deleting an agent leaves its events; who they belonged to only a system session can still say."""
    async with db.begin(ours.workspace) as session:
        await session.delete(await session.get_one(agenthifive.Agent, ours["t_agents"]))
    async with db.begin(ours.workspace) as session:
        assert await session.get(agenthifive.AuditEvent, ours["l_audit_events"]) is None
    async with db.system(reason="audit", actor="tests") as session:
        kept = await session.get_one(agenthifive.AuditEvent, ours["l_audit_events"])

        assert kept.agent_id == ours["t_agents"]


# --- users ------------------------------------------------------------------------------------------------------------


async def test_a_user_cannot_make_themselves_a_superadmin(db: Database, ours: Inhabitant) -> None:
    """The own row is read, and written by system sessions only."""
    async with db.session(ours.workspace, user=ours.user) as session:
        me = await session.get_one(agenthifive.User, ours.user)
        me.platform_role = enums.PlatformRole.SUPERADMIN
        with pytest.raises(AccessDenied):
            await session.flush()


async def test_a_user_in_another_workspace_sees_none_of_their_tokens(
    db: Database, neighbours: tuple[Inhabitant, Inhabitant]
) -> None:
    """A personal access token needs both: the workspace, and the user in it. Sessions need the user alone."""
    one, other = neighbours
    tokens, sessions = (
        select(func.count()).select_from(model) for model in (agenthifive.PersonalAccessToken, agenthifive.Session)
    )
    async with db.begin(one.workspace, user=other.user) as session:
        assert (await session.scalar(tokens), await session.scalar(sessions)) == (0, 1)


async def test_an_agents_session_has_no_user_and_sees_no_personal_token(db: Database, ours: Inhabitant) -> None:
    """It is refused, rather than told that there are none."""
    async with db.session(ours.workspace) as session:
        with pytest.raises(UserNotSet):
            await session.scalars(select(agenthifive.PersonalAccessToken.id))


# --- special columns --------------------------------------------------------------------------------------------------


async def test_the_tenant_of_an_oauth_app_is_azures(
    db: Database, neighbours: tuple[Inhabitant, Inhabitant], ours: Inhabitant
) -> None:
    """`tenant_id` is not filled in, may be anything, and moves the row nowhere."""
    other = neighbours[1]
    async with db.begin(ours.workspace) as session:
        app = await session.get_one(agenthifive.WorkspaceOauthApp, ours["t_workspace_oauth_apps"])
        assert app.tenant_id is None
        app.tenant_id = str(other.workspace)
    async with db.begin(other.workspace) as session:
        assert await session.get(agenthifive.WorkspaceOauthApp, ours["t_workspace_oauth_apps"]) is None
    async with db.begin(ours.workspace) as session:
        assert (await session.scalars(select(agenthifive.WorkspaceOauthApp.tenant_id))).all() == [str(other.workspace)]


async def test_a_quarantine_is_unique_in_its_workspace_only(
    db: Database, neighbours: tuple[Inhabitant, Inhabitant], ours: Inhabitant
) -> None:
    """Nobody takes the place of another workspace's quarantine; a second one of the same request is refused."""

    def quarantine(of: Inhabitant) -> agenthifive.PromptHistoryQuarantine:
        return agenthifive.PromptHistoryQuarantine(
            session_key="chat",
            approval_request_id=of["t_approval_requests"],
            resolution=enums.Resolution.EXPIRED,
            fragments=[],
        )

    async with db.begin(ours.workspace) as session:
        session.add(quarantine(neighbours[0]))
    async with db.session(ours.workspace) as session:
        session.add(quarantine(ours))
        with pytest.raises(IntegrityError):
            await session.flush()


async def test_arrays_and_json_are_typed(db: Database, neighbours: tuple[Inhabitant, Inhabitant]) -> None:
    """Python reads enums and shapes; the document's other programs read text and camelCase."""
    one = neighbours[0]
    async with db.begin(one.workspace) as session:
        policy = await session.get_one(agenthifive.Policy, one["t_policies"])
        stored = await session.execute(text("SELECT allowed_models, rate_limits FROM agenthifive.t_policies"))

        assert policy.allowed_models == [enums.ExecutionModel.B]
        assert policy.rate_limits == shapes.RateLimits(max_requests_per_hour=60)
        assert policy.rules == shapes.PolicyRules(request=[], response=[])
        assert stored.one() == (["B"], {"maxRequestsPerHour": 60})


async def test_relationships_stay_in_the_workspace(db: Database, neighbours: tuple[Inhabitant, Inhabitant]) -> None:
    """From the workspace down two levels and up again, over composite and over plain keys."""
    one = neighbours[0]
    async with db.begin(one.workspace) as session:
        workspace = await session.get_one(agenthifive.Workspace, one.workspace)
        found = await session.run_sync(
            lambda _: [
                (request.agent.workspace, request.policy.connection in workspace.connections)
                for agent in workspace.agents
                for policy in agent.policies
                for request in policy.approval_requests
            ]
        )

        assert found == [(workspace, True)]


# --- soft deletion ----------------------------------------------------------------------------------------------------


class SoftBase(DeclarativeBase):
    metadata = metadata(
        schema="soft", tenant_type=Uuid, tenant_column="workspace_id", naming_convention=AGENTHIFIVE_NAMING
    )
    type_annotation_map = agenthifive.Base.type_annotation_map


class SoftWorkspace(TenantRoot, AuditColumns, SoftBase):
    __tablename__ = "t_workspaces"


class Note(WorkspaceScoped, SoftDeleteColumns, AuditColumns, SoftBase):
    __tablename__ = "t_notes"

    title: Mapped[str]


async def test_what_is_soft_deleted_is_gone_and_stays_for_system_sessions(
    make_database: Any, empty_database: Any
) -> None:
    """The document's convention: `deleted_at` and `deleted_by`, ready for the first table that takes them."""
    workspace, user = uuid4(), uuid4()
    async with Database(pushed(make_database, empty_database, SoftBase.metadata).settings) as db:
        async with db.begin(workspace) as session:
            session.add(SoftWorkspace(id=workspace))
            await session.flush()
            session.add_all([Note(title="kept"), Note(title="gone", deleted_at=datetime.now(UTC), deleted_by=user)])
        async with db.begin(workspace) as session:
            everything = select(Note.title).order_by(Note.title)

            assert (await session.scalars(everything)).all() == ["kept"]
            assert (await session.scalars(everything, execution_options={"include_deleted": True})).all() == [
                "gone",
                "kept",
            ]
        async with db.system(reason="restore", actor="tests") as session:
            assert (await session.scalars(select(Note.deleted_by).order_by(Note.title))).all() == [user, None]
