"""A table under attack, with the rows of both parties."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    Column,
    ColumnClause,
    ColumnElement,
    FromClause,
    Table,
    TableClause,
    and_,
    column,
    table,
)
from sqlalchemy.orm import configure_mappers, registry

from tenancy.prove.belonging import granted, owning_columns, ways_to_belong
from tenancy.prove.expectation import Expectation, refused, returns
from tenancy.prove.parties import Parties
from tenancy.prove.rows import Row
from tenancy.schema.access import Command
from tenancy.schema.identity import implementation_of

#: What PostgreSQL says of a missing privilege, and of a row that a policy does not let in.
DENIED = "42501"
#: Characters from which on a sample value is as good as random.
_UNMISTAKABLE = 16


@dataclass(frozen=True)
class Target:
    """The table, what stands in it, and what could be added to it."""

    declared: Table
    parties: Parties
    #: The attacker's rows, which are in the table.
    own: tuple[Row, ...]
    #: The victim's rows, which are in the table.
    others: tuple[Row, ...]
    #: Rows of a shared table, which are in it and nobody's.
    common: tuple[Row, ...]
    #: Rows that are not in the table, one for each party.
    own_spare: Row
    other_spare: Row

    @property
    def name(self) -> str:
        return self.declared.fullname

    @cached_property
    def table(self) -> TableClause:
        """The table as SQL knows it, by its names and types alone.

        A declared `Table` brings defaults and `onupdate` with it, and sessions add their tenant to statements on it.
        Attacks must meet the database's wall and nothing in front of it.
        """
        return self.relation(self.declared.schema, self.declared.name)

    def relation(self, schema: str | None, name: str, columns: Collection[str] | None = None) -> TableClause:
        """Another relation with the table's columns, such as a view of it.

        Args:
            schema: the relation's.
            name: the relation's.
            columns: the names of its columns; those that the table does not have are left out. By default all.
        """
        shared: list[ColumnClause[Any]] = []
        for declared in self.declared.columns:
            if columns is None or declared.name in columns:
                shared.append(column(declared.name, declared.type))
                shared[-1].key = declared.key
        return table(name, *shared, schema=schema)

    @cached_property
    def mapped(self) -> type[Any]:
        """A class mapped to the declared table, for the proof alone: users' classes are neither needed nor disturbed.

        It has an attribute for each column, under the column's key, and no relationship.
        """
        # Users' classes first: SQLAlchemy watches a Mutable column for the first class that is configured with it only.
        configure_mappers()
        mapped = type(self.declared.name, (), {})
        registry().map_imperatively(
            # Of a DELETE that met no row SQLAlchemy would warn; attacks look what it met.
            mapped,
            self.declared,
            primary_key=key_of(self.declared),
            confirm_deleted_rows=False,
        )
        return mapped

    @property
    def key(self) -> list[ColumnClause[Any]]:
        return [self.table.columns[one.key] for one in key_of(self.declared)]

    def keys(self, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        return [tuple(row[one.key] for one in key_of(self.declared)) for row in rows]

    def is_row(self, row: Row, relation: FromClause | None = None) -> ColumnElement[bool]:
        """The condition that a row is this one, in the table or in an alias of it."""
        return is_row(self.table if relation is None else relation, key_of(self.declared), row)

    def belonging(self, row: Row) -> Row:
        """The columns of a row that say whose it is."""
        return {key: row[key] for key in owning_columns(self.declared) if row.get(key) is not None}

    def settable(self, row: Row) -> Row:
        """Columns to write to: those that say whose the row is, or, where nothing does, the first that can be set."""
        return self.belonging(row) or dict(list(self.insertable(row).items())[:1])

    def changeable(self, row: Row) -> Row:
        """One column beside the key, where there is one."""
        key = {one.key for one in key_of(self.declared)}
        return dict([one for one in self.insertable(row).items() if one[0] not in key][:1])

    def stolen(self, row: Row) -> Row:
        """The same columns as the stranger would fill them; a reference to a parent stays, the stranger has none."""
        (way, *_) = ways_to_belong(self.declared, self.parties.stranger)
        return {**row, **{key: way[key] for key in row if way.get(key) is not None}}

    def insertable(self, row: Row) -> Row:
        """A row without what only PostgreSQL may fill."""
        return {key: value for key, value in row.items() if not _always_generated(self.declared.columns[key])}

    @cached_property
    def secrets(self) -> frozenset[str]:
        """Texts and ids of the victim's rows that the attacker does not have, long enough to be known in any text."""
        known = (*self.own, *self.common, self.own_spare, self.other_spare)
        theirs, others = (
            {str(value) for row in rows for value in row.values() if isinstance(value, str | UUID)}
            for rows in (self.others, known)
        )
        return frozenset(text for text in theirs - others if len(text) >= _UNMISTAKABLE)

    def allows(self, *commands: Command) -> bool:
        return all(command in granted(self.declared) for command in commands)

    def unless_denied(self, expectation: Expectation, *commands: Command) -> Expectation:
        """What is expected of a statement that needs these privileges; where one is not granted, a refusal."""
        return expectation if self.allows(*commands) else refused(DENIED)

    @property
    def exactly_own(self) -> Expectation:
        """What the attacker gets who reads the keys of everything: the own rows; a refusal where nobody may read."""
        return self.unless_denied(returns(self.keys(self.own)), Command.SELECT)


def key_of(table: Table) -> list[Column[Any]]:
    """The columns by which a row is known: the primary key, or all that can be compared."""
    columns = list(table.primary_key.columns)
    return columns or [one for one in table.columns if _comparable(one)]


def is_row(relation: FromClause, key: list[Column[Any]], row: Row) -> ColumnElement[bool]:
    """The condition that a row of the table, or of an alias of it, is this one."""
    # `=` where it can be: IS NOT DISTINCT FROM uses no index.
    return and_(
        *(
            relation.columns[one.key] == row[one.key]
            if row[one.key] is not None
            else relation.columns[one.key].is_(None)
            for one in key
        )
    )


def _comparable(one: Column[Any]) -> bool:
    comparable = not isinstance(implementation_of(one.type), JSON | ARRAY)
    return comparable and one.computed is None and one.server_default is None


def _always_generated(one: Column[Any]) -> bool:
    return one.computed is not None or (one.identity is not None and bool(one.identity.always))
