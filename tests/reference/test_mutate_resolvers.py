"""Mutate's resolvers: a secret leads to one id or to none, and opens no table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import MetaData, func, select, text
from sqlalchemy.orm import Session
from sqlalchemy.sql.util import find_tables

from tenancy import Database, TenantNotSet, UserNotSet
from tenancy.reference import mutate
from tenancy.reference.mutate.base import utc_now
from tenancy.reference.mutate.enums import InvitationStatus
from tenancy.schema import Resolver
from tenancy.schema.metadata import conventions_of
from tenancy.session.resolving import call

METADATA: MetaData = mutate.Base.metadata
RESOLVERS = {resolver.name: resolver for resolver in conventions_of(METADATA).resolvers}
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def migrated(make_database: Callable[..., Any], empty_database: Any) -> Any:
    """A database of the module's own, made by the owner straight from the models."""
    database = make_database("mutate_resolvers", template=empty_database)
    database.create_all([METADATA])
    return database


def session_of(user: str, token: str, active: str | None, *, expired: bool = False) -> mutate.Session:
    expires_at = utc_now() + (-HOUR if expired else HOUR)
    return mutate.Session(token=token, user_id=user, active_organization_id=active, expires_at=expires_at)


def account(user: str, provider: str, name: str) -> mutate.Account:
    return mutate.Account(user_id=user, provider_id=provider, account_id=name)


def passkey(user: str, credential: str) -> mutate.Passkey:
    return mutate.Passkey(
        user_id=user, credential_id=credential, public_key="key", counter=0, device_type="phone", backed_up=True
    )


def invitation(key: str, organization: str, status: InvitationStatus, *, expired: bool = False) -> mutate.Invitation:
    return mutate.Invitation(
        id=key,
        organization_id=organization,
        email="cas@example.com",
        status=status,
        expires_at=utc_now() + (-HOUR if expired else HOUR),
        inviter_id="ben",
    )


def api_key(organization: str, key_hash: str, expires_in: timedelta | None) -> mutate.ApiKey:
    expires_at = None if expires_in is None else utc_now() + expires_in
    return mutate.ApiKey(organization_id=organization, key_hash=key_hash, created_by="ben", expires_at=expires_at)


def subscription(organization: str, stripe: str | None) -> mutate.OrganizationSubscription:
    return mutate.OrganizationSubscription(
        organization_id=organization,
        plan_id="plan",
        stripe_subscription_id=stripe,
        status="active",
        current_period_start=utc_now(),
        current_period_end=utc_now(),
    )


@pytest.fixture(scope="module", autouse=True)
def rows(migrated: Any) -> None:
    """Ann works for red and Ben for red and blue; Cas has an address only. What no key prevents exists twice."""
    pending = InvitationStatus.PENDING
    with migrated.connect() as connection, Session(connection) as session:
        session.add_all(mutate.User(id=name, name=name, email=f"{name}@example.com") for name in ("ann", "ben", "cas"))
        session.add_all(mutate.Organization(id=name, name=name) for name in ("red", "blue"))
        session.add(mutate.SubscriptionPlan(id="plan", name="Free", price_cents=0, billing_interval="month"))
        session.flush()
        session.add_all(
            mutate.Member(organization_id=organization, user_id=user)
            for organization, user in (("red", "ann"), ("red", "ben"), ("blue", "ben"))
        )
        session.add_all(
            [
                session_of("ann", "ann in red", "red"),
                session_of("ann", "ann in blue", "blue"),
                session_of("ann", "ann anywhere", "nowhere"),
                session_of("ann", "ann in none", None),
                session_of("ann", "ann once", "red", expired=True),
                session_of("ben", "ben in blue", "blue"),
                account("ann", "github", "ann of github"),
                account("ben", "github", "ben of github"),
                # One user's account twice, and one account of two users.
                account("ann", "google", "ann of google"),
                account("ann", "google", "ann of google"),
                account("ann", "google", "shared"),
                account("ben", "google", "shared"),
                passkey("ann", "ann's phone"),
                passkey("ben", "ben's phone"),
                invitation("to red", "red", pending),
                invitation("to blue", "blue", pending),
                invitation("too late", "red", pending, expired=True),
                *(invitation(status.value, "red", status) for status in InvitationStatus if status is not pending),
                api_key("red", "red's key", None),
                api_key("blue", "blue's key", HOUR),
                api_key("blue", "blue's old key", -HOUR),
                subscription("red", "sub_red"),
                subscription("red", "sub_red"),
                subscription("blue", "sub_blue"),
                subscription("red", "sub_shared"),
                subscription("blue", "sub_shared"),
                subscription("blue", None),
            ]
        )
        session.commit()


CAS = "cas@example.com"
FOUND: list[tuple[Resolver, dict[str, str], str | list[str]]] = [
    (mutate.user_of_session, {"session_token": "ann in red"}, "ann"),
    (mutate.user_of_session, {"session_token": "ann in none"}, "ann"),
    (mutate.user_of_session, {"session_token": "ben in blue"}, "ben"),
    (mutate.active_organization_of_session, {"session_token": "ann in red"}, "red"),
    (mutate.active_organization_of_session, {"session_token": "ben in blue"}, "blue"),
    (mutate.user_of_email, {"address": "ben@example.com"}, "ben"),
    (mutate.user_of_account, {"provider": "github", "account": "ann of github"}, "ann"),
    (mutate.user_of_account, {"provider": "github", "account": "ben of github"}, "ben"),
    (mutate.user_of_account, {"provider": "google", "account": "ann of google"}, "ann"),
    (mutate.user_of_passkey, {"credential": "ann's phone"}, "ann"),
    (mutate.user_of_passkey, {"credential": "ben's phone"}, "ben"),
    (mutate.organizations_of_user, {"member": "ann"}, ["red"]),
    (mutate.organizations_of_user, {"member": "ben"}, ["blue", "red"]),
    (mutate.organization_of_invitation, {"invitation": "to red", "address": CAS}, "red"),
    (mutate.organization_of_invitation, {"invitation": "to blue", "address": CAS}, "blue"),
    (mutate.organization_of_api_key, {"hash": "red's key"}, "red"),
    (mutate.organization_of_api_key, {"hash": "blue's key"}, "blue"),
    (mutate.organization_of_stripe_subscription, {"subscription": "sub_red"}, "red"),
    (mutate.organization_of_stripe_subscription, {"subscription": "sub_blue"}, "blue"),
]
NOT_FOUND: list[tuple[Resolver, dict[str, str]]] = [
    # Expired, or withdrawn.
    (mutate.user_of_session, {"session_token": "ann once"}),
    (mutate.active_organization_of_session, {"session_token": "ann once"}),
    (mutate.organization_of_api_key, {"hash": "blue's old key"}),
    (mutate.organization_of_invitation, {"invitation": "too late", "address": CAS}),
    (mutate.organization_of_invitation, {"invitation": "accepted", "address": CAS}),
    (mutate.organization_of_invitation, {"invitation": "rejected", "address": CAS}),
    (mutate.organization_of_invitation, {"invitation": "canceled", "address": CAS}),
    # No member there, whoever else is.
    (mutate.active_organization_of_session, {"session_token": "ann in blue"}),
    (mutate.active_organization_of_session, {"session_token": "ann anywhere"}),
    (mutate.active_organization_of_session, {"session_token": "ann in none"}),
    # Two answers are none.
    (mutate.user_of_account, {"provider": "google", "account": "shared"}),
    (mutate.organization_of_stripe_subscription, {"subscription": "sub_shared"}),
    # What is right elsewhere.
    (mutate.user_of_account, {"provider": "google", "account": "ann of github"}),
    (mutate.user_of_account, {"provider": "ann of github", "account": "github"}),
    (mutate.user_of_email, {"address": "BEN@EXAMPLE.COM"}),
    (mutate.organization_of_invitation, {"invitation": "to red", "address": "ann@example.com"}),
    (mutate.organizations_of_user, {"member": "cas"}),
]


def ids(parameter: Any) -> str:
    match parameter:
        case Resolver():
            return parameter.name
        case dict():
            return "+".join(parameter.values())
        case _:
            return "" if isinstance(parameter, list) else str(parameter)


@pytest.mark.parametrize("resolver, secrets, expected", FOUND, ids=ids)
async def test_a_secret_leads_to_its_id(
    db: Database, resolver: Resolver, secrets: dict[str, str], expected: str | list[str]
) -> None:
    """The id of whom the secret belongs to, though nobody is signed in."""
    assert await db.resolve(resolver, **secrets) == expected


@pytest.mark.parametrize("resolver, secrets", NOT_FOUND, ids=ids)
async def test_a_wrong_secret_leads_nowhere(db: Database, resolver: Resolver, secrets: dict[str, str]) -> None:
    """What is expired, withdrawn, ambiguous or somebody else's answers like what does not exist."""
    assert not await db.resolve(resolver, **secrets)


@pytest.mark.parametrize("unknown", ["", "unknown", "%", "' OR true --", None], ids=repr)
@pytest.mark.parametrize("resolver", RESOLVERS.values(), ids=ids)
async def test_an_unknown_secret_leads_nowhere(db: Database, resolver: Resolver, unknown: str | None) -> None:
    """No secret, an empty one or a pattern matches nothing, also where the column is empty."""
    answer = await db.resolve(resolver, **dict.fromkeys(resolver.parameters, unknown))

    assert answer == ([] if resolver.many else None)


def test_every_resolver_was_asked() -> None:
    """None is left out of the cases above."""
    assert {resolver.name for resolver, *_ in FOUND} == RESOLVERS.keys()


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_what_expires_does_so_in_utc(migrated: Any, zone: str) -> None:
    """A column without time zone is not compared with the connection's local time."""
    asked: list[tuple[Resolver, dict[str, str], str | None]] = [
        (mutate.user_of_session, {"session_token": "ann in red"}, "ann"),
        (mutate.user_of_session, {"session_token": "ann once"}, None),
        (mutate.active_organization_of_session, {"session_token": "ann in red"}, "red"),
        (mutate.active_organization_of_session, {"session_token": "ann once"}, None),
        (mutate.organization_of_api_key, {"hash": "blue's key"}, "blue"),
        (mutate.organization_of_api_key, {"hash": "blue's old key"}, None),
        (mutate.organization_of_invitation, {"invitation": "to red", "address": CAS}, "red"),
        (mutate.organization_of_invitation, {"invitation": "too late", "address": CAS}, None),
    ]
    with migrated.connect("application") as connection:
        connection.execute(select(func.set_config("TimeZone", zone, False)))
        found = [connection.scalar(call(resolver, secrets)) for resolver, secrets, _ in asked]

    assert found == [expected for *_, expected in asked]


async def test_a_session_leads_where_its_user_is_a_member_now(db: Database) -> None:
    """Whoever is taken out of an organization no longer gets there by the session that they left open."""

    async def active() -> str | None:
        found: str | None = await db.resolve(mutate.active_organization_of_session, session_token="ann in blue")
        return found

    assert await active() is None
    async with db.begin("blue") as session:
        guest = mutate.Member(user_id="ann")
        session.add(guest)
    assert await active() == "blue"
    async with db.begin("blue") as session:
        await session.delete(guest)
    assert await active() is None


@pytest.mark.parametrize("resolver, secrets, expected", FOUND, ids=ids)
async def test_a_resolver_opens_no_table(
    db: Database, resolver: Resolver, secrets: dict[str, str], expected: str | list[str]
) -> None:
    """In the very transaction that found the id, the rows behind it are as closed as before."""
    for table in find_tables(resolver.statement):
        async with db.engine.connect() as connection:
            assert await connection.scalar(call(resolver, secrets)) == expected
            with pytest.raises((TenantNotSet, UserNotSet)):
                await connection.execute(text(f'SELECT 1 FROM mutate."{table.name}"'))


async def test_what_is_found_opens_a_session(db: Database) -> None:
    """From a token to its user and organization, and there to its rows and no other's."""
    user = await db.resolve(mutate.user_of_session, session_token="ben in blue")
    organization = await db.resolve(mutate.active_organization_of_session, session_token="ben in blue")

    async with db.begin(organization, user=user) as session:
        assert (await session.scalars(select(mutate.Organization.id))).all() == ["blue"]
        assert (await session.scalars(select(mutate.User.id))).all() == ["ben"]
