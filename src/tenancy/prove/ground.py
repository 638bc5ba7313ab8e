"""Where attacks take place: connections as the application, as nobody and as the owner, and every table's rows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cached_property

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from tenancy.prove.target import Target
from tenancy.prove.transaction import Evidence, Transaction
from tenancy.security.quoting import identifier
from tenancy.session.database import Database
from tenancy.session.owner import plain_engine
from tenancy.session.principal import Principal


class Ground:
    """What all attempts share."""

    def __init__(self, database: Database, owner_url: str) -> None:
        self.database = database
        self.targets: Mapping[Table, Target] = {}
        self._owner_url = owner_url

    @cached_property
    def owner_engine(self) -> AsyncEngine:
        return plain_engine(self._owner_url, self.database.settings, pool_size=1, max_overflow=0)

    @cached_property
    def narrow(self) -> Database:
        """The same database through a pool of one connection: whoever comes next gets what the last one used."""
        return Database(self.database.settings.model_copy(update={"pool_size": 1}))

    async def close(self) -> None:
        if "owner_engine" in self.__dict__:
            await self.owner_engine.dispose()
        if "narrow" in self.__dict__:
            await self.narrow.close()


class Attempt:
    """One attack on one table. Every transaction that it opens is rolled back."""

    def __init__(self, ground: Ground, target: Target) -> None:
        self.ground = ground
        self.target = target
        self.evidence: list[Evidence] = []

    @asynccontextmanager
    async def application(self, principal: Principal, database: Database | None = None) -> AsyncIterator[Transaction]:
        """A transaction of a tenant session, as services have it."""
        chosen = database or self.ground.database
        async with chosen.session(principal.tenant, user=principal.user) as session:
            yield Transaction(await session.connection(), self.evidence)

    @asynccontextmanager
    async def attacker(self) -> AsyncIterator[Transaction]:
        """A transaction of the attacker, who owns rows in the table."""
        async with self.application(self.target.parties.attacker) as transaction:
            yield transaction

    @asynccontextmanager
    async def stranger(self) -> AsyncIterator[Transaction]:
        """A transaction of a tenant who owns no row, so that every row reached is somebody else's."""
        async with self.application(self.target.parties.stranger) as transaction:
            yield transaction

    @asynccontextmanager
    async def nobody(self) -> AsyncIterator[Transaction]:
        """A transaction of the application that no session armed."""
        async with self.ground.database.engine.connect() as connection:
            yield Transaction(connection, self.evidence)

    @asynccontextmanager
    async def owner(self) -> AsyncIterator[Transaction]:
        """A transaction of the tables' owner."""
        settings = self.ground.database.settings
        async with self.ground.owner_engine.connect() as connection:
            transaction = Transaction(connection, self.evidence)
            await become(connection, settings.owner_role)
            # The attack takes an exclusive lock; rather no proof than a service that waits behind it.
            await connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
            yield transaction

    async def become_application(self, owner: Transaction) -> bool:
        """Goes on as the application where the login may, as a superuser's may; otherwise still as the owner."""
        return await owner.attempt(f"SET LOCAL ROLE {identifier(self.ground.database.settings.application_role)}")


async def become(connection: AsyncConnection, role: str) -> None:
    """Enters a role for the transaction."""
    await connection.exec_driver_sql(f"SET LOCAL ROLE {identifier(role)}")
