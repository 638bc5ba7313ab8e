"""`Database`: sessions that carry a tenant, and system sessions, each on the pool of its role."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cached_property
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from tenancy.schema.filling import PRINCIPAL_OPTION
from tenancy.schema.identity import Identity
from tenancy.schema.membership import Membership
from tenancy.schema.resolver import Resolver
from tenancy.session.async_session import AsyncTenantSession
from tenancy.session.bulk.load import Progress, load
from tenancy.session.bulk.sources import Rows
from tenancy.session.bulk.target import target_of
from tenancy.session.engine import async_engine
from tenancy.session.principal import principal_for
from tenancy.session.resolving import call, is_malformed
from tenancy.session.system import record_of
from tenancy.session.transaction import IsolationLevel, transaction_options
from tenancy.session.unit import Unit
from tenancy.session.urls import url_of
from tenancy.session.vectors.statistics import Statistics
from tenancy.settings import Settings


class Database:
    """The way to the data: `db.begin(tenant)`, `db.session(tenant)` and, for work across tenants, `db.system(...)`.

    Nothing is connected before it is used. The first connection is looked at, as is every later one: a role that could
    get round row-level security is refused.

    ```python
    async with Database(settings) as db:
        async with db.begin(organization_id) as session:
            session.add(Project(name="Apollo"))
    ```

    Args:
        settings: by default from the environment, see `Settings`.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self._statistics = Statistics()

    @classmethod
    def from_url(cls, url: str, *, system_url: str | None = None, **settings: Any) -> Self:
        """A database by its URLs; everything else from the environment or by keyword, as in `Settings`."""
        return cls(Settings(database_url=url, system_url=system_url, **settings))

    @cached_property
    def engine(self) -> AsyncEngine:
        """The engine of the application role. A transaction on a plain connection has no tenant and sees nothing."""
        return async_engine(url_of(self.settings, "application"), self.settings)

    @cached_property
    def _system_engine(self) -> AsyncEngine:
        return async_engine(url_of(self.settings, "system"), self.settings, system=True)

    def session(
        self,
        tenant: Identity | None = None,
        *,
        user: Identity | None = None,
        member: Membership | None = None,
        read_only: bool = False,
        isolation_level: IsolationLevel | None = None,
    ) -> AsyncTenantSession:
        """A session whose every transaction is the tenant's. The caller commits; leaving it rolls back what was not.

        Args:
            tenant: the tenant's id, a UUID, an integer or a text; by default that of `tenant_context`.
            user: the user's id, for tables whose rows belong to users.
            member: made by `tenancy.membership()`: each begin verifies, in the same flight, that the user belongs to
                the tenant, and fails with `NotAMember` where not.
            read_only: PostgreSQL refuses writes (SQLSTATE 25006), and the end of the transaction is not waited for.
            isolation_level: of every transaction of the session.

        Raises:
            TenantNotSet: neither here nor in `tenant_context` is anybody named. Nothing was sent.
            InvalidTenant: an id is of no type that ids have.
        """
        return AsyncTenantSession(
            self.engine,
            expire_on_commit=False,
            principal=principal_for(tenant, user, member),
            statistics=self._statistics,
            execution_options=transaction_options(read_only, isolation_level),
        )

    def begin(
        self,
        tenant: Identity | None = None,
        *,
        user: Identity | None = None,
        member: Membership | None = None,
        read_only: bool = False,
        isolation_level: IsolationLevel | None = None,
    ) -> Unit:
        """One transaction of the tenant: commits at the end, rolls back on an error. Arguments as for `session`.

        ```python
        async with db.begin(organization_id) as session:
            ...
        ```
        """
        return Unit(
            self.session(tenant, user=user, member=member, read_only=read_only, isolation_level=isolation_level)
        )

    async def resolve(self, resolver: Resolver, **secrets: Any) -> Any:
        """What a resolver finds for a secret, before any tenant is known.

        Args:
            resolver: made by `tenancy.resolver()`.
            secrets: what it takes, by name.

        Returns:
            The id, or None; of a resolver with `many`, a list of ids.

        Raises:
            ConfigurationError: the secrets are not those that the resolver takes.
        """
        async with self.engine.connect() as connection:
            try:
                return await connection.scalar(call(resolver, secrets))
            except DBAPIError as error:
                if not is_malformed(error):
                    raise
                return [] if resolver.many else None

    @asynccontextmanager
    async def system(self, *, reason: str, actor: str) -> AsyncIterator[AsyncSession]:
        """A session of the system role, which sees every tenant. The caller commits.

        It runs on a pool of its own, and a row of `tenancy.system_access` that says who and why is committed before the
        session is handed out: no record, no session.

        Args:
            reason: why, for the audit.
            actor: who: a person or a job.

        Raises:
            ConfigurationError: reason or actor is empty, or there is no system URL.
            UnsafeRole: the system URL's role is not a member of the system role.
        """
        record = record_of(reason, actor)
        async with AsyncSession(self._system_engine) as audit, audit.begin():
            await audit.execute(record)
        async with AsyncSession(self._system_engine, expire_on_commit=False) as session:
            yield session

    async def bulk_load(
        self,
        tenant: Identity | None,
        entity: type[Any] | Table,
        rows: Rows,
        *,
        reason: str,
        actor: str,
        user: Identity | None = None,
        columns: Sequence[str] | None = None,
        progress: Progress | None = None,
    ) -> int:
        """Loads rows of one tenant as the system role, by COPY: the fastest way, for imports and moves.

        No policy checks the rows, so the loader writes the tenant's column itself, in every row, and refuses rows that
        name another tenant, and tables in which that column does not decide whose a row is. One transaction of its own:
        it commits all rows, or none. As for `system`, a record that also names tenant and table is committed before.

        Args:
            tenant: whose the rows are; None where `user` alone says it.
            entity: a mapped class on one table, or a table.
            rows: as for `bulk_load` of a session.
            reason: why, for the audit.
            actor: who: a person or a job.
            user: whose the rows are, in tables whose rows belong to users.
            columns: as for `bulk_load` of a session.
            progress: as for `bulk_load` of a session.

        Returns:
            How many rows there were.

        Raises:
            BulkLoadError: names the row by its number in the input, from 1, and the column.
            TenantMismatch: a row names another tenant or user; it says which.
            ConfigurationError: as for `system` and for `bulk_load` of a session, or only policies could tell whose the
                rows of this table are.
        """
        principal = principal_for(tenant, user)
        target = target_of(entity, principal, bypassing=True)
        # Blank stays blank, and is refused.
        reason = reason.strip() and f"{reason} (bulk load: {target.table.fullname}, {principal.named()})"
        async with self.system(reason=reason, actor=actor) as session:
            connection = await session.connection(execution_options={PRINCIPAL_OPTION: principal})
            loaded = await load(connection, target, rows, columns=columns, progress=progress)
            await session.commit()
        return loaded

    async def start(self) -> None:
        """Connects once, so that a wrong URL or an unsafe role is found now rather than at the first request."""
        async with self.engine.connect():
            pass

    async def close(self) -> None:
        """Closes every connection."""
        for name in ("engine", "_system_engine"):
            engine: AsyncEngine | None = self.__dict__.pop(name, None)
            if engine is not None:
                await engine.dispose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()
