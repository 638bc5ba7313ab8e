"""Where attacks take place: as the application, as nobody and as the owner, on rows of both parties.

There are two grounds. On the one nothing is ever committed: rows and attacks share one connection and one transaction,
which is rolled back, so that it can be any database, staging too. On the other the rows are committed and removed
again, and attackers come by sessions and connections of their own, as services do; it is for databases made for tests.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cached_property

from sqlalchemy import MetaData, Table, func, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from tenancy.errors import ProofError
from tenancy.prove.objects import ObjectSession
from tenancy.prove.parties import Parties
from tenancy.prove.sql import quoted
from tenancy.prove.target import Target
from tenancy.prove.transaction import Evidence, Transaction
from tenancy.schema.function import DeclaredFunction
from tenancy.schema.identity import valid_identity
from tenancy.schema.metadata import conventions_of
from tenancy.security.functions import SCHEMA, TENANT_SETTING, USER_SETTING
from tenancy.security.quoting import identifier
from tenancy.session.database import Database
from tenancy.session.engine import search_path
from tenancy.session.owner import one_connection, plain_engine
from tenancy.session.principal import NOBODY, Principal
from tenancy.session.urls import url_of

_IS_SUPERUSER = text("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = session_user")
_MAY_BECOME = text(
    "SELECT rolname FROM pg_catalog.pg_roles "
    "WHERE rolname = ANY (:roles) AND pg_catalog.pg_has_role(session_user, oid, 'MEMBER')"
)


class Ground(ABC):
    """What all attempts share. Whoever it lets in does so in a transaction or savepoint that is rolled back."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.targets: Mapping[Table, Target] = {}

    @property
    def declared(self) -> list[Table]:
        """Every table of the models, attacked or not."""
        return [table for metadata in self._metadata for table in metadata.tables.values()]

    @property
    def functions(self) -> list[DeclaredFunction]:
        """Every declared function of the models."""
        return [function for metadata in self._metadata for function in conventions_of(metadata).functions]

    @property
    def schemas(self) -> list[str]:
        """The schemas of the models' tables, and those in which names are found that say no schema."""
        path = (name.strip().strip('"') for name in self.database.settings.search_path.split(","))
        named = (table.schema for table in self.declared if table.schema)
        return sorted({*named, *path, SCHEMA} - {"pg_temp", "$user"})

    @property
    def _metadata(self) -> list[MetaData]:
        return list(dict.fromkeys(table.metadata for table in self.targets))

    @abstractmethod
    def application(self, principal: Principal) -> AbstractAsyncContextManager[AsyncConnection]:
        """As the application's role, for a tenant and a user.

        Raises:
            InvalidTenant: an id is none.
        """

    @abstractmethod
    def nobody(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """As the application's role, and nobody has said for whom."""

    @abstractmethod
    def login(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """As nobody, and just as the application logs in."""

    @abstractmethod
    def owner(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """As the tables' owner."""

    def attempt(self, table: Table | None) -> Attempt:
        """A new attempt on a table, or on the database as a whole."""
        return Attempt(self, None if table is None else self.targets[table])


class CommittedGround(Ground):
    """Sessions and connections of their own, on rows that are committed."""

    def __init__(self, database: Database, owner_url: str) -> None:
        super().__init__(database)
        self._owner_url = owner_url

    @classmethod
    @asynccontextmanager
    async def open(cls, database: Database, owner_url: str) -> AsyncIterator[CommittedGround]:
        """Connects when it is first needed, and closes what it opened."""
        ground = cls(database, owner_url)
        try:
            yield ground
        finally:
            for engine in ("_owner_engine", "_plain_engine"):
                if engine in ground.__dict__:
                    await ground.__dict__[engine].dispose()
            if "narrow" in ground.__dict__:
                await ground.narrow.close()

    @cached_property
    def _owner_engine(self) -> AsyncEngine:
        return plain_engine(self._owner_url, self.database.settings, pool_size=1, max_overflow=0)

    @cached_property
    def _plain_engine(self) -> AsyncEngine:
        settings = self.database.settings
        return plain_engine(url_of(settings, "application"), settings, pool_size=1, max_overflow=0)

    @cached_property
    def narrow(self) -> Database:
        """The same database through a pool of one connection: whoever comes next gets what the last one used."""
        return type(self.database)(self.database.settings.model_copy(update={"pool_size": 1}))

    @asynccontextmanager
    async def application(self, principal: Principal) -> AsyncIterator[AsyncConnection]:
        async with self.database.session(principal.tenant, user=principal.user) as session:
            yield await session.connection()

    @asynccontextmanager
    async def nobody(self) -> AsyncIterator[AsyncConnection]:
        async with self.database.engine.connect() as connection:
            yield connection

    login = nobody

    def plain(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """As the application logs in, on a connection that the library has not made: nobody says for whom."""
        return self._plain_engine.connect()

    @asynccontextmanager
    async def owner(self) -> AsyncIterator[AsyncConnection]:
        async with self._owner_engine.connect() as connection:
            await become(connection, self.database.settings.owner_role)
            # The attack takes an exclusive lock; rather no proof than a service that waits behind it.
            await connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
            yield connection


class RolledBackGround(Ground):
    """One connection and one transaction, in which rows and attacks come and go."""

    def __init__(self, database: Database, connection: AsyncConnection, *, superuser: bool) -> None:
        super().__init__(database)
        #: As whoever opened it: an administrator, or a login that may become owner, system and application role.
        self.connection = connection
        #: Whether it can be the very login that services use.
        self.superuser = superuser

    @classmethod
    @asynccontextmanager
    async def open(cls, database: Database, url: str) -> AsyncIterator[RolledBackGround]:
        """Opens the transaction; it is rolled back at the end, whatever happens.

        Args:
            database: as services have it.
            url: of an administrator, or of a login that is a member of the three roles.

        Raises:
            ProofError: the login may not become all of the three roles.
        """
        settings = database.settings
        async with one_connection(url, settings) as connection:
            roles = {settings.owner_role, settings.application_role, settings.system_role}
            missing = roles - set(await connection.scalars(_MAY_BECOME, {"roles": sorted(roles)}))
            if missing:
                login = connection.engine.url.username
                raise ProofError(
                    f"{login} may not become {' and '.join(sorted(missing))}, as which the proof makes rows and "
                    f"tries attacks. Let it, GRANT {', '.join(sorted(missing))} TO {login}, or name an "
                    f"administrator's URL as TENANCY_OWNER_URL."
                )
            path = search_path(settings.search_path)
            await connection.exec_driver_sql(f"SET LOCAL search_path = {path}")
            # Rather no proof than a service that waits behind it.
            await connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
            yield cls(database, connection, superuser=bool(await connection.scalar(_IS_SUPERUSER)))

    @cached_property
    def _as_application(self) -> str:
        """A superuser can be the very login that services use, session_user and all; others become its role."""
        if self.superuser:
            login = make_url(url_of(self.database.settings, "application")).username
            if login is not None:
                return f"SET LOCAL SESSION AUTHORIZATION {identifier(login)}"
        return f"SET LOCAL ROLE {identifier(self.database.settings.application_role)}"

    @asynccontextmanager
    async def savepoint(self, *statements: str) -> AsyncIterator[AsyncConnection]:
        """A savepoint that is rolled back, begun with some statements."""
        savepoint = await self.connection.begin_nested()
        try:
            for statement in statements:
                await self.connection.exec_driver_sql(statement)
            yield self.connection
        finally:
            await savepoint.rollback()

    @asynccontextmanager
    async def application(self, principal: Principal) -> AsyncIterator[AsyncConnection]:
        ids = {TENANT_SETTING: principal.tenant, USER_SETTING: principal.user}
        values = {setting: "" if value is None else str(valid_identity(value)) for setting, value in ids.items()}
        async with self.savepoint() as connection:
            await connection.execute(select(*(func.set_config(*setting, True) for setting in values.items())))
            await connection.exec_driver_sql(self._as_application)
            yield connection

    def nobody(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self.application(NOBODY)

    def login(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self.nobody() if self.superuser else self.database.engine.connect()

    def owner(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self.savepoint(f"SET LOCAL ROLE {identifier(self.database.settings.owner_role)}")


class Attempt:
    """One attack on one table, or on the database as a whole. Every transaction that it opens is rolled back."""

    def __init__(self, ground: Ground, target: Target | None = None) -> None:
        self.ground = ground
        self._target = target
        self.evidence: list[Evidence] = []

    @property
    def target(self) -> Target:
        """The table under attack.

        Raises:
            ProofError: the attack is on the database as a whole.
        """
        if self._target is None:
            raise ProofError("An attack on the database as a whole has no table: say in `applies_to` to which it does.")
        return self._target

    @property
    def committed(self) -> CommittedGround:
        """For attacks by other connections.

        Raises:
            ProofError: the rows are not committed, so that no other connection sees them.
        """
        if not isinstance(self.ground, CommittedGround):
            raise ProofError("The attack needs rows that other connections see: say so, `Attack(committed=True)`.")
        return self.ground

    @property
    def parties(self) -> Parties:
        """Who takes part; of attacks on the database those of its first table."""
        target = self._target or next(iter(self.ground.targets.values()))
        return target.parties

    def _transaction(self, connection: AsyncConnection) -> Transaction:
        return Transaction(connection, self.evidence, self._target.secrets if self._target else frozenset())

    @asynccontextmanager
    async def application(self, principal: Principal) -> AsyncIterator[Transaction]:
        """As the application's role, for a tenant and a user."""
        async with self.ground.application(principal) as connection:
            yield self._transaction(connection)

    def attacker(self) -> AbstractAsyncContextManager[Transaction]:
        """As the attacker, who owns rows in the table."""
        return self.application(self.parties.attacker)

    def stranger(self) -> AbstractAsyncContextManager[Transaction]:
        """As a tenant who owns no row, so that every row reached is somebody else's."""
        return self.application(self.parties.stranger)

    @asynccontextmanager
    async def objects(self, principal: Principal) -> AsyncIterator[ObjectSession]:
        """A session of a tenant and a user, for attacks by way of the ORM; it needs rows that are committed."""
        async with self.committed.database.session(principal.tenant, user=principal.user) as session:
            yield ObjectSession(session, self.target, self.evidence)

    @asynccontextmanager
    async def nobody(self) -> AsyncIterator[Transaction]:
        """As the application, and nobody has said for whom."""
        async with self.ground.nobody() as connection:
            yield self._transaction(connection)

    @asynccontextmanager
    async def owner(self) -> AsyncIterator[Transaction]:
        """As the tables' owner."""
        async with self.ground.owner() as connection:
            yield self._transaction(connection)

    @property
    def application_role(self) -> str:
        """The application's role, quoted for `text()`."""
        return quoted(self.ground.database.settings.application_role)

    async def become_application(self, owner: Transaction) -> None:
        """Goes on as the application, with what the owner has changed."""
        await owner.perform(f"SET LOCAL ROLE {self.application_role}")


async def become(connection: AsyncConnection, role: str) -> None:
    """Enters a role for the transaction."""
    await connection.exec_driver_sql(f"SET LOCAL ROLE {identifier(role)}")
