"""The order of structural operations.

Alembic lists new tables first, then removed ones in no order, then changes of others. A new table's tenant foreign key
may need a UNIQUE (organization_id, id) that an existing parent is only about to get, and a key added to one table may
need one that is added to another later; so keys come last, and where they are dropped, first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from alembic.operations.ops import (
    CreateForeignKeyOp,
    CreateTableOp,
    DropConstraintOp,
    DropTableOp,
    MigrateOperation,
    ModifyTableOps,
)

_OF_TABLE = CreateTableOp | DropTableOp | ModifyTableOps


def in_order(
    operations: Sequence[MigrateOperation],
) -> tuple[list[ModifyTableOps], list[MigrateOperation], list[ModifyTableOps]]:
    """The operations such that each finds what it needs, also when reversed for the downgrade.

    Returns:
        foreign keys that are dropped from tables that stay; everything else; those that are added to such.
    """
    created = {_key(one) for one in operations if isinstance(one, CreateTableOp)}
    dropped = {_key(one): one for one in operations if isinstance(one, DropTableOp)}
    tables = [one for one in operations if isinstance(one, _OF_TABLE)]
    position = {key: number for number, key in enumerate(_children_first(dropped))}
    passing = {*created, *dropped}
    kept = [one for one in tables if isinstance(one, ModifyTableOps) and _key(one) not in passing]
    rest: list[MigrateOperation] = [
        *sorted((one for one in tables if _key(one) in dropped), key=lambda one: position[_key(one)]),
        *(one for one in operations if not isinstance(one, _OF_TABLE)),
        *_only(kept, lambda one: not _drops_key(one) and not isinstance(one, CreateForeignKeyOp)),
        *(one for one in tables if _key(one) in created),
    ]
    return _only(kept, _drops_key), rest, _only(kept, lambda one: isinstance(one, CreateForeignKeyOp))


def referred_table(operation: MigrateOperation) -> tuple[str | None, str]:
    """The schema, None for the default one, and the name of the table that a created or dropped key refers to."""
    if isinstance(operation, DropConstraintOp):
        operation = operation.reverse()
    assert isinstance(operation, CreateForeignKeyOp)  # noqa: S101 - in_order() put only such there
    return operation.kw.get("referent_schema"), operation.referent_table


def _key(operation: CreateTableOp | DropTableOp | ModifyTableOps) -> str:
    return f"{operation.schema}.{operation.table_name}" if operation.schema else operation.table_name


def _drops_key(operation: MigrateOperation) -> bool:
    return isinstance(operation, DropConstraintOp) and operation.constraint_type == "foreignkey"


def _only(tables: Iterable[ModifyTableOps], chosen: Callable[[MigrateOperation], bool]) -> list[ModifyTableOps]:
    parts = (
        ModifyTableOps(one.table_name, [inner for inner in one.ops if chosen(inner)], schema=one.schema)
        for one in tables
    )
    return [part for part in parts if part.ops]


def _children_first(dropped: Mapping[str, DropTableOp]) -> list[str]:
    sorter: TopologicalSorter[str] = TopologicalSorter({key: set() for key in sorted(dropped)})
    for key, operation in dropped.items():
        for foreign_key in operation.to_table().foreign_key_constraints:
            parent = foreign_key.elements[0].target_fullname.rpartition(".")[0]
            if parent in dropped and parent != key:
                sorter.add(parent, key)
    try:
        return list(sorter.static_order())
    except CycleError:
        return sorted(dropped)
