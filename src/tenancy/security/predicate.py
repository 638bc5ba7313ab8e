"""A scope as SQL text: the one place where the tenant predicate of a policy is spelled.

The text is written as PostgreSQL itself would print it where that is simple, so that most policies compare equal without
asking the server (see `canonical`).
"""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, Table

from tenancy.errors import InvalidScope
from tenancy.schema.classification import classification_of
from tenancy.schema.identity import IdentityType
from tenancy.schema.scope import AllOf, AnyOf, Everyone, IsNull, Nobody, ParentRow, Scope, TenantColumn, UserColumn
from tenancy.security.functions import SCHEMA, helper
from tenancy.security.quoting import identifier


def predicate(table: Table, default_schema: str = "public") -> str:
    """The condition that a row of the table must meet, as a SQL expression.

    Raises:
        InvalidScope: the scope names a column that the table has not, or one that cannot hold an id, or means nothing.
    """
    return _Predicate(table, default_schema, alias=None, depth=0).of(classification_of(table).scope)


class _Predicate:
    def __init__(self, table: Table, default_schema: str, alias: str | None, depth: int) -> None:
        self.table = table
        self.default_schema = default_schema
        self.alias = alias
        self.depth = depth

    def of(self, scope: Scope, *, optional: bool = False) -> str:
        match scope:
            case TenantColumn(column):
                return self._equals(column, "tenant", optional)
            case UserColumn(column):
                return self._equals(column, "user", optional)
            case AllOf(scopes):
                if not any(isinstance(inner, TenantColumn | UserColumn | ParentRow | AnyOf) for inner in scopes):
                    raise self._refused(f"{scope} names neither a tenant nor a user nor a parent")
                return "(" + " AND ".join(self._inner(inner, optional) for inner in scopes) + ")"
            case AnyOf(scopes):
                # One id suffices, so a missing one must not raise; but where both are missing something must.
                alternatives = " OR ".join(self.of(inner, optional=True) for inner in scopes)
                return f"(({alternatives}) AND {SCHEMA}.principal_is_set())"
            case ParentRow(columns):
                return self._parent(columns)
            case IsNull(column):
                raise self._refused(
                    f"is_null({column!r}) alone would show, and let everyone write, all rows in which it is empty; "
                    f"narrow it: is_null({column!r}) & user()"
                )
            case Everyone() | Nobody():
                raise self._refused("a shared or private table has no policies")
        raise self._refused(f"{scope!r} is no scope")

    def _inner(self, scope: Scope, optional: bool) -> str:
        if isinstance(scope, IsNull):
            return f"({self._column(scope.column)} IS NULL)"
        return self.of(scope, optional=optional)

    def _equals(self, column: str | None, who: str, optional: bool) -> str:
        name = self._column(column or "")
        type_ = IdentityType.of(self.table.columns[column or ""].type, f"{self.table.fullname}.{column}")
        return f"({name} = {SCHEMA}.{helper(who, type_, optional=optional)}())"

    def _column(self, column: str) -> str:
        if column not in self.table.columns:
            raise self._refused(f"it has no column {column!r}; it has {', '.join(self.table.columns.keys())}")
        return identifier(*([self.alias] if self.alias else []), column)

    def _parent(self, columns: tuple[str, ...]) -> str:
        """The parent's own predicate inside EXISTS: the child stays closed even where the parent's policies are gone."""
        key = self._foreign_key(columns)
        alias = f"parent{self.depth + 1}"
        inner = _Predicate(key.referred_table, self.default_schema, alias, self.depth + 1)
        here = self.alias or self.table.name
        joined = [
            f"({identifier(alias, element.column.name)} = {identifier(here, element.parent.name)})"
            for element in key.elements
        ]
        condition = " AND ".join([*joined, inner.of(classification_of(key.referred_table).scope)])
        relation = identifier(key.referred_table.schema or self.default_schema, key.referred_table.name)
        return f"(EXISTS ( SELECT 1 FROM {relation} {alias} WHERE ({condition})))"

    def _foreign_key(self, columns: tuple[str, ...]) -> ForeignKeyConstraint:
        for column in columns:
            self._column(column)
        keys = [key for key in self.table.foreign_key_constraints if set(columns) <= set(key.column_keys)]
        if len(keys) != 1:
            listed = ", ".join(repr(column) for column in columns)
            raise self._refused(
                f"parent({listed}) needs exactly one foreign key over these columns, and there are {len(keys)}"
            )
        return keys[0]

    def _refused(self, why: str) -> InvalidScope:
        return InvalidScope(f"The scope of {self.table.fullname} is refused: {why}.")
