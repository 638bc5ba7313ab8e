"""The Codebuff schema is the one that the facts state, and its rows are for their owners: a user, an organization."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, configure_mappers

from tenancy import AccessDenied, TenantMismatch, TenantNotSet, TenantViolation, UserNotSet
from tenancy.reference import codebuff
from tenancy.reference.codebuff import (
    Account,
    AdImpression,
    AgentConfig,
    AgentRun,
    AgentStep,
    CreditLedger,
    EncryptedApiKeys,
    Fingerprint,
    GitEvalResults,
    LimitOverride,
    Message,
    Org,
    OrgFeature,
    OrgInvite,
    OrgMember,
    OrgRepo,
    Publisher,
    Referral,
    Subscription,
    SyncFailure,
    User,
    VerificationToken,
    enums,
    shapes,
    triggers,
)
from tenancy.schema import Access, Private, Scope, is_null, parent, tenant, user
from tenancy.schema.classification import classification_of
from tenancy.schema.metadata import conventions_of
from tenancy.security.apply import compare
from tenancy.security.roles import Roles

from .catalog import EnumType, Key, read_catalog, search_path
from .conformance import differences
from .facts_file import load_facts

FACTS = load_facts(Path(__file__).parent / "facts" / "codebuff.yaml")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


# --- what the schema is -----------------------------------------------------------------------------------------------


def test_the_schema_is_what_the_facts_state(admin: Connection) -> None:
    """Every column, default, generated expression, key, index and enum is as stated, save what isolation needs."""
    assert [
        difference
        for difference in differences(admin, "codebuff", FACTS, codebuff.Base.metadata)
        if difference.rule is None
    ] == []


def test_the_differences_that_isolation_needs_are_known_by_rule(admin: Connection) -> None:
    """Three tables lacked an index by which their policy finds rows, and two a second one; a resolver needs one."""
    found = differences(admin, "codebuff", FACTS, codebuff.Base.metadata)

    assert Counter(difference.rule for difference in found) == {
        "index led by the tenant": 1,
        "index led by the user": 3,
        "index led by the other user": 1,
        "index that a resolver looks up": 1,
    }


def test_nothing_is_missing(admin: Connection) -> None:
    """23 tables, 228 columns of which 13 are generated, 8 enums, and 34 indexes, 8 of them partial and 2 GIN."""
    catalog = read_catalog(admin, "codebuff")
    kinds = Counter(key.kind for key in catalog)
    stated = [index for table in FACTS["tables"] for index in table["indexes"]]
    indexes = [catalog[Key("index", table["name"], i["name"])] for table in FACTS["tables"] for i in table["indexes"]]

    assert (kinds["table"], kinds["enum"], kinds["column"], kinds["check"]) == (23, 8, 228, 1)
    assert sum(getattr(item, "generated", None) is not None for item in catalog.values()) == 13
    assert sum(key.kind == "primary key" and len(item.columns) > 1 for key, item in catalog.items()) == 7
    assert len(stated) == len(indexes) == 34
    assert sum(index.predicate is not None for index in indexes) == 8
    assert sum(index.method == "gin" for index in indexes) == 2


def test_native_enums_have_the_values_of_their_python_classes(admin: Connection) -> None:
    """A value that Python knows and PostgreSQL does not, or the reverse, would fail only when it is used."""
    catalog = read_catalog(admin, "codebuff")
    for name, enum in enums.NATIVE_ENUMS.items():
        assert catalog[Key("enum", "", name)] == EnumType(tuple(member.value for member in enum))


ORGANIZATION_OR_USER = tenant("org_id") | (is_null("org_id") & user("user_id"))
EVERYTHING, APPENDS, READS = Access.READ_WRITE, Access.APPEND_ONLY, Access.READ_ONLY
SCOPES: dict[str, tuple[Scope, Access]] = {
    "account": (user("userId"), EVERYTHING),
    "ad_impression": (user("user_id"), EVERYTHING),
    "agent_config": (parent("publisher_id"), EVERYTHING),
    "agent_run": (user("user_id"), EVERYTHING),
    "agent_step": (parent("agent_run_id"), EVERYTHING),
    "credit_ledger": (ORGANIZATION_OR_USER, EVERYTHING),
    "encrypted_api_keys": (user("user_id"), EVERYTHING),
    "fingerprint": (Private.__scope__, EVERYTHING),
    "git_eval_results": (Private.__scope__, EVERYTHING),
    "limit_override": (user("user_id"), READS),
    "message": (ORGANIZATION_OR_USER, APPENDS),
    "org": (tenant("id"), EVERYTHING),
    "org_feature": (tenant("org_id"), READS),
    "org_invite": (tenant("org_id"), EVERYTHING),
    "org_member": (tenant("org_id"), EVERYTHING),
    "org_repo": (tenant("org_id"), EVERYTHING),
    "publisher": (ORGANIZATION_OR_USER, EVERYTHING),
    "referral": (user("referrer_id") | user("referred_id"), READS),
    "session": (user("userId"), EVERYTHING),
    "subscription": (user("user_id"), READS),
    "sync_failure": (Private.__scope__, EVERYTHING),
    "user": (user("id"), Access.NO_DELETE),
    "verificationToken": (Private.__scope__, EVERYTHING),
}


def test_every_table_is_classified() -> None:
    """Whose each table's rows are, and what the application may do with them."""
    found = {table.name: classification_of(table) for table in codebuff.Base.metadata.tables.values()}

    assert {name: (one.scope, one.access) for name, one in found.items()} == SCOPES
    assert [name for name, one in found.items() if one.root] == ["org"]


def test_the_database_is_secured_as_the_models_ask(migrated: Any) -> None:
    """Quoted identifiers, two users and parents survive the way into PostgreSQL's catalog and back."""
    with migrated.connect("owner") as connection:
        connection.execute(text("SET ROLE tenancy_owner"))
        assert compare(connection, [codebuff.Base.metadata], Roles()) == []


CHANGES = {
    "a table is missing": ('DROP TABLE "verificationToken"', Key("table", "verificationToken", "")),
    "a quoted column is renamed": ('ALTER TABLE account RENAME "userId" TO userid', Key("column", "account", "userId")),
    "a generated expression": (
        "ALTER TABLE agent_run ALTER depth SET EXPRESSION AS (coalesce(array_length(ancestor_run_ids, 1), 0))",
        Key("column", "agent_run", "depth"),
    ),
    "a column is generated no longer": (
        "ALTER TABLE agent_step ALTER spawned_count DROP EXPRESSION",
        Key("column", "agent_step", "spawned_count"),
    ),
    "a number's scale": ("ALTER TABLE message ALTER cost TYPE numeric(100,10)", Key("column", "message", "cost")),
    "a default's expression": (
        """ALTER TABLE "user" ALTER next_quota_reset SET DEFAULT now() + interval '1 day'""",
        Key("column", "user", "next_quota_reset"),
    ),
    "a default of the migrations": (
        "ALTER TABLE referral ALTER is_legacy SET DEFAULT true",
        Key("column", "referral", "is_legacy"),
    ),
    "a time zone": (
        'ALTER TABLE "verificationToken" ALTER expires TYPE timestamptz',
        Key("column", "verificationToken", "expires"),
    ),
    "the order of a key": (
        """
        ALTER TABLE agent_config DROP CONSTRAINT agent_config_publisher_id_id_version_pk,
            ADD CONSTRAINT agent_config_publisher_id_id_version_pk PRIMARY KEY (id, publisher_id, version)
        """,
        Key("primary key", "agent_config", "agent_config_publisher_id_id_version_pk"),
    ),
    "a check allows more": (
        """
        ALTER TABLE publisher DROP CONSTRAINT publisher_single_owner,
            ADD CONSTRAINT publisher_single_owner CHECK (user_id IS NOT NULL OR org_id IS NOT NULL)
        """,
        Key("check", "publisher", "publisher_single_owner"),
    ),
    "an index is for all rows": (
        """
        DROP INDEX idx_sync_failure_retry;
        CREATE INDEX idx_sync_failure_retry ON sync_failure (retry_count, last_attempt_at)
        """,
        Key("index", "sync_failure", "idx_sync_failure_retry"),
    ),
    "an index of another method": (
        """
        DROP INDEX idx_agent_run_ancestors_gin;
        CREATE INDEX idx_agent_run_ancestors_gin ON agent_run (ancestor_run_ids)
        """,
        Key("index", "agent_run", "idx_agent_run_ancestors_gin"),
    ),
    "an index led by somebody who owns nothing": (
        "CREATE INDEX extra ON publisher (created_by)",
        Key("index", "publisher", "extra"),
    ),
    "an index that is unique": (
        "DROP INDEX idx_org_repo_unique; CREATE UNIQUE INDEX idx_org_repo_unique ON org_repo (org_id, repo_url)",
        Key("index", "org_repo", "idx_org_repo_unique"),
    ),
    "another action on delete": (
        """
        ALTER TABLE credit_ledger DROP CONSTRAINT credit_ledger_org_id_org_id_fk,
            ADD CONSTRAINT credit_ledger_org_id_org_id_fk FOREIGN KEY (org_id) REFERENCES org ON DELETE SET NULL
        """,
        Key("foreign key", "credit_ledger", "credit_ledger_org_id_org_id_fk"),
    ),
    "an enum's values": ("ALTER TYPE grant_type RENAME VALUE 'ad' TO 'other'", Key("enum", "", "grant_type")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_comparison_sees_a_change(admin: Connection, change: str) -> None:
    """A comparison that cannot fail proves nothing: each change to the schema is reported, and no rule allows it."""
    ddl, key = CHANGES[change]
    if "SET EXPRESSION" in ddl and admin.dialect.server_version_info < (17,):  # type: ignore[operator]
        pytest.skip("PostgreSQL cannot change a generated expression before 17")
    # Each change locks tables that the next comparison reads: one at a time, where tests run in parallel.
    admin.execute(text("SELECT pg_advisory_xact_lock(hashtext('codebuff conformance'))"))
    with search_path(admin, "codebuff"):
        admin.execute(text(ddl))

    found = {
        difference.key
        for difference in differences(admin, "codebuff", FACTS, codebuff.Base.metadata)
        if difference.rule is None
    }

    assert key in found


def test_mappers_are_configured_without_a_warning() -> None:
    """Relationships do not overlap."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        configure_mappers()


def test_every_model_and_resolver_is_exported() -> None:
    """`__all__` is Base, one model per table and the resolvers, sorted."""
    models = {mapper.class_.__name__ for mapper in codebuff.Base.registry.mappers}
    resolvers = {resolver.name for resolver in conventions_of(codebuff.Base.metadata).resolvers}

    assert codebuff.__all__ == sorted({"Base", *models, *resolvers})
    assert len(models) == len(codebuff.Base.metadata.tables)


def test_the_triggers_are_those_of_the_facts(admin: Connection) -> None:
    """What no comparison of models sees is compared here: the two triggers, and nothing else that runs by itself."""
    triggers_of_database = {
        name: (table, definition)
        for table, name, definition in admin.execute(
            text(
                "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t "
                "JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal AND relnamespace = 'codebuff'::regnamespace"
            )
        )
    }
    stated = {trigger["name"]: table["name"] for table in FACTS["tables"] for trigger in table.get("triggers", ())}

    assert stated.keys() == triggers_of_database.keys()
    for name, table in stated.items():
        assert triggers_of_database[name] == (
            f"codebuff.{table}",
            " ".join(triggers.CREATE_TRIGGERS[table].split()),
        )


# --- whose rows are they ----------------------------------------------------------------------------------------------

#: Whom a session is for: an organization, a user, or both. Ann is a member of red, Ben of red and blue.
RED, BLUE, ANN, BEN, RED_ANN, RED_BEN, BLUE_BEN = (
    {"tenant": "red"},
    {"tenant": "blue"},
    {"user": "ann"},
    {"user": "ben"},
    {"tenant": "red", "user": "ann"},
    {"tenant": "red", "user": "ben"},
    {"tenant": "blue", "user": "ben"},
)
Whom = Mapping[str, str]


def ids(parameter: Any) -> str:
    if isinstance(parameter, dict):
        return "+".join(map(str, parameter.values()))
    return ",".join(sorted(parameter)) if isinstance(parameter, set) else str(parameter)


def at(owner: str) -> dict[str, str | None]:
    """The owner columns of a row, by who has it: "red/ann" is red's by Ann, "ann" is Ann's own, "" is nobody's."""
    org, _, name = owner.rpartition("/")
    return {"org_id": org or None, "user_id": name or None}


def ledger_row(key: str, owner: str) -> dict[str, Any]:
    return {"operation_id": key, "principal": 10, "balance": 10, "type": "purchase", "priority": 1, **at(owner)}


def message_row(key: str, owner: str) -> dict[str, Any]:
    finished = NOON.replace(tzinfo=None)
    said = {"request": ["a", "b"], "response": {}, "output_tokens": 1, "cost": Decimal("0.1"), "credits": 1}
    return {"id": key, "finished_at": finished, "model": "m", **said, **at(owner)}


def publisher_row(key: str, owner: str) -> dict[str, Any]:
    owners = at(owner)
    owners["user_id"] = None if owners["org_id"] else owners["user_id"]
    return {"id": key, "name": key, "created_by": "ann", **owners}


#: The tables whose rows are an organization's or a user's, and how a row of an owner is made.
EITHER: dict[str, tuple[Any, Callable[[str, str], dict[str, Any]]]] = {
    "credit_ledger": (CreditLedger, ledger_row),
    "message": (Message, message_row),
    "publisher": (Publisher, publisher_row),
}
OWNERS = ("ann", "ben", "red/ann", "red/ben", "blue/ann", "blue/ben")
#: Which of these rows each session may see, and which it may write.
OWN: list[tuple[Whom, set[str]]] = [
    (RED, {"red/ann", "red/ben"}),
    (BLUE, {"blue/ann", "blue/ben"}),
    (ANN, {"ann"}),
    (BEN, {"ben"}),
    (RED_ANN, {"ann", "red/ann", "red/ben"}),
    (RED_BEN, {"ben", "red/ann", "red/ben"}),
    (BLUE_BEN, {"ben", "blue/ann", "blue/ben"}),
]


def user_rows(name: str) -> list[Any]:
    """A row of every table whose rows are one user's, but `user` itself."""
    return [
        Account(user_id=name, type="oauth", provider="github", provider_account_id=name, access_token="secret"),
        codebuff.Session(session_token=f"{name}'s session", user_id=name, expires=NOON.replace(tzinfo=None)),
        EncryptedApiKeys(user_id=name, type=enums.ApiKeyType.GEMINI, api_key="secret"),
        Subscription(
            stripe_subscription_id=f"{name}'s subscription",
            stripe_customer_id=name,
            user_id=name,
            stripe_price_id="price",
            billing_period_start=NOON,
            billing_period_end=NOON,
        ),
        LimitOverride(user_id=name, credits_per_block=1, block_duration_hours=1, weekly_credit_limit=1),
        AdImpression(
            id=f"{name}'s impression",
            user_id=name,
            ad_text="",
            title="",
            url="",
            favicon="",
            click_url="",
            imp_url=f"https://ads.example/{name}",
            payout=Decimal("0.5"),
            credits_granted=1,
        ),
        AgentRun(id=f"{name}'s run", user_id=name, agent_id="base", steps=[AgentStep(step_number=1)]),
    ]


def org_rows(org: str) -> list[Any]:
    """A row of every table whose rows are one organization's, but `org` itself."""
    return [
        OrgMember(org_id=org, user_id="ben", role=enums.OrgRole.ADMIN),
        OrgRepo(org_id=org, repo_url="https://git.example/r", repo_name="r", approved_by="ben"),
        OrgInvite(
            org_id=org,
            email="c@example",
            role=enums.OrgRole.MEMBER,
            token=f"{org}'s token",
            invited_by="ben",
            expires_at=NOON,
        ),
        OrgFeature(org_id=org, feature="sso"),
    ]


@pytest.fixture(scope="module", autouse=True)
def rows(migrated: Any) -> None:
    """Ann and Ben, the organizations red and blue, and rows of everybody, and of nobody, in every table."""
    with migrated.connect() as connection, Session(connection) as session:
        session.add_all(User(id=name, email=f"{name}@example", password="secret") for name in ("ann", "ben", "cas"))
        session.flush()
        session.add_all(
            Org(id=org, name=org, slug=org, owner_id=owner, auto_topup_threshold=1, auto_topup_amount=1)
            for org, owner in (("red", "ann"), ("blue", "ben"))
        )
        session.flush()
        session.add_all(row for name in ("ann", "ben") for row in user_rows(name))
        session.add_all(row for org in ("red", "blue") for row in org_rows(org))
        session.add(Referral(referrer_id="ann", referred_id="ben", credits=5))
        session.add_all([Fingerprint(id="device"), GitEvalResults(is_public=True)])
        session.add(SyncFailure(id="failure", provider="stripe", last_error="timeout"))
        session.add(VerificationToken(identifier="c@example", token="secret", expires=NOON.replace(tzinfo=None)))
        for model, row in EITHER.values():
            session.execute(insert(model.__table__), [row(owner, owner) for owner in OWNERS])
        session.execute(insert(Message.__table__), [message_row("nobody", ""), message_row("red's", "red/")])
        session.execute(insert(AgentRun.__table__), [{"id": "nobody's", "agent_id": "base", "user_id": None}])
        session.add_all(AgentConfig(id="agent", version="1.0.0", publisher_id=owner, data={}) for owner in OWNERS)
        session.commit()


def key_of(model: Any) -> Any:
    (column,) = model.__table__.primary_key.columns
    return column


@pytest.mark.parametrize("principal, own", OWN, ids=ids)
@pytest.mark.parametrize("name", EITHER)
async def test_a_session_reads_its_own_rows(db: Any, name: str, principal: Whom, own: set[str]) -> None:
    """A member sees the organization's rows, a user theirs, and nobody another's: by the ORM, by Core, in raw SQL."""
    model, _ = EITHER[name]
    own = own | {"red's"} if model is Message and principal.get("tenant") == "red" else own
    key = key_of(model)
    async with db.begin(**principal) as session:
        mapped = set((await session.scalars(select(model))).all())
        core = set((await session.scalars(select(key))).all())
        raw = set((await session.scalars(text(f"SELECT {key.name} FROM codebuff.{name}"))).all())

        assert {getattr(one, key.name) for one in mapped} == core == raw == own
        assert [one for one in OWNERS if await session.get(model, one)] == [one for one in OWNERS if one in own]


@pytest.mark.parametrize("principal, own", OWN, ids=ids)
@pytest.mark.parametrize("name", EITHER)
async def test_a_session_inserts_its_own_rows(db: Any, name: str, principal: Whom, own: set[str]) -> None:
    """Another organization's or user's rows are refused, also those that the session's user wrote, and nobody's."""
    model, row = EITHER[name]
    for owner in (*OWNERS, *([""] if model is Message else [])):
        statement = insert(model.__table__).values(row(f"new {owner}", owner))
        async with db.session(**principal) as session:
            if owner in own:
                await session.execute(statement)
            else:
                with pytest.raises(TenantViolation):
                    await session.execute(statement)


@pytest.mark.parametrize("principal, own", OWN, ids=ids)
@pytest.mark.parametrize("name", ["credit_ledger", "publisher"])
async def test_a_session_changes_its_own_rows(db: Any, name: str, principal: Whom, own: set[str]) -> None:
    """UPDATE and DELETE without a WHERE touch the session's rows, with one for all others touch none."""
    model, _ = EITHER[name]
    key = key_of(model)
    column = {"credit_ledger": "description", "publisher": "bio"}[name]
    async with db.session(**principal) as session:
        raw = await session.scalars(text(f"UPDATE codebuff.{name} SET {column} = 'changed' RETURNING {key.name}"))
        mapped = await session.scalars(update(model).values({column: "again"}).returning(key))
        others = await session.execute(update(model.__table__).where(key.not_in(own)).values({column: "taken"}))

        assert (set(raw.all()), set(mapped.all()), others.rowcount) == (own, own, 0)

        # What was published goes first; its policy is the publisher's.
        configs = await session.scalars(text("DELETE FROM codebuff.agent_config RETURNING publisher_id"))
        gone = await session.scalars(delete(model.__table__).returning(key))

        assert set(gone.all()) == own
        assert name != "publisher" or set(configs.all()) == own


async def test_messages_are_only_appended(db: Any) -> None:
    """Nobody rewrites what was said, not even its owner."""
    for change in (update(Message).values(model="other"), delete(Message)):
        async with db.session("red", user="ann") as session:
            with pytest.raises(AccessDenied):
                await session.execute(change)


MOVES: list[tuple[Whom, str, dict[str, str | None], bool]] = [
    (RED, "red/ann", {"org_id": "blue"}, False),
    (RED, "red/ann", {"org_id": None}, False),
    (RED, "red/ann", {"user_id": "ben"}, True),
    (ANN, "ann", {"org_id": "red"}, False),
    (ANN, "ann", {"user_id": "ben"}, False),
    (RED_ANN, "ann", {"org_id": "blue"}, False),
    (RED_ANN, "ann", {"user_id": "ben"}, False),
    (RED_ANN, "red/ben", {"org_id": None}, False),
    # A session for both owners may hand a row from one to the other.
    (RED_ANN, "ann", {"org_id": "red"}, True),
    (RED_ANN, "red/ann", {"org_id": None}, True),
]


@pytest.mark.parametrize("principal, owner, change, allowed", MOVES, ids=ids)
async def test_a_row_moves_between_its_session_s_owners_only(
    db: Any, principal: Whom, owner: str, change: dict[str, str | None], allowed: bool
) -> None:
    """The new row is held to the same predicate as the old: no gift to another organization or user."""
    statement = update(CreditLedger.__table__).where(CreditLedger.operation_id == owner).values(change)
    async with db.session(**principal) as session:
        if allowed:
            assert (await session.execute(statement)).rowcount == 1
        else:
            with pytest.raises(TenantViolation):
                await session.execute(statement)


async def test_granting_is_idempotent(db: Any) -> None:
    """An operation that granted already grants nothing more, and cannot be turned into a way to another's row."""
    async with db.session(user="ann") as session:
        again = upsert(CreditLedger).values(ledger_row("ann", "ann")).on_conflict_do_nothing()
        assert (await session.execute(again)).rowcount == 0
        taking = upsert(CreditLedger).values(ledger_row("ben", "ann"))
        with pytest.raises(TenantViolation):
            await session.execute(taking.on_conflict_do_update(index_elements=["operation_id"], set_={"balance": 0}))


@pytest.mark.parametrize(
    "principal, owners",
    [(ANN, (None, "ann")), (RED_ANN, ("red", "ann"))],
    ids=ids,
)
async def test_the_owners_of_a_row_are_filled_in(db: Any, principal: Whom, owners: tuple[str | None, str]) -> None:
    """In an organization's session a new row is the organization's, by the user; in a user's own session the user's."""
    async with db.session(**principal) as session:
        grant = CreditLedger(operation_id="filled", principal=1, balance=1, type=enums.GrantType.FREE, priority=1)
        message = Message(**{key: value for key, value in message_row("filled", "").items() if value is not None})
        session.add_all([grant, message])
        await session.flush()

        assert (grant.org_id, grant.user_id) == (message.org_id, message.user_id) == owners


async def test_an_organization_s_row_may_have_no_user(db: Any) -> None:
    """A session without a user fills in the organization; a row that must name a user must be given one."""
    async with db.session("red") as session:
        message = Message(**{key: value for key, value in message_row("filled", "").items() if value is not None})
        session.add(message)
        await session.flush()
        assert (message.org_id, message.user_id) == ("red", None)


async def test_a_publisher_has_one_owner(db: Any) -> None:
    """The organization in its session, the user who is named in their own; two owners PostgreSQL refuses."""
    async with db.session("red", user="ann") as session:
        of_red = Publisher(id="of-red", name="Red", created_by="ann")
        session.add(of_red)
        await session.flush()
        assert (of_red.org_id, of_red.user_id) == ("red", None)
        session.add(Publisher(id="of-both", name="Both", created_by="ann", user_id="ann"))
        with pytest.raises(IntegrityError, match="publisher_single_owner"):
            await session.flush()
    async with db.session(user="ann") as session:
        of_ann = Publisher(id="of-ann", name="Ann", created_by="ann", user_id="ann")
        session.add(of_ann)
        await session.flush()
        assert (of_ann.org_id, of_ann.user_id) == (None, "ann")


@pytest.mark.parametrize("name", EITHER)
async def test_whoever_is_nobody_gets_an_error(db: Any, name: str) -> None:
    """A forgotten organization and user are no empty result."""
    async with db.engine.connect() as connection:
        with pytest.raises(TenantNotSet):
            await connection.execute(text(f"SELECT * FROM codebuff.{name}"))


USER_TABLES = sorted(
    name for name, (scope, _) in SCOPES.items() if scope in (user("id"), user("userId"), user("user_id"))
)
ORG_TABLES = sorted(name for name, (scope, _) in SCOPES.items() if scope in (tenant("id"), tenant("org_id")))


def model_of(name: str) -> Any:
    return next(one.class_ for one in codebuff.Base.registry.mappers if one.local_table.name == name)


@pytest.mark.parametrize("name", USER_TABLES)
async def test_rows_of_a_user_are_seen_by_that_user_only(db: Any, name: str) -> None:
    """In whatever organization: a colleague sees none, and an organization by itself gets an error."""
    table = model_of(name).__table__
    column = table.columns[classification_of(table).scope.column]  # type: ignore[attr-defined]
    for principal in (ANN, RED_ANN, BEN, BLUE_BEN):
        async with db.session(**principal) as session:
            assert set((await session.scalars(select(column))).all()) == {principal["user"]}
            assert set((await session.scalars(select(getattr(model_of(name), "user_id", User.id)))).all()) == {
                principal["user"]
            }
    async with db.session("red") as session:
        with pytest.raises(UserNotSet):
            await session.execute(select(table))


@pytest.mark.parametrize("name", [name for name in USER_TABLES if SCOPES[name][1] is EVERYTHING])
async def test_rows_of_another_user_are_not_written(db: Any, name: str) -> None:
    """Neither changed, nor deleted, nor made, nor given away, in the organization that both work for."""
    model = model_of(name)
    table = model.__table__
    column = table.columns[classification_of(table).scope.column]  # type: ignore[attr-defined]
    async with db.session("red", user="ann") as session:
        touched = await session.execute(update(table).where(column == "ben").values({column: "ann"}))
        gone = await session.execute(delete(table).where(column == "ben"))
        assert (touched.rowcount, gone.rowcount) == (0, 0)
        with pytest.raises(TenantViolation):
            await session.execute(update(table).values({column: "cas"}))
    async with db.session("red", user="ann") as session:
        made = User(id="ben2", email="x") if model is User else next(r for r in user_rows("ben") if type(r) is model)
        with pytest.raises(TenantMismatch):
            session.add(made)


@pytest.mark.parametrize("name", ORG_TABLES)
async def test_rows_of_an_organization_are_seen_by_that_organization_only(db: Any, name: str) -> None:
    """Whoever the user is; and a user without an organization gets an error, a member as well."""
    table = model_of(name).__table__
    column = table.columns[classification_of(table).scope.column]  # type: ignore[attr-defined]
    for principal in (RED, RED_ANN, BLUE, BLUE_BEN):
        async with db.session(**principal) as session:
            assert (await session.scalars(select(column))).all() == [principal["tenant"]]
    async with db.session(user="ben") as session:
        with pytest.raises(TenantNotSet):
            await session.execute(select(table))


async def test_nobody_makes_themselves_a_member(db: Any) -> None:
    """Of another organization, or from a session that has none."""
    joining = insert(OrgMember.__table__).values(user_id="ann", role="owner")
    async with db.session("red", user="ann") as session:
        with pytest.raises(TenantViolation):
            await session.execute(joining.values(org_id="blue"))
    async with db.session(user="ann") as session:
        with pytest.raises(TenantNotSet):
            await session.execute(joining.values(org_id="blue"))


async def test_two_users_see_a_referral(db: Any) -> None:
    """Who referred and who was referred; a third does not, and none of them writes it."""
    for name, seen in (("ann", 1), ("ben", 1), ("cas", 0)):
        async with db.session(user=name) as session:
            assert await session.scalar(select(func.count()).select_from(Referral)) == seen
            with pytest.raises(AccessDenied):
                await session.execute(update(Referral).values(status=enums.ReferralStatus.COMPLETED))


async def test_an_organization_by_itself_has_no_referrals(db: Any) -> None:
    """Both owners are users, so a session without one gets an error."""
    async with db.session("red") as session:
        with pytest.raises(UserNotSet):
            await session.execute(text("SELECT * FROM codebuff.referral"))


@pytest.mark.parametrize("name", sorted(name for name, (_, access) in SCOPES.items() if access is READS))
async def test_what_the_platform_decides_is_only_read(db: Any, name: str) -> None:
    """No session of the application writes limits, subscriptions, referrals and features."""
    for change in ("DELETE FROM codebuff.{}", "INSERT INTO codebuff.{} DEFAULT VALUES"):
        async with db.session("red", user="ann") as session:
            with pytest.raises(AccessDenied):
                await session.execute(text(change.format(name)))


@pytest.mark.parametrize("name", sorted(name for name, (scope, _) in SCOPES.items() if scope == Private.__scope__))
async def test_private_rows_are_for_system_sessions(db: Any, name: str) -> None:
    """Tokens of nobody, devices, the platform's own work: the application has no grant, the system role has."""
    async with db.session("red", user="ann") as session:
        with pytest.raises(AccessDenied):
            await session.execute(text(f'SELECT * FROM codebuff."{name}"'))
    async with db.system(reason="test", actor="tests") as session:
        assert await session.scalar(select(func.count()).select_from(model_of(name))) == 1


@pytest.mark.parametrize("principal, own", OWN, ids=ids)
async def test_agents_are_where_their_publisher_is(db: Any, principal: Whom, own: set[str]) -> None:
    """The publisher's two kinds of owner hold for what it published: reading, and making a version."""
    async with db.session(**principal) as session:
        assert set((await session.scalars(select(AgentConfig.publisher_id))).all()) == own
    for owner in OWNERS:
        version = AgentConfig(id="agent", version="2.0.0", publisher_id=owner, data={})
        async with db.session(**principal) as session:
            session.add(version)
            if owner in own:
                await session.flush()
            else:
                with pytest.raises(TenantViolation):
                    await session.flush()


async def test_steps_are_where_their_run_is(db: Any) -> None:
    """A user sees the steps of their runs, and adds none to another's; to a run that is nobody's neither."""
    async with db.session(user="ann") as session:
        assert (await session.scalars(select(AgentStep.agent_run_id))).all() == ["ann's run"]
        taken = await session.execute(update(AgentStep.__table__).values(error_message="changed"))
        assert taken.rowcount == 1
        with pytest.raises(TenantViolation):
            await session.execute(update(AgentStep.__table__).values(agent_run_id="ben's run"))
    for run in ("ben's run", "nobody's"):
        async with db.session(user="ann") as session:
            # Before the unique index over run and number is asked, which would tell that the step exists.
            session.add(AgentStep(agent_run_id=run, step_number=1))
            with pytest.raises(TenantViolation):
                await session.flush()


# --- what PostgreSQL computes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "agent, publisher, name, version",
    [
        ("acme/reviewer@1.2.3", "acme", "reviewer", "1.2.3"),
        ("reviewer", None, "reviewer", None),
        ("reviewer@1.2.3", None, "reviewer@1.2.3", None),
        ("a/b/c@1", None, "a/b/c@1", None),
    ],
)
async def test_an_agent_s_name_is_taken_apart(
    db: Any, agent: str, publisher: str | None, name: str, version: str | None
) -> None:
    """A full name has a publisher and a version; any other is a name by itself."""
    async with db.session(user="ann") as session:
        run = AgentRun(agent_id=agent)
        session.add(run)
        await session.flush()
        assert (run.publisher_id, run.agent_name, run.agent_version) == (publisher, name, version)


async def test_a_run_knows_where_it_comes_from(db: Any) -> None:
    """Root, parent and depth follow from the ancestors, and the descendants of a run are found by containment."""
    async with db.session(user="ann") as session:
        root, child, grandchild = (
            AgentRun(id=id_, agent_id="base", ancestor_run_ids=ancestors)
            for id_, ancestors in (("r", None), ("c", ["r"]), ("g", ["r", "c"]))
        )
        session.add_all([root, child, grandchild])
        await session.flush()
        descendants = select(AgentRun.id).where(AgentRun.ancestor_run_ids.contains(["r"])).order_by(AgentRun.id)

        assert [(run.root_run_id, run.parent_run_id, run.depth) for run in (root, child, grandchild)] == [
            ("r", None, 1),
            ("r", "r", 1),
            ("r", "c", 2),
        ]
        assert (await session.scalars(descendants)).all() == ["c", "g"]


async def test_time_and_children_are_counted(db: Any) -> None:
    """A duration in milliseconds once there is an end; the number of runs that a step spawned."""
    async with db.session(user="ann") as session:
        run = AgentRun(agent_id="base", created_at=NOON)
        step = AgentStep(
            run=run, step_number=1, created_at=NOON, completed_at=NOON + timedelta(seconds=1.5), child_run_ids=["x"]
        )
        session.add(step)
        await session.flush()
        assert (run.duration_ms, step.duration_ms, step.spawned_count) == (None, 1500, 1)
        run.completed_at = NOON + timedelta(minutes=1)
        # Changed in place, and seen.
        step.child_run_ids.append("y")
        await session.flush()
        await session.refresh(run)
        await session.refresh(step)
        assert (run.duration_ms, step.spawned_count, step.child_run_ids) == (60_000, 2, ["x", "y"])


async def test_the_latest_version_of_an_agent_is_found_by_number(db: Any) -> None:
    """1.10.0 comes after 1.9.0, which text would deny."""
    async with db.session("red") as session:
        session.add_all(
            AgentConfig(id="sorted", version=version, publisher_id="red/ann", data={"model": "m"})
            for version in ("1.9.0", "1.10.0", "1.2.11")
        )
        await session.flush()
        latest = (
            select(AgentConfig)
            .where(AgentConfig.id == "sorted")
            .order_by(AgentConfig.major.desc(), AgentConfig.minor.desc(), AgentConfig.patch.desc())
        )
        assert [config.version for config in await session.scalars(latest)] == ["1.10.0", "1.9.0", "1.2.11"]


async def test_a_message_keeps_its_cost_to_the_last_digit(db: Any) -> None:
    """Twenty decimals, and the last message of the request beside it."""
    cost = Decimal("0.00000000000000000001")
    async with db.session(user="ann") as session:
        message = Message(**message_row("exact", "ann") | {"cost": cost})
        session.add(message)
        await session.flush()
        await session.refresh(message)
        assert (message.cost, message.last_message) == (cost, "b")


async def test_a_new_user_gets_a_code_and_a_date(db: Any) -> None:
    """The defaults that are expressions: a code to refer others, and a month until the quota is reset."""
    async with db.system(reason="sign-up", actor="tests") as session:
        person = User(email="dan@example")
        session.add(person)
        await session.flush()
        assert person.referral_code.startswith("ref-")
        assert person.next_quota_reset - person.created_at >= timedelta(days=28)


async def test_a_trigger_says_when_a_row_was_updated(db: Any) -> None:
    """Whoever updates it, also in raw SQL that claims another time; and the object knows without asking again."""
    async with db.system(reason="webhook", actor="tests") as session:
        subscription = await session.get_one(Subscription, "ann's subscription")
        before = subscription.updated_at
        subscription.tier = 2
        await session.flush()
        assert subscription.updated_at > before
        claims = text("UPDATE codebuff.limit_override SET updated_at = '2000-01-01' RETURNING updated_at = now()")
        assert (await session.scalars(claims)).all() == [True, True]


def test_json_is_stored_under_the_names_of_its_other_readers(admin: Connection) -> None:
    """Python says `num_cases`; what other programs read says `numCases`."""
    result = GitEvalResults(metadata_=shapes.GitEvalMetadata(num_cases=3, suite="core"))
    with Session(admin) as session:
        session.add(result)
        session.flush()
        stored = session.scalars(text("SELECT metadata FROM codebuff.git_eval_results")).all()

        assert {"numCases": 3, "suite": "core"} in stored
