"""Tables in an order in which they can be filled: parents before their children."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ForeignKeyConstraint, Table
from sqlalchemy.exc import NoReferenceError

from tenancy.errors import ProofError
from tenancy.prove.belonging import is_shared, owning_columns


@dataclass(frozen=True)
class Order:
    """The tables, and the foreign keys whose columns stay empty because following them leads in a circle."""

    tables: tuple[Table, ...]
    left_empty: frozenset[ForeignKeyConstraint]


def with_parents(tables: Iterable[Table]) -> list[Table]:
    """The tables and all that they refer to, directly or not."""
    found: dict[Table, None] = {}
    waiting = list(tables)
    while waiting:
        table = waiting.pop()
        if table not in found:
            found[table] = None
            waiting += [parent_of(key) for key in table.foreign_key_constraints]
    return list(found)


def is_common(table: Table, identities: Collection[Table]) -> bool:
    """Whether a shared table has nothing in it or above it that is one tenant's or one user's.

    Args:
        table: any table.
        identities: the tables that tenants' and users' ids refer to, see `identity_columns`.
    """
    return all(is_shared(one) and one not in identities for one in with_parents([table]))


def parent_of(key: ForeignKeyConstraint) -> Table:
    """The table that a foreign key refers to.

    Raises:
        ProofError: it is not declared.
    """
    try:
        return key.referred_table
    except NoReferenceError as error:
        raise ProofError(f"{key.table.fullname} ({', '.join(key.column_keys)}) cannot be filled: {error}") from error


def in_order(tables: Iterable[Table]) -> Order:
    """Parents first; a circle is opened at a foreign key that may be empty.

    Raises:
        ProofError: a circle has no such key; it names the columns.
    """
    waiting = sorted(tables, key=lambda table: table.fullname)
    placed: dict[Table, None] = {}
    left_empty: set[ForeignKeyConstraint] = set()
    while waiting:
        open_keys = {
            table: [key for key in keys_of(table) if key not in left_empty and parent_of(key) in waiting]
            for table in waiting
        }
        ready = [table for table, keys in open_keys.items() if all(parent_of(key) is table for key in keys)]
        if ready:
            placed.update(dict.fromkeys(ready))
            waiting = [table for table in waiting if table not in placed]
        else:
            left_empty.add(_opening(open_keys))
    return Order(tuple(placed), frozenset(left_empty))


def keys_of(table: Table) -> list[ForeignKeyConstraint]:
    """A table's foreign keys, always in the same order."""
    return sorted(table.foreign_key_constraints, key=lambda key: tuple(key.column_keys))


def may_be_empty(key: ForeignKeyConstraint) -> bool:
    """Whether the reference may be left out, without touching the columns that say whose the row is."""
    owning = owning_columns(key.table)
    return any(column.nullable and column.key not in owning for column in key.columns)


def _opening(open_keys: dict[Table, list[ForeignKeyConstraint]]) -> ForeignKeyConstraint:
    circle = [key for table, keys in open_keys.items() for key in keys if _leads_back(table, parent_of(key), open_keys)]
    for key in circle:
        if parent_of(key) is not key.table and may_be_empty(key):
            return key
    listed = ", ".join(f"{key.table.fullname}.{column}" for key in circle for column in key.column_keys)
    raise ProofError(
        f"These tables cannot be filled, for each needs a row of the other first: {listed}. "
        f"Let one of the columns be empty."
    )


def _leads_back(table: Table, parent: Table, open_keys: dict[Table, list[ForeignKeyConstraint]]) -> bool:
    seen: set[Table] = set()
    waiting = [parent]
    while waiting:
        current = waiting.pop()
        if current is table:
            return True
        if current not in seen:
            seen.add(current)
            waiting += [parent_of(key) for key in open_keys[current]]
    return False
