"""Whom a session works for, and how that reaches PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache

from tenancy.errors import TenantNotSet, UserNotSet
from tenancy.schema.identity import Identity, valid_identity
from tenancy.schema.membership import Membership
from tenancy.security.functions import TENANT_SETTING, USER_SETTING
from tenancy.security.quoting import literal
from tenancy.security.verification import verification_sql


@dataclass(frozen=True)
class Principal:
    """The tenant and the user of a session, fixed when the session is made."""

    tenant: Identity | None = None
    user: Identity | None = None
    #: SQL that verifies the membership of the user, in the same flight.
    verification: str = ""

    def settings(self) -> tuple[str, ...]:
        """`SET LOCAL` for both settings, so that no value of the connection's past can show through.

        Statements that return no rows. SET LOCAL rather than set_config(…, true): Citus hands only the former on to its
        workers. SET takes no parameters, so the values are literals; `valid_identity` let nothing but ids pass.
        """
        return _settings(self)

    def named(self, conjunction: str = " and ") -> str:
        """Whom it means, for a message: "tenant … and user …"."""
        named = (("tenant", self.tenant), ("user", self.user))
        return conjunction.join(f"{who} {identity}" for who, identity in named if identity is not None)


@lru_cache(maxsize=4096)
def _settings(principal: Principal) -> tuple[str, ...]:
    settings = tuple(
        f"SET LOCAL {setting} = {literal('' if value is None else str(value))}"
        for setting, value in ((TENANT_SETTING, principal.tenant), (USER_SETTING, principal.user))
    )
    return (*settings, principal.verification) if principal.verification else settings


#: A transaction that nobody armed: it sees nothing.
NOBODY = Principal()

_current: ContextVar[Principal] = ContextVar("tenancy_principal", default=NOBODY)


@contextmanager
def tenant_context(tenant: Identity | None = None, *, user: Identity | None = None) -> Iterator[None]:
    """Sets the tenant for code that cannot be given it: inside, `db.session()` and `db.begin()` take it from here.

    A session keeps what it was made with; leaving the context does not change it, nor does entering another one.

    Args:
        tenant: the tenant's id.
        user: the user's id.

    Raises:
        InvalidTenant: an id is not a UUID, an integer or a non-empty text.
    """
    token = _current.set(_valid(tenant, user))
    try:
        yield
    finally:
        _current.reset(token)


def principal_for(tenant: Identity | None, user: Identity | None, member: Membership | None = None) -> Principal:
    """The principal of a new session: what was given, else what the context says.

    Raises:
        TenantNotSet: neither says whom the session is for.
        UserNotSet: a membership is to be verified, and there is no user.
        InvalidTenant: an id is not a UUID, an integer or a non-empty text.
    """
    principal = _valid(tenant, user)
    if principal == NOBODY:
        # Taken whole or not at all: a tenant given here and a user left over from elsewhere may not belong together.
        principal = _current.get()
    if principal == NOBODY:
        raise TenantNotSet
    if member is None:
        return principal
    if principal.tenant is None:
        raise TenantNotSet(
            "A membership is of a user in a tenant: db.begin(organization_id, user=user_id, member=...)."
        )
    if principal.user is None:
        raise UserNotSet("A membership is of a user in a tenant: db.begin(organization_id, user=user_id, member=...).")
    return replace(principal, verification=verification_sql(member))


def _valid(tenant: Identity | None, user: Identity | None) -> Principal:
    return Principal(
        None if tenant is None else valid_identity(tenant), None if user is None else valid_identity(user, "user")
    )
