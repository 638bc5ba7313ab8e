"""Sessions that verify in their begin that the user belongs to the tenant."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from tenancy import (
    ConfigurationError,
    Database,
    NotAMember,
    SyncDatabase,
    TenantNotSet,
    UserNotSet,
    membership,
    tenant_context,
)
from tenancy.reference.trovella import Member, Organization, ResearchPlan, User, services

from .capture import captured

MEMBERS = membership(Member.organization_id, Member.user_id)


@pytest.fixture(scope="module")
async def acme(db: Database) -> tuple[str, str]:
    """An organization and its member."""
    return await services.found_organization(db, f"Acme {uuid4().hex}", f"ada{uuid4().hex}")


async def test_a_member_works_as_always(db: Database, acme: tuple[str, str]) -> None:
    """Every transaction of the session is verified, and none needs a statement of its own."""
    organization, user = acme
    async with db.session(organization, user=user, member=MEMBERS) as session:
        with captured(session.bind) as sent:
            for _ in range(2):
                assert (await session.scalars(select(Organization.id))).all() == [organization]
                await session.commit()
    assert len(sent.statements) == 2


async def test_a_stranger_gets_no_transaction(db: Database, acme: tuple[str, str]) -> None:
    """Whoever is no member sees nothing of the tenant, not even that it exists; the next session is unharmed."""
    organization, user = acme
    stranger = uuid4().hex
    for tenant, who in ((organization, stranger), (uuid4().hex, user), (uuid4().hex, stranger)):
        with pytest.raises(NotAMember, match=f"tenant {tenant} and user {who}"):
            async with db.begin(tenant, user=who, member=MEMBERS) as session:
                await session.execute(text("SELECT 1"))
    async with db.begin(organization, user=user, member=MEMBERS) as session:
        assert (await session.scalars(select(User.id))).all() == [user]


async def test_a_member_who_left_is_refused_from_the_next_transaction_on(db: Database, acme: tuple[str, str]) -> None:
    """A session that is open when the membership ends goes no further than its transaction."""
    organization, _ = acme
    guest = uuid4().hex
    async with db.begin(user=guest) as session:
        session.add(User(id=guest, name="g", email=guest))
    async with db.begin(organization) as session:
        session.add(Member(user_id=guest, role="member"))
    async with db.session(organization, user=guest, member=MEMBERS) as session:
        await session.execute(select(ResearchPlan))
        await session.commit()
        async with db.begin(organization) as other:
            await other.execute(text("DELETE FROM trovella.member WHERE user_id = :user"), {"user": guest})
        with pytest.raises(NotAMember):
            await session.execute(select(ResearchPlan))


async def test_both_ids_are_needed(db: Database) -> None:
    """A membership without a user or a tenant is refused before anything is sent."""
    with pytest.raises(UserNotSet):
        db.session("acme", member=MEMBERS)
    with pytest.raises(TenantNotSet):
        db.session(user="ada", member=MEMBERS)
    with tenant_context("acme"), pytest.raises(UserNotSet):
        db.session(member=MEMBERS)


def test_the_columns_must_be_of_one_table() -> None:
    """Else the question would make no sense."""
    with pytest.raises(ConfigurationError, match="two columns of one table"):
        membership(Member.organization_id, User.id)
    with pytest.raises(ConfigurationError, match="two columns of one table"):
        membership("organization_id", "user_id")


async def test_the_sync_twin_verifies_as_well(migrated: Any, acme: tuple[str, str]) -> None:
    """The same on psycopg."""
    organization, user = acme
    with SyncDatabase(migrated.settings) as sync:
        with sync.begin(organization, user=user, member=MEMBERS) as session:
            assert session.scalars(select(Organization.id)).all() == [organization]
        with pytest.raises(NotAMember), sync.begin(organization, user="stranger", member=MEMBERS) as session:
            session.execute(text("SELECT 1"))
