import asyncio
import secrets
from typing import Any

from sqlalchemy import insert, select

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.controls import TAKEN_OR_REFERRED_TO
from tenancy.prove.expectation import NO_ROWS, UNSET, affects, refused, returns
from tenancy.prove.ground import Attempt
from tenancy.prove.transaction import Transaction, expect_of_driver
from tenancy.schema.access import Command
from tenancy.session.database import Database

#: max_prepared_transactions is 0, which is PostgreSQL's default.
_NOT_POSSIBLE = "55000"


async def attempt(on: Attempt) -> None:
    name = f"tenancy_proof_{secrets.token_hex(8)}"
    try:
        await _use_after_prepare(on, name)
    finally:
        # Shielded: what is prepared outlives every connection, and keeps its locks.
        await asyncio.shield(_roll_back(on.committed.narrow, name))


async def _use_after_prepare(on: Attempt, name: str) -> None:
    target = on.target
    attacker, victim, _ = target.parties
    narrow = on.committed.narrow
    async with narrow.session(victim.tenant, user=victim.user) as session:
        preparing = Transaction(await session.connection(), on.evidence)
        added = insert(target.table).values(target.insertable(target.other_spare))
        added_or_collides = affects(1) | refused(*TAKEN_OR_REFERRED_TO)
        await preparing.expect(added, target.unless_denied(added_or_collides, Command.INSERT))
        driver = await preparing.driver()
        prepared = NO_ROWS | refused(_NOT_POSSIBLE)
        await expect_of_driver(driver, f"PREPARE TRANSACTION '{name}'", prepared, on.evidence)
        if not driver.is_in_transaction():
            await expect_of_driver(driver, preparing.sql(select(*target.key)), UNSET, on.evidence)
    async with narrow.session(attacker.tenant, user=attacker.user) as session:
        taking = Transaction(await session.connection(), on.evidence)
        await taking.expect(select(*target.key), returns(target.keys(target.own)))


async def _roll_back(narrow: Database, name: str) -> None:
    async with narrow.engine.connect() as connection:
        # No BEGIN before SQLAlchemy's first statement: in a transaction PostgreSQL refuses it.
        driver: Any = (await connection.get_raw_connection()).driver_connection
        if await driver.fetchval("SELECT true FROM pg_prepared_xacts WHERE gid = $1", name):
            await driver.execute(f"ROLLBACK PREPARED '{name}'")


ATTACK = Attack(
    tries="Prepares the victim's transaction for two-phase commit, and goes on using its connection.",
    why="PREPARE TRANSACTION takes the transaction off the connection before it has ended, and with it what was set "
    "for it (PostgreSQL documentation, PREPARE TRANSACTION); the rows wait for somebody to commit them.",
    applies_to=is_scoped,
    committed=True,
    attempt=attempt,
)
