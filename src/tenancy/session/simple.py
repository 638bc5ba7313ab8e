"""Which statements are simple: no tenant, large or small, could make PostgreSQL's plan for them another one.

They are one row found by a key, and rows that are inserted as they are given. Whatever is not known to be simple is
not: text, joins, subqueries, functions, and tables that are seen by way of a parent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import (
    BinaryExpression,
    BindParameter,
    Column,
    ColumnElement,
    Compiled,
    Delete,
    Insert,
    Null,
    PrimaryKeyConstraint,
    Select,
    Table,
    UniqueConstraint,
    Update,
)
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BooleanClauseList
from sqlalchemy.sql.functions import now
from sqlalchemy.sql.selectable import ForUpdateArg
from sqlalchemy.sql.visitors import iterate

from tenancy.schema.scope import ParentRow, Scope, TenantColumn, UserColumn, parts
from tenancy.session.predicate import scope_of

#: What a simple statement is made of, by the names that SQLAlchemy's visitors have for it.
_PARTS = frozenset(
    {"select", "insert", "update", "delete", "table", "column", "bindparam"}
    | {"binary", "unary", "grouping", "clauselist", "expression_clauselist", "label", "null", "true", "false"}
    | {"on_conflict_do_nothing", "on_conflict_do_update"}
)
#: These have no plan.
_SAVEPOINTS = frozenset({"savepoint", "rollback_to_savepoint", "release_savepoint"})
_SELECT = re.compile(r"\bSELECT\b")
# SQLAlchemy keeps what it compiled, and hands out the same one for the next statement of its kind.
_verdicts: WeakKeyDictionary[Compiled, bool] = WeakKeyDictionary()


def is_simple(compiled: Compiled) -> bool:
    """Whether a statement is simple, as SQLAlchemy has compiled it. It is judged once."""
    verdict = _verdicts.get(compiled)
    if verdict is None:
        verdict = _verdicts[compiled] = _judge(compiled)
    return verdict


def _judge(compiled: Any) -> bool:
    # An ORM statement is compiled from one that carries the session's predicate, too.
    statement = getattr(compiled.compile_state, "statement", compiled.statement)
    elements = [] if statement is None else list(iterate(statement))
    if elements and elements[0].__visit_name__ in _SAVEPOINTS:
        return True
    tables = {element for element in elements if isinstance(element, Table)}
    if len(tables) != 1 or not all(map(_is_plain, elements)):
        return False
    # Also what columns bring along, which are no elements of the statement: a default that is a query.
    if len(_SELECT.findall(compiled.string)) != isinstance(statement, Select):
        return False
    (table,) = tables
    scopes = list(parts(scope_of(table) or Scope()))
    if any(isinstance(scope, ParentRow) for scope in scopes):
        return False
    if isinstance(statement, Select | Update | Delete):
        said = _compared(statement.whereclause)
        # Of another column there may be an index, which PostgreSQL could take for as good as the key.
        ids = {scope.column for scope in scopes if isinstance(scope, TenantColumn | UserColumn)}
        return said is not None and any(key <= said <= key | ids for key in _keys(table))
    return isinstance(statement, Insert)


def _is_plain(element: Any) -> bool:
    return element.__visit_name__ in _PARTS or isinstance(element, now | ForUpdateArg)


def _compared(condition: ColumnElement[bool] | None) -> set[str] | None:
    """The columns that must equal a parameter; None where a condition asks for more than that, or for IS NULL."""
    match condition:
        case BooleanClauseList(operator=operators.and_):
            found = [_compared(one) for one in condition.clauses]
            return None if None in found else set().union(*found)  # type: ignore[arg-type]
        case BinaryExpression(operator=operators.eq, left=Column() as column, right=BindParameter()):
            return {column.name}
        case BinaryExpression(operator=operators.is_, left=Column(), right=Null()):
            return set()
    return None


def _keys(table: Table) -> Iterator[set[str]]:
    """The columns of each key by which there is at most one row."""
    for constraint in table.constraints:
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint) and constraint.columns:
            yield {column.name for column in constraint.columns}
