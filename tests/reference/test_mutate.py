"""The Mutate schema is the one that the facts state, and its rows are seen by those whose they are."""

from __future__ import annotations

import warnings
from collections import Counter
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, configure_mappers, selectinload

from tenancy import AccessDenied, Database, TenantMismatch, TenantNotSet, TenantViolation, UserNotSet
from tenancy.reference import mutate
from tenancy.reference.mutate import enums
from tenancy.reference.mutate.base import new_id, utc_now
from tenancy.reference.mutate.integrations import idempotency_key
from tenancy.schema.classification import classification_of
from tenancy.schema.metadata import conventions_of
from tenancy.schema.scope import AllOf, AnyOf, Everyone, IsNull, Nobody, ParentRow, Scope, TenantColumn, UserColumn
from tenancy.security.apply import compare
from tenancy.security.roles import Roles

from .catalog import Column, Index, Key, read_catalog, search_path
from .conformance import differences
from .facts_file import load_facts

FACTS = load_facts(Path(__file__).parent / "facts" / "mutate.yaml")
TENANT = "organization_id"


# --- the facts --------------------------------------------------------------------------------------------------------


def test_the_schema_is_what_the_facts_state(admin: Connection) -> None:
    """Every column, type, default, key, index and enum is as stated, save what isolation needs."""
    assert [
        difference
        for difference in differences(admin, "mutate", FACTS, mutate.Base.metadata)
        if difference.rule is None
    ] == []


def test_the_differences_that_isolation_needs_are_known_by_rule(admin: Connection) -> None:
    """Five references between tenant tables carry the tenant, to three parents; two uniques do; fourteen indexes."""
    found = differences(admin, "mutate", FACTS, mutate.Base.metadata)

    assert Counter(difference.rule for difference in found) == {
        "composite key between tenant-scoped tables": 5,
        "unique that a composite key refers to": 3,
        "unique within the tenant": 2,
        "unique hash of a secret": 1,
        "index led by the tenant": 7,
        "index led by the user": 3,
        "index led by the parent's key": 1,
        "index that a resolver looks up": 3,
    }


def test_nothing_is_missing(admin: Connection) -> None:
    """26 tables, 13 of them with an `organization_id` that is never empty, 250 columns and the one index; no enum."""
    catalog = read_catalog(admin, "mutate")
    kinds = Counter(key.kind for key in catalog)
    organization_ids = [item for key, item in catalog.items() if key.name == TENANT]

    assert kinds == {
        "table": 26,
        "column": 250,
        "primary key": 26,
        "unique": 9 + 3 + 1,
        "foreign key": 35,
        "index": 1 + 11 + 3,
    }
    assert organization_ids == [Column("text", nullable=False, default=None, generated=None, identity="")] * 13
    assert catalog[Key("index", "subscription_plan", "idx_only_one_default_plan")] == Index(
        columns=("is_default",),
        included=(),
        unique=True,
        nulls_distinct=True,
        method="btree",
        operator_classes=("bool_ops",),
        options=(0,),
        predicate="(is_default = true)",
        valid=True,
    )


CHANGES = {
    "a table is missing": ("DROP TABLE system_metrics", Key("table", "system_metrics", "")),
    "a table is new": ("CREATE TABLE extra ()", Key("table", "extra", "")),
    "a length": (
        "ALTER TABLE configuration ALTER name TYPE varchar(256)",
        Key("column", "configuration", "name"),
    ),
    "a type": ("ALTER TABLE audit_log ALTER ip_address TYPE text", Key("column", "audit_log", "ip_address")),
    "a time zone": ("ALTER TABLE member ALTER created_at TYPE timestamptz", Key("column", "member", "created_at")),
    "a default": (
        "ALTER TABLE transformation_job ALTER status SET DEFAULT 'failed'",
        Key("column", "transformation_job", "status"),
    ),
    "nullability": ("ALTER TABLE audit_log ALTER user_id SET NOT NULL", Key("column", "audit_log", "user_id")),
    "a check where the application checks": (
        "ALTER TABLE transformation_job ADD CONSTRAINT extra CHECK (status <> 'other')",
        Key("check", "transformation_job", "extra"),
    ),
    "the default plan is not only one": (
        """
        DROP INDEX idx_only_one_default_plan;
        CREATE INDEX idx_only_one_default_plan ON subscription_plan (is_default) WHERE is_default = true
        """,
        Key("index", "subscription_plan", "idx_only_one_default_plan"),
    ),
    "the default plan is the only one": (
        """
        DROP INDEX idx_only_one_default_plan;
        CREATE UNIQUE INDEX idx_only_one_default_plan ON subscription_plan (is_default)
        """,
        Key("index", "subscription_plan", "idx_only_one_default_plan"),
    ),
    "an idempotency key is missing": (
        "ALTER TABLE webhook_delivery DROP CONSTRAINT webhook_delivery_idempotency_key_unique",
        Key("unique", "webhook_delivery", "webhook_delivery_idempotency_key_unique"),
    ),
    "a unique constraint that is no secret's": (
        "ALTER TABLE webhook_delivery ADD CONSTRAINT extra UNIQUE (payload_hash)",
        Key("unique", "webhook_delivery", "extra"),
    ),
    "an index led by a user that decides nothing": (
        "CREATE INDEX extra ON invitation (inviter_id)",
        Key("index", "invitation", "extra"),
    ),
    "a second index led by the tenant, of usage": (
        "CREATE INDEX extra ON usage_record (organization_id)",
        Key("index", "usage_record", "extra"),
    ),
    "a reference to another tenant's webhook": (
        """
        ALTER TABLE configuration DROP CONSTRAINT configuration_webhook_url_id_organization_webhook_id_fk,
            ADD CONSTRAINT configuration_webhook_url_id_organization_webhook_id_fk
            FOREIGN KEY (webhook_url_id, organization_id) REFERENCES organization_webhook (id, organization_id)
            ON DELETE CASCADE
        """,
        Key("foreign key", "configuration", "configuration_webhook_url_id_organization_webhook_id_fk"),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_comparison_sees_a_change(admin: Connection, change: str) -> None:
    """A comparison that cannot fail proves nothing: each change to the schema is reported, and no rule allows it."""
    ddl, key = CHANGES[change]
    with search_path(admin, "mutate"):
        admin.execute(text(ddl))

    found = {
        difference.key
        for difference in differences(admin, "mutate", FACTS, mutate.Base.metadata)
        if difference.rule is None
    }

    assert key in found


# --- the models -------------------------------------------------------------------------------------------------------

ORGANIZATION = TenantColumn(TENANT)
USER = UserColumn("user_id")
SCOPES: dict[str, tuple[Scope, str]] = {
    "account": (USER, "READ_WRITE"),
    "active_conversion": (ORGANIZATION, "READ_WRITE"),
    "api_key": (ORGANIZATION, "READ_WRITE"),
    "audit_log": (ORGANIZATION, "APPEND_ONLY"),
    "billing_event": (ORGANIZATION, "APPEND_ONLY"),
    "configuration": (ORGANIZATION, "READ_WRITE"),
    "configuration_version": (ParentRow(("configuration_id",)), "APPEND_ONLY"),
    "feature_flags": (Nobody(), ""),
    "invitation": (ORGANIZATION, "READ_WRITE"),
    "member": (ORGANIZATION, "READ_WRITE"),
    "notification": (
        AllOf((ORGANIZATION, AnyOf((AllOf((ORGANIZATION, IsNull("user_id"))), USER)))),
        "READ_WRITE",
    ),
    "organization": (TenantColumn("id"), "READ_WRITE"),
    "organization_subscription": (ORGANIZATION, "READ_ONLY"),
    "organization_webhook": (ORGANIZATION, "READ_WRITE"),
    "passkey": (USER, "READ_WRITE"),
    "platform_admin": (Nobody(), ""),
    "platform_audit_logs": (Nobody(), ""),
    "session": (USER, "READ_WRITE"),
    "subscription_plan": (Everyone(), "READ_ONLY"),
    "system_metrics": (Nobody(), ""),
    "transformation_job": (ORGANIZATION, "READ_WRITE"),
    "two_factor": (Nobody(), ""),
    "usage_record": (ORGANIZATION, "READ_WRITE"),
    "user": (UserColumn("id"), "NO_DELETE"),
    "verification": (Nobody(), ""),
    "webhook_delivery": (ORGANIZATION, "READ_WRITE"),
}


def test_every_table_says_whose_its_rows_are() -> None:
    """All 26, and what the application may do with them; of private tables it may do nothing, whatever is said."""
    found = {}
    for table in mutate.Base.metadata.tables.values():
        said = classification_of(table)
        found[table.name] = (said.scope, "" if said.scope == Nobody() else said.access.name)
        assert said.root == (table.name == "organization")

    assert found == SCOPES


def test_every_column_that_decides_who_sees_a_row_leads_an_index(admin: Connection) -> None:
    """Policies choose rows by it; the source has one such index in fourteen."""
    columns = {
        name: next(
            part.column if isinstance(part, TenantColumn | UserColumn) else part.columns[0]
            for part in (scope.scopes[0] if isinstance(scope, AllOf) else scope,)
            if isinstance(part, TenantColumn | UserColumn | ParentRow)
        )
        for name, (scope, _) in SCOPES.items()
        if scope not in (Nobody(), Everyone())
    }
    leading = {
        (key.table, item.columns[0])
        for key, item in read_catalog(admin, "mutate").items()
        if key.kind in ("index", "unique", "primary key") and not getattr(item, "predicate", None)
    }

    assert len(columns) == 19
    assert set(columns.items()) - leading == set()


def test_mappers_are_configured_without_a_warning() -> None:
    """Relationships over composite keys do not overlap."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        configure_mappers()


def test_every_model_and_resolver_is_exported() -> None:
    """`__all__` is Base, one model per table and the resolvers, sorted."""
    models = {mapper.class_.__name__ for mapper in mutate.Base.registry.mappers}
    resolvers = {resolver.name for resolver in conventions_of(mutate.Base.metadata).resolvers}

    assert mutate.__all__ == sorted({"Base", *models, *resolvers})
    assert len(models) == len(mutate.Base.metadata.tables)


def test_no_name_was_shortened(admin: Connection) -> None:
    """Names that PostgreSQL cuts at 63 bytes, or that SQLAlchemy shortens, would not be the convention's."""
    assert max(len(key.name) for key in read_catalog(admin, "mutate")) <= 63
    stated = {key["name"] for table in FACTS["tables"] for key in table["foreign_keys"]}
    assert {key.name for key in read_catalog(admin, "mutate") if key.kind == "foreign key"} == stated


def test_the_database_is_what_the_models_ask_for(migrated: Any) -> None:
    """After `push` nothing is left to change: PostgreSQL's spelling of each policy is the models'."""
    with migrated.connect("owner") as connection:
        connection.exec_driver_sql("SET ROLE tenancy_owner")
        assert compare(connection, [mutate.Base.metadata], Roles()) == []


@pytest.mark.parametrize("status", ["on hold", enums.DeliveryStatus.DEAD])
def test_the_application_checks_what_the_database_does_not(admin: Connection, status: str) -> None:
    """A status that the column's enum does not know, or that is another enum's, is refused before it is sent."""
    job = mutate.TransformationJob(organization_id="o", configuration_id="c", created_by="u", status=status)
    with Session(admin) as session:
        session.add(job)
        with pytest.raises(StatementError, match="is not a valid JobStatus"):
            session.flush()


def test_a_flag_is_on_by_override_or_by_percentage() -> None:
    """An override wins in both directions; the percentage is of organizations, and the same ones each time."""
    flag = mutate.FeatureFlag(
        name="docx", enabled=True, rollout_percentage=50, workspace_overrides={"in": True, "out": False}
    )
    organizations = [f"organization-{number}" for number in range(1000)]

    assert (flag.is_on_for("in"), flag.is_on_for("out")) == (True, False)
    assert 400 < sum(flag.is_on_for(one) for one in organizations) < 600
    flag.enabled = False
    assert (flag.is_on_for("in"), any(flag.is_on_for(one) for one in organizations)) == (True, False)


# --- rows -------------------------------------------------------------------------------------------------------------


class Tenant(NamedTuple):
    """An organization with a user and a little of everything."""

    organization: str
    user: str
    webhook: str
    configuration: str
    version: str
    job: str


async def found(db: Database, plan: str) -> Tenant:
    """An organization, as the application makes one; its subscription is the system's to make."""
    tenant = Tenant(*(new_id() for _ in Tenant._fields))
    async with db.begin(tenant.organization, user=tenant.user) as session:
        session.add(mutate.User(id=tenant.user, name="Ada", email=f"{tenant.user}@example.com"))
        session.add(mutate.Organization(id=tenant.organization, name="Ada's", slug=tenant.organization))
        await session.flush()
        session.add(mutate.Member(user_id=tenant.user, role=enums.MemberRole.OWNER))
        session.add(mutate.Session(token=new_id(), expires_at=utc_now() + timedelta(days=7)))
        session.add(mutate.Account(account_id=tenant.user, provider_id="credential", password="hash"))
        session.add(
            mutate.Passkey(public_key="key", credential_id=new_id(), counter=0, device_type="phone", backed_up=True)
        )
        session.add(
            mutate.Invitation(email="new@example.com", expires_at=utc_now() + timedelta(1), inviter_id=tenant.user)
        )
        webhook = mutate.OrganizationWebhook(id=tenant.webhook, name="Hook", url="https://example.com", secret="s")
        configuration = mutate.Configuration(
            id=tenant.configuration,
            name="Sheets",
            output_format={"type": "csv"},
            rules=[{"trim": True}],
            created_by=tenant.user,
            webhook=webhook,
        )
        configuration.versions = [
            mutate.ConfigurationVersion(
                id=tenant.version, version=1, rules=[], output_format={}, created_by=tenant.user
            )
        ]
        job = mutate.TransformationJob(id=tenant.job, created_by=tenant.user, configuration=configuration)
        job.active = mutate.ActiveConversion()
        session.add_all([webhook, configuration, job])
        await session.flush()
        session.add(delivery(tenant))
        session.add(mutate.ApiKey(key_hash=new_id(), name="CI", permissions=["convert"], created_by=tenant.user))
        session.add(mutate.UsageRecord(month=11, year=2026, conversion_type_breakdown={"XLSX_TO_CSV": 1}))
        session.add(mutate.BillingEvent(event_type="overage", event_data={"count": 1}))
        session.add(mutate.AuditLog(action="create", user_id=tenant.user, ip_address=IPv4Address("192.0.2.1")))
        session.add(mutate.Notification(type="welcome", title="Welcome", message="Hello, everybody"))
    async with db.system(reason="a new organization's plan", actor="test") as session:
        session.add(
            mutate.OrganizationSubscription(
                organization_id=tenant.organization,
                plan_id=plan,
                status="active",
                current_period_start=utc_now(),
                current_period_end=utc_now() + timedelta(days=30),
            )
        )
        await session.commit()
    return tenant


def delivery(tenant: Tenant, **changed: str) -> mutate.WebhookDelivery:
    url = "https://example.com"
    key = idempotency_key(tenant.organization, tenant.configuration, "job.completed", tenant.job, url)
    values = {"configuration_id": tenant.configuration, "webhook_url_id": tenant.webhook, "idempotency_key": key}
    return mutate.WebhookDelivery(
        target_url=url, event_type="job.completed", payload={}, payload_hash="0", **(values | changed)
    )


@pytest.fixture(scope="module")
async def plan(db: Database) -> str:
    """A plan, written by a system session."""
    async with db.system(reason="plans", actor="test") as session:
        plan = mutate.SubscriptionPlan(name="Free", price_cents=0, billing_interval="month", is_default=True)
        session.add(plan)
        await session.commit()
        return plan.id


@pytest.fixture(scope="module")
async def one(db: Database, plan: str) -> Tenant:
    return await found(db, plan)


@pytest.fixture(scope="module")
async def other(db: Database, plan: str) -> Tenant:
    return await found(db, plan)


OWNED = sorted(name for name, (scope, _) in SCOPES.items() if scope not in (Nobody(), Everyone()))
MODELS: dict[str, Any] = {mapper.class_.__tablename__: mapper.class_ for mapper in mutate.Base.registry.mappers}


async def keys(session: AsyncSession, table: str) -> set[str]:
    """The keys of the rows that a session sees, asked without the ORM's own predicate."""
    return set((await session.execute(text(f'SELECT id FROM mutate."{table}"'))).scalars())


@pytest.mark.parametrize("table", OWNED)
async def test_two_organizations_and_their_users_see_nothing_of_each_other(
    db: Database, one: Tenant, other: Tenant, table: str
) -> None:
    """Each of the 19 tables with rows of somebody's: both see some, none in common, and the ORM sees the same."""
    async with db.begin(one.organization, user=one.user) as session:
        first = await keys(session, table)
        assert set(await session.scalars(select(MODELS[table].id))) == first
    async with db.begin(other.organization, user=other.user) as session:
        second = await keys(session, table)

    assert first
    assert second
    assert first & second == set()


@pytest.mark.parametrize("table", sorted(name for name, (scope, _) in SCOPES.items() if scope == Nobody()))
async def test_private_tables_are_nobodys(db: Database, one: Tenant, table: str) -> None:
    """Verification codes, second factors, staff and their log, flags and metrics: not even their own user sees them."""
    async with db.begin(one.organization, user=one.user) as session:
        with pytest.raises(AccessDenied):
            await session.execute(select(MODELS[table].id))


@pytest.mark.parametrize("table", sorted(name for name, (scope, _) in SCOPES.items() if isinstance(scope, UserColumn)))
async def test_a_tenant_without_a_user_sees_no_users_rows(db: Database, one: Tenant, table: str) -> None:
    """A session that forgot its user gets an error, not an empty answer."""
    async with db.begin(one.organization) as session:
        with pytest.raises(UserNotSet):
            await keys(session, table)


async def test_a_colleague_does_not_see_another_users_rows(db: Database, one: Tenant) -> None:
    """Within one organization sessions, accounts and passkeys remain their user's."""
    colleague = new_id()
    async with db.begin(one.organization, user=colleague) as session:
        session.add(mutate.User(id=colleague, name="Bob", email=f"{colleague}@example.com"))
        await session.flush()
        session.add(mutate.Member(user_id=colleague))
    async with db.begin(one.organization, user=colleague) as session:
        for table in ("session", "account", "passkey"):
            assert await keys(session, table) == set()
        assert await keys(session, "user") == {colleague}
        assert one.organization in await keys(session, "organization")


async def test_plans_are_everybodys_to_read_and_the_systems_to_write(db: Database, one: Tenant, plan: str) -> None:
    """The subscription leads to the plan; neither is the application's to change."""
    async with db.begin(one.organization) as session:
        subscription = (
            await session.scalars(
                select(mutate.OrganizationSubscription).options(selectinload(mutate.OrganizationSubscription.plan))
            )
        ).one()
        assert (subscription.plan.id, subscription.plan.is_default) == (plan, True)
    for statement in (
        update(mutate.OrganizationSubscription).values(override_monthly_limit=1_000_000),
        update(mutate.SubscriptionPlan).values(price_cents=0),
        insert(mutate.SubscriptionPlan).values(name="Mine", price_cents=0, billing_interval="month"),
    ):
        with pytest.raises(AccessDenied):
            async with db.begin(one.organization) as session:
                await session.execute(statement)


async def test_there_is_one_default_plan(db: Database, plan: str) -> None:
    """The partial unique index refuses a second default, and any number of others is no concern of its."""
    async with db.system(reason="plans", actor="test") as session:
        for name in ("Starter", "Pro"):
            session.add(mutate.SubscriptionPlan(name=name, price_cents=900, billing_interval="month"))
        await session.commit()
        session.add(mutate.SubscriptionPlan(name="Other", price_cents=0, billing_interval="month", is_default=True))
        with pytest.raises(IntegrityError, match="idx_only_one_default_plan"):
            await session.commit()


def sqlstate(error: IntegrityError) -> str:
    """What PostgreSQL answered."""
    return str(getattr(error.orig, "sqlstate", None))


# --- references -------------------------------------------------------------------------------------------------------


async def test_a_configuration_cannot_use_another_organizations_webhook(
    db: Database, one: Tenant, other: Tenant
) -> None:
    """What nothing enforces in the source: the answer is that of a webhook that does not exist."""
    answers = []
    for webhook in (other.webhook, new_id()):
        with pytest.raises(IntegrityError) as refused:
            async with db.begin(one.organization) as session:
                await session.execute(update(mutate.Configuration).values(webhook_url_id=webhook))
        answers.append(sqlstate(refused.value))

    assert answers == ["23503", "23503"]


async def test_a_configuration_without_a_webhook_keeps_its_organization(db: Database, one: Tenant) -> None:
    """Taking the webhook away empties the reference, not the tenant in the same key."""
    async with db.session(one.organization) as session:
        configuration = await session.get_one(mutate.Configuration, one.configuration)
        await session.refresh(configuration, ["webhook"])
        configuration.webhook = None
        await session.flush()
        await session.refresh(configuration)

        assert (configuration.webhook_url_id, configuration.organization_id) == (None, one.organization)


async def test_versions_are_seen_and_written_through_their_configuration(
    db: Database, one: Tenant, other: Tenant
) -> None:
    """A version has no organization of its own: another one's configuration gets none, and no version changes."""
    async with db.begin(one.organization) as session:
        configuration = await session.get_one(
            mutate.Configuration, one.configuration, options=[selectinload(mutate.Configuration.versions)]
        )
        assert [version.id for version in configuration.versions] == [one.version]
        assert await session.get(mutate.ConfigurationVersion, other.version) is None

    for configuration_id in (other.configuration, new_id()):
        with pytest.raises(TenantViolation):
            async with db.begin(one.organization) as session:
                session.add(
                    mutate.ConfigurationVersion(
                        configuration_id=configuration_id, version=2, rules=[], output_format={}, created_by=one.user
                    )
                )
    with pytest.raises(AccessDenied):
        async with db.begin(one.organization) as session:
            await session.execute(update(mutate.ConfigurationVersion).values(version=3))


@pytest.mark.parametrize("table", ["audit_log", "billing_event", "configuration_version"])
@pytest.mark.parametrize("command", ["UPDATE mutate.{} SET id = id", "DELETE FROM mutate.{}"])
async def test_logs_are_appended_to_only(db: Database, one: Tenant, table: str, command: str) -> None:
    """What is in a log stays there; a billing event is marked as processed by a system session."""
    with pytest.raises(AccessDenied):
        async with db.begin(one.organization) as session:
            await session.execute(text(command.format(table)))


# --- notifications: an organization's, or one member's in it ----------------------------------------------------------


async def test_a_notification_is_everybodys_or_one_members(db: Database, plan: str) -> None:
    """In an organization: all see those without a user, each their own, nobody a colleague's; elsewhere nobody any."""
    home, away = await found(db, plan), await found(db, plan)
    for user in (home.user, away.user):
        async with db.begin(home.organization, user=user) as session:
            session.add(mutate.Notification(user_id=user, type="job", title=user, message="Your job is done"))

    async def titles(organization: str, user: str | None) -> list[str]:
        async with db.begin(organization, user=user) as session:
            seen = (await session.execute(text("SELECT title FROM mutate.notification"))).scalars().all()
            assert sorted(await session.scalars(select(mutate.Notification.title))) == sorted(seen)
            return sorted(seen)

    assert await titles(home.organization, home.user) == sorted(["Welcome", home.user])
    assert await titles(home.organization, away.user) == sorted(["Welcome", away.user])
    assert await titles(home.organization, None) == ["Welcome"]
    # The same user in another organization: what is theirs at home does not follow them.
    assert await titles(away.organization, away.user) == ["Welcome"]


async def test_a_notification_for_everybody_does_not_fill_itself_with_who_is_signed_in(
    db: Database, one: Tenant
) -> None:
    """An empty user means everybody, left out or said; the organization is filled in all the same."""
    async with db.session(one.organization, user=one.user) as session:
        left_out = mutate.Notification(type="t", title="left out", message="m")
        said = mutate.Notification(user_id=None, type="t", title="said", message="m")
        session.add_all([left_out, said])
        await session.flush()

        for notification in (left_out, said):
            assert (notification.organization_id, notification.user_id) == (one.organization, None)


async def test_nobody_is_notified_in_anothers_name(db: Database, one: Tenant, other: Tenant) -> None:
    """A member writes neither a colleague's notifications nor another organization's."""
    for changed in ({"user_id": other.user}, {"organization_id": other.organization}):
        with pytest.raises((TenantMismatch, TenantViolation)):
            async with db.begin(one.organization, user=one.user) as session:
                session.add(mutate.Notification(type="t", title="t", message="m", **changed))


async def test_a_notification_without_a_tenant_is_an_error(db: Database, one: Tenant) -> None:
    """A user alone is not enough, and gets an error rather than an empty answer."""
    with pytest.raises(TenantNotSet):
        async with db.begin(user=one.user) as session:
            await keys(session, "notification")


# --- the application's own statements ---------------------------------------------------------------------------------


async def test_a_delivery_is_sent_once(db: Database, one: Tenant, other: Tenant) -> None:
    """INSERT ... ON CONFLICT DO NOTHING: a repeated event is none; another tenant neither sees nor takes it."""
    key = delivery(one).idempotency_key

    def sending(tenant: Tenant) -> Any:
        values = {
            "id": new_id(),
            "configuration_id": tenant.configuration,
            "target_url": "https://example.com",
            "event_type": "job.completed",
            "idempotency_key": key,
            "payload": {},
            "payload_hash": "0",
        }
        statement = insert(mutate.WebhookDelivery).values(values)
        return statement.on_conflict_do_nothing(index_elements=[TENANT, "idempotency_key"]).returning(
            mutate.WebhookDelivery.id
        )

    async with db.session(one.organization) as session:
        assert (await session.scalars(sending(one))).all() == []
    async with db.session(other.organization) as session:
        assert len((await session.scalars(sending(other))).all()) == 1


async def test_usage_is_counted_up(db: Database, one: Tenant, other: Tenant) -> None:
    """The monthly upsert of one organization leaves the same month of another alone."""
    statement = insert(mutate.UsageRecord).values(month=12, year=2026, conversion_count=1)
    statement = statement.on_conflict_do_update(
        index_elements=[TENANT, "month", "year"],
        set_={"conversion_count": mutate.UsageRecord.conversion_count + statement.excluded.conversion_count},
    )
    for tenant, times in ((one, 2), (other, 1)):
        for _ in range(times):
            async with db.begin(tenant.organization) as session:
                await session.execute(statement)

    december = select(mutate.UsageRecord.conversion_count).where(mutate.UsageRecord.month == 12)
    counts = []
    for tenant in (one, other):
        async with db.begin(tenant.organization) as session:
            counts.append(await session.scalar(december))
    assert counts == [2, 1]


async def test_running_jobs_are_counted_per_organization(db: Database, one: Tenant, other: Tenant) -> None:
    """The limit counts an organization's own jobs; another's running job looks like an unknown one."""
    async with db.begin(one.organization) as session:
        assert await session.scalar(select(func.count()).select_from(mutate.ActiveConversion)) == 1

    answers = []
    for job in (other.job, new_id()):
        with pytest.raises(IntegrityError) as refused:
            async with db.begin(one.organization) as session:
                session.add(mutate.ActiveConversion(job_id=job))
        answers.append(sqlstate(refused.value))
    assert answers == ["23503", "23503"]

    with pytest.raises(IntegrityError, match="active_conversion_job_id_unique"):
        async with db.begin(one.organization) as session:
            session.add(mutate.ActiveConversion(job_id=one.job))


async def test_the_hash_of_a_key_leads_to_one_organization(db: Database, one: Tenant, other: Tenant) -> None:
    """A hash that another organization has cannot be entered beside it."""
    async with db.begin(one.organization) as session:
        stolen = (await session.scalars(select(mutate.ApiKey.key_hash))).one()

    with pytest.raises(IntegrityError, match="api_key_key_hash_unique"):
        async with db.begin(other.organization) as session:
            session.add(mutate.ApiKey(key_hash=stolen, created_by=other.user))


async def test_what_postgresql_stores_comes_back(db: Database, one: Tenant) -> None:
    """Addresses, enums in text and in varchar, jsonb of a shape and defaults of the database, as Python has them."""
    async with db.begin(one.organization, user=one.user) as session:
        log = (await session.scalars(select(mutate.AuditLog))).one()
        member = (await session.scalars(select(mutate.Member).where(mutate.Member.user_id == one.user))).one()
        job = await session.get_one(mutate.TransformationJob, one.job)
        usage = (await session.scalars(select(mutate.UsageRecord).where(mutate.UsageRecord.month == 11))).one()
        user = await session.get_one(mutate.User, one.user)

    assert log.ip_address == IPv4Address("192.0.2.1")
    assert member.role is enums.MemberRole.OWNER
    assert job.status is enums.JobStatus.PENDING
    assert (job.webhook_delivered, job.webhook_attempts) == (False, 0)
    assert usage.conversion_type_breakdown == {"XLSX_TO_CSV": 1}
    assert (user.two_factor_enabled, user.created_at.tzinfo) == (False, None)


async def test_the_platforms_own_rows_are_the_systems(db: Database, one: Tenant) -> None:
    """System sessions write and read staff, their log, flags and metrics."""
    async with db.system(reason="platform", actor="test") as session:
        staff = mutate.PlatformAdmin(
            user_id=one.user, role=enums.PlatformRole.SUPPORT, trusted_ips=["192.0.2.0/24"], permissions=["read"]
        )
        staff.audit_logs = [mutate.PlatformAuditLog(action="view", ip_address=IPv4Address("192.0.2.7"))]
        session.add(staff)
        session.add(mutate.FeatureFlag(name="docx", workspace_overrides={one.organization: True}))
        session.add(mutate.SystemMetric(metric_type="queue", value=3, metadata_={"queue": "jobs"}))
        session.add(mutate.TwoFactor(secret="s", backup_codes="b", user_id=one.user))
        session.add(mutate.Verification(identifier="i", value="v", expires_at=utc_now()))
        await session.commit()
    async with db.system(reason="platform", actor="test") as session:
        flag = (await session.scalars(select(mutate.FeatureFlag))).one()
        found = (
            await session.scalars(select(mutate.PlatformAdmin).options(selectinload(mutate.PlatformAdmin.audit_logs)))
        ).one()

        assert flag.is_on_for(one.organization)
        assert (found.role, found.trusted_ips) == (enums.PlatformRole.SUPPORT, ["192.0.2.0/24"])
        assert [log.ip_address for log in found.audit_logs] == [IPv4Address("192.0.2.7")]
