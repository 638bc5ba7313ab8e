"""Tenants and users whose ids are texts or integers, hostile ones included."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, text

from tenancy import Database, InvalidTenant, TenantViolation

from ..schema.pushed import pushed
from .identities import BIGINT, TEXT

HOSTILE = [
    "'; DROP TABLE with_text.note; --",
    "' OR '1'='1",
    "\\",
    "\\'; SET LOCAL app.tenant_id = 'victim'; --",
    "quote'quote''quote",
    'double"quote',
    "$$dollar$$",
    "%s %(name)s :name {brace}",
    "E'\\x41'",
    "/* comment */ -- ; ;",
    "víctím ☃ 𐍈",
    " victim ",
    "VICTIM",
    "a" * 500,
    "0",
    "null",
    "DEFAULT",
]


@pytest.fixture(scope="module")
def database(make_database: Any, empty_database: Any) -> Any:
    return pushed(make_database, empty_database, TEXT[0], BIGINT[0])


@pytest.fixture(scope="module")
async def db(database: Any):
    async with Database(database.settings) as opened:
        yield opened


async def use(db: Database, classes: Any, one: Any, other: Any) -> None:
    """A tenant and user work on every class; another one sees nothing of it."""
    _, account, note, token, either = classes
    async with db.begin(one, user=one) as session:
        session.add_all([account(key=one), note(body="b"), token(value="v"), either(), either(account_id=None)])
    async with db.begin(one, user=one) as session:
        assert await session.scalar(text("SELECT current_setting('app.tenant_id')")) == str(one)
        for class_, expected in ((account, 1), (note, 1), (token, 1), (either, 2)):
            assert await session.scalar(select(func.count()).select_from(class_)) == expected
        assert (await session.scalars(select(note.account_id))).all() == [one]
        assert set(await session.scalars(select(either.account_id))) == {one, None}
    async with db.begin(other, user=other) as session:
        for class_ in (account, note, token, either):
            assert (await session.scalars(select(class_))).all() == []
            assert (await session.execute(select(class_.__table__))).all() == []


@pytest.mark.parametrize("tenant", HOSTILE)
async def test_hostile_texts_are_plain_ids(db: Database, tenant: str) -> None:
    """Quotes, backslashes and SQL are an id like any other: exactly that tenant's rows, and nothing else happens."""
    await use(db, TEXT, tenant, "victim")


@pytest.mark.parametrize("tenant", [0, 1, -1, 2**63 - 1, -(2**63)])
async def test_integers(db: Database, tenant: int) -> None:
    """All of bigint, with its sign."""
    await use(db, BIGINT, tenant, 42)


async def test_a_backslash_where_strings_are_not_standard(database: Any) -> None:
    """`standard_conforming_strings = off` on the role makes backslashes escape; the literal says E'' by itself."""
    with database.connect() as admin:
        admin.execute(text("ALTER ROLE tenancy_app_login SET standard_conforming_strings = off"))
        admin.execute(text("ALTER ROLE tenancy_app_login SET escape_string_warning = off"))
        admin.commit()
        try:
            async with Database(database.settings) as db, db.begin("x") as session:
                if await session.scalar(text("SHOW standard_conforming_strings")) == "off":
                    await use(db, TEXT, "off\\'; SET LOCAL app.tenant_id = 'victim'; --", "victim")
                    await use(db, TEXT, "off\\", "victim")
        finally:
            admin.execute(text("ALTER ROLE tenancy_app_login RESET ALL"))
            admin.commit()


@pytest.mark.parametrize("classes, wrong", [(TEXT, 7), (BIGINT, "7")])
async def test_the_wrong_type_is_named(db: Database, classes: Any, wrong: Any) -> None:
    """Nothing is cast: 7 is not "7". Reading, adding and a user's table alike."""
    _, _, note, token, _ = classes
    async with db.session(wrong, user=wrong) as session:
        for class_ in (note, token):
            with pytest.raises(InvalidTenant, match=r"open the session with a (int|str)"):
                await session.scalars(select(class_))
        session.add(note(body="b"))
        with pytest.raises(InvalidTenant):
            await session.flush()


async def test_tenants_do_not_mix_by_collation(db: Database) -> None:
    """'A' and 'a' are two tenants."""
    _, _, note, _, _ = TEXT
    async with db.begin("case") as session:
        session.add(note(body="lower"))
    async with db.begin("CASE") as session:
        assert (await session.scalars(select(note))).all() == []
        with pytest.raises(TenantViolation, match=r"with_text\.note that does not belong to tenant CASE"):
            await session.execute(note.__table__.insert().values(body="x", account_id="case"))
        await session.rollback()
