"""A scope as SQL text: the one place where the tenant predicate of a policy is spelled.

The text is written as PostgreSQL itself would print it where that is simple, so that most policies compare equal
without asking the server (see `canonical`).
"""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, Table
from sqlalchemy.exc import NoReferencedTableError

from tenancy.errors import InvalidScope
from tenancy.schema.classification import classification_of
from tenancy.schema.foreign_key import keys_over
from tenancy.schema.identity import IdentityType
from tenancy.schema.scope import (
    AllOf,
    AnyOf,
    Everyone,
    IsNull,
    Nobody,
    ParentRow,
    Scope,
    TenantColumn,
    UserColumn,
    conjuncts,
)
from tenancy.security.functions import SCHEMA, helper
from tenancy.security.quoting import identifier


def predicate(table: Table, default_schema: str = "public", *, variables: str | None = None) -> str:
    """The condition that a row of the table must meet, as a SQL expression.

    Args:
        table: is a tenant's, a user's or a parent's.
        default_schema: the PostgreSQL schema of tables that name none.
        variables: the label of a PL/pgSQL block whose variables hold what the helpers gave, by the helpers' names;
            by default the text calls the helpers.

    Raises:
        InvalidScope: the scope names a column that the table has not, or one that cannot hold an id, or means nothing.
    """
    return _Predicate(table, default_schema, variables).of(classification_of(table).scope)


def helpers_of(table: Table) -> dict[str, IdentityType]:
    """The functions of the `tenancy` schema that the table's predicate calls, which raise where nobody is set."""
    asked = _Predicate(table, "public")
    asked.of(classification_of(table).scope)
    return asked.called


class _Predicate:
    def __init__(
        self,
        table: Table,
        default_schema: str,
        variables: str | None = None,
        children: tuple[Table, ...] = (),
    ) -> None:
        self.table = table
        #: The helpers that the text calls, with the type that each returns.
        self.called: dict[str, IdentityType] = {}
        self.default_schema = default_schema
        self.variables = variables
        #: The tables through whose parent() this one was reached.
        self.children = children
        self.alias = f"parent{len(children)}" if children else None

    def of(self, scope: Scope, *, optional: frozenset[str] = frozenset(), narrowed: bool = False) -> str:
        """The scope, or a part of one, as SQL.

        Args:
            scope: the scope.
            optional: of "tenant" and "user", the ids that may be missing: NULL then, instead of an error.
            narrowed: whether a condition beside it already holds the row to a tenant, a user or a parent.
        """
        match scope:
            case TenantColumn(column):
                return self._equals(column, "tenant", "tenant" in optional)
            case UserColumn(column):
                return self._equals(column, "user", "user" in optional)
            case ParentRow(columns):
                return self._parent(columns, optional)
            case AllOf():
                return self._all_of(tuple(conjuncts(scope)), optional, narrowed)
            case AnyOf(scopes):
                return self._any_of(scopes, optional, narrowed)
            case IsNull(column) if narrowed:
                return f"({self._column(column)} IS NULL)"
            case IsNull(column):
                raise self._refused(
                    f"is_null({column!r}) alone would show, and let everyone write, all rows in which it is empty; "
                    f"narrow it: is_null({column!r}) & user()"
                )
            case Everyone() | Nobody():
                raise self._refused("a shared or private table has no policies")
        raise self._refused(f"{scope!r} is no scope")

    def _all_of(self, scopes: tuple[Scope, ...], optional: frozenset[str], narrowed: bool) -> str:
        if all(isinstance(inner, IsNull) for inner in scopes) and not narrowed:
            raise self._refused(f"{' & '.join(map(str, scopes))} names neither a tenant nor a user nor a parent")
        held = narrowed or any(isinstance(inner, TenantColumn | UserColumn | ParentRow) for inner in scopes)
        conditions = (self.of(inner, optional=optional, narrowed=held or isinstance(inner, IsNull)) for inner in scopes)
        return f"({' AND '.join(conditions)})"

    def _any_of(self, scopes: tuple[Scope, ...], optional: frozenset[str], narrowed: bool) -> str:
        """One alternative suffices, so an id that only some of them need may be missing, if the other one is there."""
        needed = frozenset.intersection(*(self._needed(inner) for inner in scopes))
        loose = optional | ({"tenant", "user"} - needed)
        return f"({' OR '.join(self.of(inner, optional=loose, narrowed=narrowed) for inner in scopes)})"

    def _needed(self, scope: Scope) -> frozenset[str]:
        """The ids without which no row can meet the scope."""
        match scope:
            case TenantColumn():
                return frozenset({"tenant"})
            case UserColumn():
                return frozenset({"user"})
            case AllOf(scopes):
                return frozenset().union(*(self._needed(inner) for inner in scopes))
            case AnyOf(scopes):
                return frozenset.intersection(*(self._needed(inner) for inner in scopes))
            case ParentRow(columns):
                parent = self._foreign_key(columns).referred_table
                if parent not in (*self.children, self.table):
                    inner = _Predicate(parent, self.default_schema, self.variables, (*self.children, self.table))
                    return inner._needed(classification_of(parent).scope)
        return frozenset()

    def _equals(self, column: str | None, who: str, optional: bool) -> str:
        name = self._column(column or "")
        type_ = IdentityType.of(self.table.columns[column or ""].type, f"{self.table.fullname}.{column}")
        called = helper(who, type_, optional=optional)
        self.called[called] = type_
        value = f"{SCHEMA}.{called}()" if self.variables is None else identifier(self.variables, called)
        return f"({name} = {value})"

    def _column(self, column: str) -> str:
        if column not in self.table.columns:
            raise self._refused(f"it has no column {column!r}; it has {', '.join(self.table.columns.keys())}")
        return identifier(*([self.alias] if self.alias else []), column)

    def _parent(self, columns: tuple[str, ...], optional: frozenset[str]) -> str:
        """The parent's own predicate in EXISTS: the child stays closed even where the parent's policies are gone."""
        key = self._foreign_key(columns)
        table = key.referred_table
        scope = classification_of(table).scope
        if isinstance(scope, Everyone | Nobody):
            raise self._refused(f"its parent {table.fullname} is shared or private, so no row of it is anybody's own")
        if table in (*self.children, self.table):
            raise self._refused(
                f"its parents lead back to {table.fullname}; give one of them a tenant or a user column"
            )
        inner = _Predicate(table, self.default_schema, self.variables, (*self.children, self.table))
        inner.called = self.called
        here = self.alias or self.table.name
        joined = [
            f"({identifier(str(inner.alias), element.column.name)} = {identifier(here, element.parent.name)})"
            for element in key.elements
        ]
        condition = " AND ".join([*joined, inner.of(scope, optional=optional)])
        relation = identifier(table.schema or self.default_schema, table.name)
        return f"(EXISTS ( SELECT 1 FROM {relation} {inner.alias} WHERE ({condition})))"  # noqa: S608 - quoted names

    def _foreign_key(self, columns: tuple[str, ...]) -> ForeignKeyConstraint:
        for column in columns:
            self._column(column)
        keys = keys_over(self.table, columns)
        listed = ", ".join(repr(column) for column in columns)
        if len(keys) != 1:
            raise self._refused(
                f"parent({listed}) needs exactly one foreign key over these columns, and there are {len(keys)}"
            )
        try:
            _ = keys[0].referred_table
        except NoReferencedTableError as error:
            raise self._refused(f"the table that parent({listed}) refers to is not declared: {error}") from error
        return keys[0]

    def _refused(self, why: str) -> InvalidScope:
        return InvalidScope(f"The scope of {self.table.fullname} is refused: {why}.")
