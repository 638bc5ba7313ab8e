"""Codebuff's resolvers: a secret leads to one id or to none, and opens no table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, func, select, text
from sqlalchemy.orm import Session
from sqlalchemy.sql.util import find_tables

from tenancy import Database, TenantNotSet, UserNotSet
from tenancy.reference import codebuff
from tenancy.reference.codebuff import Account, Org, OrgInvite, OrgMember, User, enums
from tenancy.schema import Resolver
from tenancy.schema.metadata import conventions_of
from tenancy.session.resolving import call

from .catalog import PrimaryKey, Unique, read_catalog

METADATA: MetaData = codebuff.Base.metadata
RESOLVERS = {resolver.name: resolver for resolver in conventions_of(METADATA).resolvers}
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def migrated(make_database: Any, empty_database: Any) -> Any:
    """A database of the module's own, made straight from the models by the owner."""
    database = make_database("codebuff_resolvers", template=empty_database)
    database.create_all([METADATA])
    return database


@pytest.fixture(scope="module", autouse=True)
def rows(migrated: Any) -> None:
    """Ann works for red and Ben for red and blue; Cas has no customer, no account, no session and no organization."""
    now = datetime.now(UTC)
    utc_now = now.replace(tzinfo=None)
    with migrated.connect() as connection, Session(connection) as session:
        for name in ("ann", "ben"):
            session.add(User(id=name, email=f"{name}@example", stripe_customer_id=f"cus_{name}", referral_code=name))
        session.add(User(id="cas", email="cas@example"))
        session.flush()
        for name in ("ann", "ben"):
            session.add(Account(user_id=name, type="oauth", provider="github", provider_account_id=f"{name} of github"))
            for age, expires in (("new", utc_now + HOUR), ("old", utc_now - HOUR)):
                session.add(codebuff.Session(session_token=f"{name}'s {age} session", user_id=name, expires=expires))
        for org, owner in (("red", "ann"), ("blue", "ben")):
            session.add(
                Org(
                    id=org,
                    name=org,
                    slug=f"the-{org}-org",
                    owner_id=owner,
                    stripe_customer_id=f"cus_{org}" if org == "red" else None,
                    auto_topup_threshold=1,
                    auto_topup_amount=1,
                )
            )
        session.flush()
        for org, member in (("red", "ann"), ("red", "ben"), ("blue", "ben")):
            session.add(OrgMember(org_id=org, user_id=member, role=enums.OrgRole.MEMBER))
        for org in ("red", "blue"):
            for token, expires, accepted in (
                ("open", now + HOUR, None),
                ("expired", now - HOUR, None),
                ("accepted", now + HOUR, now - HOUR),
            ):
                session.add(
                    OrgInvite(
                        org_id=org,
                        email="cas@example",
                        role=enums.OrgRole.MEMBER,
                        token=f"{org}'s {token} invite",
                        invited_by="ben",
                        expires_at=expires,
                        accepted_at=accepted,
                    )
                )
        session.commit()


FOUND: list[tuple[Resolver, dict[str, str], str | list[str]]] = [
    (codebuff.user_of_session, {"token": "ann's new session"}, "ann"),
    (codebuff.user_of_session, {"token": "ben's new session"}, "ben"),
    (codebuff.user_of_account, {"provider_name": "github", "account": "ann of github"}, "ann"),
    (codebuff.user_of_account, {"provider_name": "github", "account": "ben of github"}, "ben"),
    (codebuff.user_of_email, {"address": "ben@example"}, "ben"),
    (codebuff.user_of_referral_code, {"code": "ann"}, "ann"),
    (codebuff.user_of_stripe_customer, {"customer": "cus_ann"}, "ann"),
    (codebuff.org_of_stripe_customer, {"customer": "cus_red"}, "red"),
    (codebuff.org_of_slug, {"address": "the-blue-org"}, "blue"),
    (codebuff.org_of_invite, {"invitation": "red's open invite"}, "red"),
    (codebuff.org_of_invite, {"invitation": "blue's open invite"}, "blue"),
    (codebuff.orgs_of_user, {"member": "ann"}, ["red"]),
    (codebuff.orgs_of_user, {"member": "ben"}, ["blue", "red"]),
]
NOT_FOUND: list[tuple[Resolver, dict[str, str]]] = [
    # Expired, or used.
    (codebuff.user_of_session, {"token": "ann's old session"}),
    (codebuff.org_of_invite, {"invitation": "red's expired invite"}),
    (codebuff.org_of_invite, {"invitation": "red's accepted invite"}),
    # What is right elsewhere.
    (codebuff.user_of_account, {"provider_name": "gitlab", "account": "ann of github"}),
    (codebuff.user_of_account, {"provider_name": "ann of github", "account": "github"}),
    (codebuff.user_of_stripe_customer, {"customer": "cus_red"}),
    (codebuff.org_of_stripe_customer, {"customer": "cus_ann"}),
    (codebuff.user_of_email, {"address": "ANN@EXAMPLE"}),
    (codebuff.org_of_slug, {"address": "red"}),
    (codebuff.orgs_of_user, {"member": "cas"}),
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
    """What is expired, used or somebody else's answers like what does not exist."""
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
def test_a_session_expires_in_utc(migrated: Any, zone: str) -> None:
    """A column without time zone is not compared with the connection's local time."""
    with migrated.connect("application") as connection:
        connection.execute(select(func.set_config("TimeZone", zone, False)))
        found = [
            connection.scalar(call(codebuff.user_of_session, {"token": f"ann's {token} session"}))
            for token in ("new", "old")
        ]

    assert found == ["ann", None]


def test_nothing_is_ambiguous(admin: Connection) -> None:
    """What is looked up for one id is unique, so that no secret can come to belong to two."""
    catalog = read_catalog(admin, "codebuff")
    unique = {(key.table, item.columns) for key, item in catalog.items() if isinstance(item, PrimaryKey | Unique)}

    assert {
        ("account", ("provider", "providerAccountId")),
        ("org", ("slug",)),
        ("org", ("stripe_customer_id",)),
        ("org_invite", ("token",)),
        ("session", ("sessionToken",)),
        ("user", ("email",)),
        ("user", ("referral_code",)),
        ("user", ("stripe_customer_id",)),
    } <= unique
    assert {resolver.name for resolver in RESOLVERS.values() if resolver.many} == {"orgs_of_user"}


@pytest.mark.parametrize("resolver, secrets, expected", FOUND, ids=ids)
async def test_a_resolver_opens_no_table(
    db: Database, resolver: Resolver, secrets: dict[str, str], expected: str | list[str]
) -> None:
    """In the very transaction that found the id, the rows behind it are as closed as before."""
    for table in find_tables(resolver.statement):
        async with db.engine.connect() as connection:
            assert await connection.scalar(call(resolver, secrets)) == expected
            with pytest.raises((TenantNotSet, UserNotSet)):
                await connection.execute(text(f'SELECT 1 FROM codebuff."{table.name}"'))


async def test_what_is_found_opens_a_session(db: Database) -> None:
    """From a token to its user, from the user to an organization, and there to its rows and no other's."""
    user = await db.resolve(codebuff.user_of_session, token="ben's new session")
    for org in await db.resolve(codebuff.orgs_of_user, member=user):
        async with db.begin(org, user=user) as session:
            assert (await session.scalars(select(Org.id))).all() == [org]
            assert (await session.scalars(select(User.id))).all() == ["ben"]
