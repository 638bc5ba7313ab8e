"""Relationships over tenant foreign keys write the reference, never the tenant.

Left alone, SQLAlchemy synchronizes every column of a composite key: `task.project = None` would empty the tenant, and
two such relationships of one class raise its warning about overlapping columns. Its remedy is a `primaryjoin` in which
only the columns to be written are `foreign()` (SQLAlchemy docs, "Overlapping Foreign Keys"); here every plain
relationship gets one. This file holds the only touch of SQLAlchemy's `Relationship._init_args` and `_setup_entity`,
which have no public counterpart; `tests/schema/test_relationships.py` pins it.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Column, ColumnElement, ForeignKeyConstraint, Table, and_
from sqlalchemy.orm import Mapper, RelationshipProperty, foreign

from tenancy.schema.foreign_key import is_tenant_pair


def join_over_tenant_keys(mapper: Mapper[Any], class_: type[Any]) -> None:
    """Listener: a mapper is about to be configured."""
    for attribute in vars(class_).values():
        relationship = getattr(attribute, "prop", None)
        if not isinstance(relationship, RelationshipProperty):
            continue
        arguments: Any = relationship._init_args  # noqa: SLF001 - see the top of this file
        if arguments.primaryjoin.argument is None and arguments.secondary.argument is None:
            arguments.primaryjoin.argument = partial(_primary_join, relationship)


def _primary_join(relationship: RelationshipProperty[Any]) -> ColumnElement[bool] | None:
    """The join over the one tenant foreign key between both tables; None leaves the choice to SQLAlchemy."""
    # Join conditions are resolved before the target is; asking for it now is harmless, it is done once.
    relationship._setup_entity()  # noqa: SLF001 - see the top of this file
    here, there = relationship.parent.local_table, relationship.mapper.local_table
    candidates = [key for table in {here, there} for key in _tenant_keys(table, here, there)]
    chosen = _foreign_keys_argument(relationship)
    if chosen:
        candidates = [key for key in candidates if {element.parent for element in key.elements} & chosen]
    if len(candidates) != 1:
        return None
    return and_(
        *(
            child == parent if is_tenant_pair(child, parent) else foreign(child) == parent
            for child, parent in ((element.parent, element.column) for element in candidates[0].elements)
            if not (is_tenant_pair(child, parent) and _found_without_tenant(candidates[0]))
        )
    )


def _found_without_tenant(key: ForeignKeyConstraint) -> bool:
    """Whether the rest of the key is the parent's whole primary key: then a lazy load can look in the identity map."""
    rest = {element.column.name for element in key.elements if not is_tenant_pair(element.parent, element.column)}
    return rest == set(key.referred_table.primary_key.columns.keys())


def _tenant_keys(table: Any, here: Any, there: Any) -> list[ForeignKeyConstraint]:
    if not isinstance(table, Table):
        return []
    other = there if table is here else here
    return [
        key
        for key in table.foreign_key_constraints
        if key.referred_table is other
        and len(key.elements) > 1
        and any(is_tenant_pair(element.parent, element.column) for element in key.elements)
    ]


def _foreign_keys_argument(relationship: RelationshipProperty[Any]) -> set[Column[Any]]:
    argument: Any = relationship._init_args.foreign_keys  # noqa: SLF001 - see the top of this file
    resolvers = relationship._clsregistry_resolvers  # noqa: SLF001 - as above
    argument._resolve_against_registry(resolvers[1])  # noqa: SLF001 - as above
    given = argument.resolved or ()
    columns: Any = given if isinstance(given, list | tuple | set) else [given]
    return {column.__clause_element__() if hasattr(column, "__clause_element__") else column for column in columns}
