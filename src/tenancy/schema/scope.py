"""Who may see a row: a small algebra, written by `tenant()`, `user()`, `parent()`, `is_null()`, `|` and `&`.

A scope is a plain value. It knows column names, not tables; `tenancy.security.predicate` turns it into SQL and
`tenancy.session.criteria` into an ORM expression, so both say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


class Scope:
    """Base of the scopes: gives them `|` and `&`."""

    def __or__(self, other: Scope) -> Scope:
        return AnyOf((*alternatives(self), *alternatives(other)))

    def __and__(self, other: Scope) -> Scope:
        return AllOf((self, other))


@dataclass(frozen=True)
class TenantColumn(Scope):
    """The row belongs to the tenant in this column; None is the metadata's tenant column."""

    column: str | None = None


@dataclass(frozen=True)
class UserColumn(Scope):
    """The row belongs to the user in this column; None is the metadata's user column."""

    column: str | None = None


@dataclass(frozen=True)
class ParentRow(Scope):
    """The row is visible where the row is that its foreign key over these columns refers to."""

    columns: tuple[str, ...]


@dataclass(frozen=True)
class IsNull(Scope):
    """The column is empty. Never a scope by itself: it narrows another, as in `is_null("org_id") & user("user_id")`."""

    column: str


@dataclass(frozen=True)
class AnyOf(Scope):
    scopes: tuple[Scope, ...]


@dataclass(frozen=True)
class AllOf(Scope):
    scopes: tuple[Scope, ...]


@dataclass(frozen=True)
class Everyone(Scope):
    """Every tenant reads the row; only migrations and the system role write it."""


@dataclass(frozen=True)
class Nobody(Scope):
    """The application role has no grant at all."""


def tenant(column: str | None = None) -> Scope:
    """Rows of the tenant whose id stands in `column` (by default the metadata's tenant column)."""
    return TenantColumn(column)


def user(column: str | None = None) -> Scope:
    """Rows of the user whose id stands in `column` (by default the metadata's user column)."""
    return UserColumn(column)


def parent(*columns: str) -> Scope:
    """Rows whose parent is visible: the row that the foreign key over `columns` refers to."""
    return ParentRow(columns)


def is_null(column: str) -> Scope:
    """Rows in which `column` is empty; combine it: `tenant("org_id") | (is_null("org_id") & user("user_id"))`."""
    return IsNull(column)


def alternatives(scope: Scope) -> tuple[Scope, ...]:
    """The scopes of which one suffices."""
    return scope.scopes if isinstance(scope, AnyOf) else (scope,)


def parts(scope: Scope) -> Iterator[Scope]:
    """The scope and every scope inside it."""
    yield scope
    if isinstance(scope, AnyOf | AllOf):
        for inner in scope.scopes:
            yield from parts(inner)


def conjuncts(scope: Scope) -> Iterator[Scope]:
    """What `a & b & c` consists of, however it is bracketed: all of it must hold."""
    if isinstance(scope, AllOf):
        for inner in scope.scopes:
            yield from conjuncts(inner)
    else:
        yield scope
