"""A scope as a SQLAlchemy expression over a principal's ids: what a statement says beside the policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

from sqlalchemy import BindParameter, ColumnElement, Table, and_, bindparam, or_, select, tuple_

from tenancy.errors import InvalidTenant
from tenancy.schema.classification import classification_of, is_classified
from tenancy.schema.foreign_key import keys_over
from tenancy.schema.identity import Identity, IdentityType
from tenancy.schema.scope import AllOf, AnyOf, IsNull, ParentRow, Scope, TenantColumn, UserColumn, parts
from tenancy.session.principal import Principal

#: From a column's name to what a condition compares: a column of the table, or an attribute of a mapped class.
ColumnOf = Callable[[str], Any]


@dataclass(frozen=True)
class Parameters:
    """The ids of a principal as parameters of one statement; None where the principal lacks one."""

    tenant: BindParameter[Any] | None
    user: BindParameter[Any] | None

    @classmethod
    def of(cls, principal: Principal, annotations: Mapping[str, Any] | None = None) -> Self:
        """The principal's; annotated, if that is wanted."""
        return cls(_parameter("tenant", principal.tenant, annotations), _parameter("user", principal.user, annotations))


def _parameter(name: str, value: Identity | None, annotations: Mapping[str, Any] | None) -> BindParameter[Any] | None:
    if value is None:
        return None
    parameter: BindParameter[Any] = bindparam(name, value, unique=True)
    return parameter._annotate(annotations) if annotations else parameter  # noqa: SLF001 - as SQLAlchemy's own options


def condition(scope: Scope, table: Table, column: ColumnOf, parameters: Parameters) -> ColumnElement[bool] | None:
    """None where an id is missing: then the policy's error must come, not an empty result.

    Args:
        scope: the scope, or a part of it.
        table: the table whose scope it is.
        column: how the statement names the table's columns.
        parameters: the principal's ids.
    """
    match scope:
        case TenantColumn(name) | UserColumn(name):
            identity = parameters.tenant if isinstance(scope, TenantColumn) else parameters.user
            return None if identity is None else column(name or "") == identity
        case IsNull(name):
            return column(name).is_(None)  # type: ignore[no-any-return]
        case ParentRow(columns):
            return _parent(columns, table, column, parameters)
        case AllOf(scopes):
            known = _known(scopes, table, column, parameters)
            return and_(*known) if len(known) == len(scopes) else None
        case AnyOf(scopes):
            # One of the ids suffices: an alternative whose id is missing is no alternative.
            known = _known(scopes, table, column, parameters)
            return or_(*known) if known else None
    return None


def _known(
    scopes: tuple[Scope, ...], table: Table, column: ColumnOf, parameters: Parameters
) -> list[ColumnElement[bool]]:
    conditions = (condition(scope, table, column, parameters) for scope in scopes)
    return [one for one in conditions if one is not None]


def _parent(
    columns: tuple[str, ...], table: Table, column: ColumnOf, parameters: Parameters
) -> ColumnElement[bool] | None:
    """The child's key among the keys of the parents that are seen: IN, which an index can serve.

    The policy says the same by EXISTS, which PostgreSQL makes a hashed subplan that scans the whole child.
    """
    (key,) = keys_over(table, columns)
    # An alias: the statement may name the parent as well, and must not lend its row to this subquery.
    parent = key.referred_table.alias()
    scope = scope_of(key.referred_table)
    inner = None if scope is None else condition(scope, key.referred_table, parent.c.__getitem__, parameters)
    if inner is None:
        return None
    keys = select(*(parent.c[element.column.key] for element in key.elements)).where(inner)
    children = [column(element.parent.key) for element in key.elements]
    return tuple_(*children).in_(keys) if len(children) > 1 else children[0].in_(keys)


@lru_cache(maxsize=4096)
def scope_of(table: Table) -> Scope | None:
    """The scope of a table; None where it is not classified."""
    return classification_of(table).scope if is_classified(table) else None


@lru_cache(maxsize=4096)
def ids_of(table: Table) -> frozenset[str]:
    """Which of "tenant" and "user" a table's rows are seen by, also by way of their parents."""
    found: set[str] = set()
    for part in parts(scope_of(table) or Scope()):
        if isinstance(part, TenantColumn | UserColumn):
            found.add("tenant" if isinstance(part, TenantColumn) else "user")
        elif isinstance(part, ParentRow):
            (key,) = keys_over(table, part.columns)
            found |= ids_of(key.referred_table)
    return frozenset(found)


@lru_cache(maxsize=4096)
def _identity_types(table: Table) -> tuple[tuple[str, IdentityType, type[Identity]], ...]:
    """What the table's scope compares ids with: "tenant" or "user", and the type of the column."""
    found = []
    for part in parts(scope_of(table) or Scope()):
        if isinstance(part, TenantColumn | UserColumn):
            who = "tenant" if isinstance(part, TenantColumn) else "user"
            column = table.columns[part.column or ""]
            type_ = IdentityType.of(column.type, str(column))
            found.append((who, type_, type_.python_type))
    return tuple(found)


def check_identity_types(table: Table, principal: Principal) -> None:
    """The ids must be of the types of the columns that they are compared with.

    Raises:
        InvalidTenant: one is not; the driver's or the server's complaint would not name the table.
    """
    for who, type_, python_type in _identity_types(table):
        identity = principal.tenant if who == "tenant" else principal.user
        if identity is not None and not isinstance(identity, python_type):
            raise InvalidTenant(
                f"The session's {who} {identity!r} is a {type(identity).__name__}, but {who} ids in {table.fullname} "
                f"are of type {type_.value}: open the session with a {python_type.__name__}."
            )
