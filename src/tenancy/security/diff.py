"""`diff(want, have) → changes`: pure and complete; Alembic, `check`, `policies/` and the proof stand on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from tenancy.security.changes import (
    Change,
    CreateFunction,
    CreatePolicy,
    CreateSchema,
    DropFunction,
    DropPolicy,
    ForceRowSecurity,
    GrantPrivileges,
    ReplaceFunction,
    RevokePrivileges,
    RowSecurity,
)
from tenancy.security.definer import reads_tables
from tenancy.security.values import DatabaseSecurity, Function, Grant, SchemaSecurity, TableSecurity


def diff(want: DatabaseSecurity, have: DatabaseSecurity) -> list[Change]:
    """The changes that turn `have` into `want`, in an order in which they can be applied.

    Only what `want` names is compared: tables, schemas and functions that it does not know are left alone, save for
    functions of the system role that are no longer declared.
    """
    gone = (one for one in declared_in(have, want.definer) if one.signature not in want.functions)
    changes: list[Change] = [DropFunction(function) for function in gone]
    for name, schema in want.schemas.items():
        if name not in have.schemas:
            changes.append(CreateSchema(name))
        changes += _schema_grants(schema, have.schemas.get(name, SchemaSecurity(name)))
    helpers = [function for function in want.functions.values() if not reads_tables(function)]
    declared = [function for function in want.functions.values() if reads_tables(function)]
    changes += [change for function in helpers for change in _function(function, have)]
    for key, table in sorted(want.tables.items()):
        changes += diff_table(table, have.tables.get(key, TableSecurity(*key)))
    changes += [change for function in declared for change in _function(function, have)]
    return changes


def declared_in(have: DatabaseSecurity, definer: str) -> list[Function]:
    """The declared functions that a database has: those that run with the rights of the system role."""
    return [one for one in have.functions.values() if definer and one.owner == definer and reads_tables(one)]


def _function(function: Function, have: DatabaseSecurity) -> Iterator[Change]:
    installed = have.functions.get(function.signature)
    if installed is None:
        yield CreateFunction(function)
    elif installed.returns != function.returns:
        # PostgreSQL replaces a body in place, but not a type.
        yield DropFunction(installed)
        yield CreateFunction(function)
    elif installed != function:
        yield ReplaceFunction(function, installed)


def diff_table(want: TableSecurity, have: TableSecurity) -> list[Change]:
    """The changes for one table: what closes comes before what opens."""
    schema, name = want.key
    changes: list[Change] = list(_privileges(schema, name, have.grants - want.grants, RevokePrivileges))
    if want.enabled and not have.enabled:
        changes.append(RowSecurity(schema, name, enabled=True))
    if want.forced and not have.forced:
        changes.append(ForceRowSecurity(schema, name, forced=True))
    changes += [DropPolicy(schema, name, policy) for policy in sorted(have.policies - want.policies, key=_policy_key)]
    changes += [CreatePolicy(schema, name, policy) for policy in sorted(want.policies - have.policies, key=_policy_key)]
    if have.forced and not want.forced:
        changes.append(ForceRowSecurity(schema, name, forced=False))
    if have.enabled and not want.enabled:
        changes.append(RowSecurity(schema, name, enabled=False))
    changes += _privileges(schema, name, want.grants - have.grants, GrantPrivileges)
    return changes


def _policy_key(policy: object) -> tuple[bool, str]:
    return (getattr(policy, "permissive"), getattr(policy, "name"))  # noqa: B009 - the guard first, then by name


def _schema_grants(want: SchemaSecurity, have: SchemaSecurity) -> Iterator[Change]:
    yield from _privileges(want.name, None, have.grants - want.grants, RevokePrivileges)
    yield from _privileges(want.name, None, want.grants - have.grants, GrantPrivileges)


def _privileges(
    schema: str, table: str | None, grants: Iterable[Grant], kind: type[GrantPrivileges | RevokePrivileges]
) -> Iterator[Change]:
    """One change per grantee and object, with its privileges together."""

    def of_object(grant: Grant) -> tuple[str, bool, str, bool]:
        return (grant.grantee, grant.sequence, grant.column or "", grant.grantable)

    for (grantee, sequence, column, grantable), group in groupby(sorted(grants, key=of_object), key=of_object):
        privileges = tuple(sorted(grant.privilege for grant in group))
        yield kind(schema, table, grantee, privileges, column or None, sequence, grantable)
