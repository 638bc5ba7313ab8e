"""The resolvers of connectors: what was shown leads to its user or organization, and to nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from tenancy import Database, Resolver, TenantNotSet, UserNotSet
from tenancy.reference import connectors
from tenancy.reference.connectors import (
    Account,
    GithubInstallation,
    Invitation,
    LinearConnection,
    Member,
    Organization,
    PkceChallenge,
    Session,
    SlackConnection,
    User,
)
from tenancy.reference.connectors.base import utc_now
from tenancy.reference.connectors.enums import InvitationStatus
from tenancy.schema.metadata import conventions_of

#: Nearer than any time zone is to UTC, so that a comparison with local time would be seen.
LATER, BEFORE = utc_now() + timedelta(minutes=10), utc_now() - timedelta(minutes=10)
ADA, BOB = "user_ada", "user_bob"
ACME, BYTE = "organization_acme", "organization_byte"


@pytest.fixture(scope="module")
def migrated(make_database: Any, empty_database: Any) -> Any:
    """A database that holds what the models ask for, their resolvers included."""
    database = make_database("connectors", template=empty_database)
    database.create_all([connectors.Base.metadata])
    return database


@pytest.fixture(scope="module", autouse=True)
async def people(db: Database) -> None:
    """Ada, of two organizations, and Bob, of one; some of what they have is over, or nobody's, or both have it."""
    async with db.system(reason="test data", actor="tests") as session, session.begin():
        session.add_all([User(id=ADA, email="ada@acme.example"), User(id=BOB, email="bob@byte.example")])
        session.add_all([Organization(id=ACME, name="Acme", slug="acme"), Organization(id=BYTE, name="Byte")])
        await session.flush()
        session.add_all([*signing_in(), *organizations(), *connected()])


def signing_in() -> Iterator[object]:
    for owner, name in ((ADA, "ada"), (BOB, "bob")):
        yield Session(user_id=owner, token=name, expires_at=LATER)
        yield Session(user_id=owner, token=f"{name} expired", expires_at=BEFORE)
        yield Account(user_id=owner, provider_id="github", account_id=name)
        yield Account(user_id=owner, provider_id="github", account_id="both")
        yield flow(owner, name)
    yield flow(ADA, "ada expired", BEFORE)
    yield flow(None, "nobody")
    # Twice the same account of one user is still that user's.
    yield Account(user_id=ADA, provider_id="google", account_id="ada twice")
    yield Account(user_id=ADA, provider_id="google", account_id="ada twice")


def flow(owner: str | None, state: str, until: Any = LATER) -> PkceChallenge:
    return PkceChallenge(user_id=owner, state=state, code_verifier="secret", provider="linear", expires_at=until)


def organizations() -> Iterator[object]:
    for organization, member in ((ACME, ADA), (ACME, ADA), (BYTE, ADA), (BYTE, BOB)):
        yield Member(organization_id=organization, user_id=member)
    for status in InvitationStatus:
        yield invitation(status.value, status=status)
    yield invitation("expired", expires_at=BEFORE)


def invitation(key: str, **columns: Any) -> Invitation:
    return Invitation(
        **{"id": key, "organization_id": BYTE, "email": "eve@x.example", "inviter_id": BOB, "expires_at": LATER}
        | columns
    )


def connected() -> Iterator[object]:
    for owner, name, number in ((ADA, "ada", 1), (BOB, "bob", 2)):
        for team in (name, "both"):
            yield SlackConnection(user_id=owner, bot_token="secret", team_id=team, scopes=[])
            yield LinearConnection(user_id=owner, access_token="secret", linear_user_id=team, scopes=[])
        for installation in (number, 3):
            yield GithubInstallation(user_id=owner, installation_id=installation)
    # What no user is linked to yet, or what is of no team, is not somebody's.
    yield LinearConnection(access_token="secret", linear_user_id="both", scopes=[])
    yield LinearConnection(access_token="secret", linear_user_id="nobody", scopes=[])
    yield GithubInstallation(installation_id=3)
    yield GithubInstallation(installation_id=4)
    yield SlackConnection(user_id=ADA, bot_token="secret", scopes=[])


#: A resolver, what it is given, and what it finds.
FOUND: list[tuple[Resolver, dict[str, object], object]] = [
    (connectors.user_of_session, {"session_token": "ada"}, ADA),
    (connectors.user_of_session, {"session_token": "bob"}, BOB),
    (connectors.user_of_email, {"address": "ada@acme.example"}, ADA),
    (connectors.user_of_email, {"address": "bob@byte.example"}, BOB),
    (connectors.user_of_account, {"provider": "github", "account": "ada"}, ADA),
    (connectors.user_of_account, {"provider": "github", "account": "bob"}, BOB),
    (connectors.user_of_account, {"provider": "google", "account": "ada twice"}, ADA),
    (connectors.user_of_pkce_challenge, {"returned_state": "ada"}, ADA),
    (connectors.user_of_pkce_challenge, {"returned_state": "bob"}, BOB),
    (connectors.organizations_of_user, {"member": ADA}, [ACME, BYTE]),
    (connectors.organizations_of_user, {"member": BOB}, [BYTE]),
    (connectors.organization_of_invitation, {"invitation": "pending", "address": "eve@x.example"}, BYTE),
    (connectors.organization_of_slug, {"name_in_url": "acme"}, ACME),
    (connectors.users_of_slack_team, {"team": "ada"}, [ADA]),
    (connectors.users_of_slack_team, {"team": "both"}, [ADA, BOB]),
    (connectors.users_of_linear_user, {"linear_user": "bob"}, [BOB]),
    (connectors.users_of_linear_user, {"linear_user": "both"}, [ADA, BOB]),
    (connectors.users_of_github_installation, {"installation": 1}, [ADA]),
    (connectors.users_of_github_installation, {"installation": 3}, [ADA, BOB]),
]

#: A resolver, and what leads nowhere: unknown, over, another's, ambiguous, nobody's, nothing.
NOT_FOUND: list[tuple[Resolver, dict[str, object]]] = [
    *((connectors.user_of_session, {"session_token": token}) for token in ("unknown", "", "ada expired", None)),
    *((connectors.user_of_email, {"address": address}) for address in ("eve@x.example", "ADA@acme.example", None)),
    (connectors.user_of_account, {"provider": "github", "account": "unknown"}),
    (connectors.user_of_account, {"provider": "google", "account": "ada"}),
    (connectors.user_of_account, {"provider": "github", "account": "both"}),
    *((connectors.user_of_pkce_challenge, {"returned_state": state}) for state in ("unknown", "ada expired", "nobody")),
    (connectors.organizations_of_user, {"member": "user_eve"}),
    (connectors.organization_of_invitation, {"invitation": "unknown", "address": "eve@x.example"}),
    (connectors.organization_of_invitation, {"invitation": "pending", "address": "ada@acme.example"}),
    *(
        (connectors.organization_of_invitation, {"invitation": key, "address": "eve@x.example"})
        for key in ("accepted", "rejected", "canceled", "expired")
    ),
    *((connectors.organization_of_slug, {"name_in_url": slug}) for slug in ("byte", "", None)),
    *((connectors.users_of_slack_team, {"team": team}) for team in ("unknown", None)),
    *((connectors.users_of_linear_user, {"linear_user": user}) for user in ("unknown", "nobody", None)),
    *((connectors.users_of_github_installation, {"installation": number}) for number in (0, 4, None)),
]


@pytest.mark.parametrize("resolver, secrets, found", FOUND, ids=lambda value: getattr(value, "name", None))
async def test_what_is_shown_leads_to_whose_it_is(
    db: Database, resolver: Resolver, secrets: dict[str, object], found: object
) -> None:
    """The id of the user or of the organization, or of all of them, each once, before anyone is known."""
    assert await db.resolve(resolver, **secrets) == found


@pytest.mark.parametrize("resolver, secrets", NOT_FOUND, ids=lambda value: getattr(value, "name", None))
async def test_what_nobody_has_or_is_over_leads_nowhere(
    db: Database, resolver: Resolver, secrets: dict[str, object]
) -> None:
    """Neither an error nor a difference: what expired, or two users have, is as good as what never was."""
    assert await db.resolve(resolver, **secrets) == ([] if resolver.many else None)


def test_every_resolver_is_tested() -> None:
    """With what leads somewhere and with what does not."""
    declared = set(conventions_of(connectors.Base.metadata).resolvers)

    assert {resolver for resolver, *_ in FOUND} == {resolver for resolver, _ in NOT_FOUND} == declared


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
async def test_what_expires_does_so_in_utc(db: Database, zone: str) -> None:
    """Whatever the time zone of the connection: nothing lives hours longer, or shorter, in another one."""
    async with db.engine.connect() as connection:
        await connection.execute(text(f"SET LOCAL timezone = '{zone}'"))
        for function, secrets in (
            ("user_of_session", ["ada", "ada expired"]),
            ("user_of_pkce_challenge", ["ada", "ada expired"]),
        ):
            called = [
                await connection.scalar(text(f"SELECT connectors.{function}(:secret)"), {"secret": secret})
                for secret in secrets
            ]
            assert called == [ADA, None]
        called = [
            await connection.scalar(
                text("SELECT connectors.organization_of_invitation(:key, 'eve@x.example')"), {"key": key}
            )
            for key in ("pending", "expired")
        ]
        assert called == [BYTE, None]


@pytest.mark.parametrize(
    "model",
    [
        Account,
        GithubInstallation,
        Invitation,
        LinearConnection,
        Member,
        Organization,
        PkceChallenge,
        Session,
        SlackConnection,
        User,
    ],
    ids=lambda model: model.__tablename__,
)
async def test_the_tables_stay_closed(db: Database, model: type[Any]) -> None:
    """Who calls a resolver sees no row of its table, in that transaction or as a stranger; there are some."""
    rows = select(func.count()).select_from(model.__table__)
    async with db.engine.connect() as connection:
        assert await connection.scalar(text("SELECT connectors.user_of_email('ada@acme.example')")) == ADA
        with pytest.raises((TenantNotSet, UserNotSet)):
            await connection.execute(rows)
    async with db.session("organization_of_nobody", user="user_nobody") as session:
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
                FROM pg_proc WHERE pronamespace = 'connectors'::regnamespace
                """
            )
        ).all()
    names = {resolver.name for resolver in conventions_of(connectors.Base.metadata).resolvers}

    assert {tuple(one) for one in found if one.proname in names} == {
        (name, "tenancy_system", False, True) for name in names
    }
