"""The `tenancy` SQL schema: the functions that policies call, and the record of system sessions.

One helper per id type, and one spelling: `tenancy.current_tenant()`. Bodies are SQL-standard (`RETURN ...`), so names
in them are bound when the function is made and no search_path can turn them; STABLE and without SET clause, so the
planner inlines them; never SECURITY DEFINER. Where nothing is set they raise: an empty result must not be the answer to
a forgotten tenant.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import BigInteger, Column, DateTime, Identity, Integer, MetaData, Table, Text, func

from tenancy.schema.identity import IdentityType
from tenancy.schema.naming import INSTALLED_SCHEMA
from tenancy.security.roles import Roles
from tenancy.security.values import PUBLIC, Function, Grant, SchemaSecurity, TableSecurity

SCHEMA = INSTALLED_SCHEMA
TENANT_SETTING = "app.tenant_id"
USER_SETTING = "app.user_id"

#: SQLSTATE of a statement that needs a tenant and has none; class TN is ours.
TENANT_NOT_SET = "TN001"
#: SQLSTATE of a statement that needs a user and has none.
USER_NOT_SET = "TN002"
#: SQLSTATE of a begin whose user is no member of its tenant.
NOT_A_MEMBER = "TN003"

_SETTINGS = {"tenant": TENANT_SETTING, "user": USER_SETTING}
_STEMS = {"tenant": "current_tenant", "user": "current_user_id"}


def helper(who: str, type_: IdentityType, *, optional: bool = False) -> str:
    """The name, without schema, of the function that returns the current tenant's or user's id.

    Args:
        who: "tenant" or "user".
        type_: the type of the column that is compared.
        optional: NULL instead of an error where the other one is set: for scopes in which one of both suffices.
    """
    suffix = "" if type_ is IdentityType.UUID else f"_{type_.value}"
    return f"{_STEMS[who]}{'_if_set' if optional else ''}{suffix}"


def _value(who: str) -> str:
    # A setting that was local in an earlier transaction reads '', not NULL; both mean that nothing is set.
    return f"NULLIF(current_setting('{_SETTINGS[who]}'::text, true), ''::text)"


def _returning(who: str, type_: IdentityType, *, optional: bool) -> Function:
    missing = f"{SCHEMA}.{who}_not_set()"
    if optional:
        # Raised in here and not by a condition beside it: PostgreSQL may ask that one last, when all is false already.
        other = _value("user" if who == "tenant" else "tenant")
        missing = f"CASE WHEN ({other} IS NULL) THEN {SCHEMA}.tenant_not_set() ELSE NULL::text END"
    value = f"COALESCE({_value(who)}, {missing})"
    cast = "" if type_ is IdentityType.TEXT else f"::{type_.value}"
    body = f"RETURN ({value}){cast}" if cast else f"RETURN {value}"
    return Function(helper(who, type_, optional=optional), type_.value, body)


def _raising(who: str, sqlstate: str, message: str, hint: str) -> Function:
    body = f"BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = '{sqlstate}', HINT = '{hint}'; END"
    return Function(f"{who}_not_set", "text", body, language="plpgsql")


_RAISING = (
    _raising(
        "tenant",
        TENANT_NOT_SET,
        "no tenant is set",
        "Begin the transaction with db.begin(organization_id), or, in psql: BEGIN; SET LOCAL app.tenant_id = ...;",
    ),
    _raising(
        "user",
        USER_NOT_SET,
        "no user is set",
        "Begin the transaction with db.begin(organization_id, user=user_id), "
        "or, in psql: BEGIN; SET LOCAL app.user_id = ...;",
    ),
)
REQUIRE_MEMBER = Function(
    "require_member",
    "boolean",
    "BEGIN IF is_member IS NOT TRUE THEN RAISE EXCEPTION 'the user is no member of the tenant' "
    f"USING ERRCODE = '{NOT_A_MEMBER}'; END IF; RETURN true; END",
    language="plpgsql",
    arguments="is_member boolean",
)

_HELPERS: tuple[Function, ...] = (
    *_RAISING,
    REQUIRE_MEMBER,
    *(
        _returning(who, type_, optional=optional)
        for who in ("tenant", "user")
        for type_ in IdentityType
        for optional in (False, True)
    ),
)


def helpers(roles: Roles) -> tuple[Function, ...]:
    """Every function of the schema, in an order in which they can be created."""
    return tuple(replace(function, owner=roles.owner) for function in _HELPERS)


installed = MetaData(schema=SCHEMA)

#: One row per system session, written before the session is handed out; nobody but the owner can change or delete it.
system_access = Table(
    "system_access",
    installed,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("login", Text, nullable=False, server_default=func.session_user()),
    Column("backend_pid", Integer, nullable=False, server_default=func.pg_backend_pid()),
)


def installed_schema() -> SchemaSecurity:
    """Policies call the helpers as whoever runs the statement, and raw SQL names them: everyone may use the schema."""
    return SchemaSecurity(SCHEMA, frozenset({Grant(PUBLIC, "USAGE")}))


def installed_tables(roles: Roles) -> tuple[TableSecurity, ...]:
    grants = frozenset(Grant(roles.system, privilege) for privilege in ("SELECT", "INSERT"))
    return (TableSecurity(SCHEMA, system_access.name, enabled=True, grants=grants),)
