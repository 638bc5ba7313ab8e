"""`SyncDatabase`: the twin of `Database` on psycopg, for scripts, Celery and notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tenancy.schema.identity import Identity
from tenancy.schema.membership import Membership
from tenancy.schema.resolver import Resolver
from tenancy.session.engine import sync_engine
from tenancy.session.principal import principal_for
from tenancy.session.resolving import call, is_malformed
from tenancy.session.system import record_of
from tenancy.session.tenant_session import TenantSession
from tenancy.session.transaction import IsolationLevel, transaction_options
from tenancy.session.urls import url_of
from tenancy.session.vectors.statistics import Statistics
from tenancy.settings import Settings


class SyncDatabase:
    """As `Database`, without `async`: `with db.begin(organization_id) as session: ...`

    Arguments and guarantees are the same.

    Needs the extra `sync`. A transaction costs two round trips more than one of `Database`: psycopg has no seam for it.

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
    def engine(self) -> Engine:
        """The engine of the application role. A transaction on a plain connection has no tenant and sees nothing."""
        return sync_engine(url_of(self.settings, "application"), self.settings)

    @cached_property
    def _system_engine(self) -> Engine:
        return sync_engine(url_of(self.settings, "system"), self.settings, system=True)

    def session(
        self,
        tenant: Identity | None = None,
        *,
        user: Identity | None = None,
        member: Membership | None = None,
        read_only: bool = False,
        isolation_level: IsolationLevel | None = None,
    ) -> TenantSession:
        """See `Database.session`."""
        return TenantSession(
            self.engine,
            expire_on_commit=False,
            principal=principal_for(tenant, user, member),
            statistics=self._statistics,
            execution_options=transaction_options(read_only, isolation_level),
        )

    @contextmanager
    def begin(
        self,
        tenant: Identity | None = None,
        *,
        user: Identity | None = None,
        member: Membership | None = None,
        read_only: bool = False,
        isolation_level: IsolationLevel | None = None,
    ) -> Iterator[TenantSession]:
        """See `Database.begin`."""
        with (
            self.session(
                tenant, user=user, member=member, read_only=read_only, isolation_level=isolation_level
            ) as session,
            session.begin(),
        ):
            yield session

    def resolve(self, resolver: Resolver, **secrets: Any) -> Any:
        """See `Database.resolve`."""
        with self.engine.connect() as connection:
            try:
                return connection.scalar(call(resolver, secrets))
            except DBAPIError as error:
                if not is_malformed(error):
                    raise
                return [] if resolver.many else None

    @contextmanager
    def system(self, *, reason: str, actor: str) -> Iterator[Session]:
        """See `Database.system`."""
        record = record_of(reason, actor)
        with Session(self._system_engine) as audit, audit.begin():
            audit.execute(record)
        with Session(self._system_engine, expire_on_commit=False) as session:
            yield session

    def start(self) -> None:
        """Connects once, so that a wrong URL or an unsafe role is found now rather than at the first request."""
        with self.engine.connect():
            pass

    def close(self) -> None:
        """Closes every connection."""
        for name in ("engine", "_system_engine"):
            engine: Engine | None = self.__dict__.pop(name, None)
            if engine is not None:
                engine.dispose()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
