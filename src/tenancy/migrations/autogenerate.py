"""Autogenerate sees every drift: what the models ask for against what the catalog says, as operations of a revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import (
    AlterColumnOp,
    CreateTableOp,
    DropColumnOp,
    DropTableOp,
    MigrateOperation,
    ModifyTableOps,
    UpgradeOps,
)
from alembic.util import PriorityDispatchResult
from sqlalchemy import MetaData

from tenancy.migrations import enums
from tenancy.migrations.operations import SecurityOperation, roles_in
from tenancy.migrations.order import in_order, referred_table
from tenancy.schema.classification import CLASSIFICATION
from tenancy.schema.loading import as_list
from tenancy.schema.metadata import has_conventions
from tenancy.security.canonical import canonical
from tenancy.security.catalog import functions_reading, policies_reading, read
from tenancy.security.changes import (
    Change,
    CreateFunction,
    CreateSchema,
    DropFunction,
    DropPolicy,
    ForceRowSecurity,
    ReplaceFunction,
    RevokePrivileges,
)
from tenancy.security.definer import reads_tables
from tenancy.security.derive import derive
from tenancy.security.diff import declared_in, diff, diff_table
from tenancy.security.values import DatabaseSecurity, TableSecurity

Key = tuple[str, str]

_CLOSING = DropFunction | DropPolicy | RevokePrivileges


def compare(context: AutogenContext, upgrade_ops: UpgradeOps, schemas: Any) -> PriorityDispatchResult:
    """Comparator of schemas: adds the security changes around the structural ones.

    What closes comes first, since PostgreSQL refuses to alter a column that a policy reads; then schemas and functions,
    then the tables; what opens comes last.
    """
    connection = context.connection
    if connection is None or context.dialect is None:
        return PriorityDispatchResult.CONTINUE
    default_schema = context.dialect.default_schema_name or "public"
    altered = [op for op in _all(upgrade_ops.ops, AlterColumnOp) if op.modify_type is not None]
    removed = _all(upgrade_ops.ops, DropTableOp)
    declared = _declared(context.metadata)
    want = derive(declared, roles_in(context.opts), default_schema=default_schema)
    dropped = {(op.schema or default_schema, op.table_name) for op in removed}
    have = read(connection, {*want.schemas, *(schema for schema, _ in (*want.tables, *dropped))})
    retyped = policies_reading(
        connection, {(op.schema or default_schema, op.table_name, op.column_name) for op in altered}
    )
    for created in _all(upgrade_ops.ops, CreateTableOp):
        # A revision is plain data; the classification is the model's.
        created.info.pop(CLASSIFICATION, None)
    want = canonical(connection, want, have)
    columns = [
        (op.schema or default_schema, op.table_name, op.column_name)
        for op in (*altered, *_all(upgrade_ops.ops, DropColumnOp))
    ]
    in_the_way = functions_reading(connection, [*columns, *((*key, None) for key in dropped)])
    before, after = _around(want, have, dropped, retyped, in_the_way)
    new_enums, old_enums = enums.compare(connection, declared, default_schema)
    forced = {key for key, table in have.tables.items() if table.forced and key not in dropped}
    keys_dropped, rest, keys_created = in_order(upgrade_ops.ops)
    upgrade_ops.ops[:] = [
        *(SecurityOperation(change) for change in before),
        *new_enums,
        *_relaxed(keys_dropped, forced, default_schema),
        *rest,
        *_relaxed(keys_created, forced, default_schema),
        *old_enums,
        *(SecurityOperation(change) for change in after),
    ]
    return PriorityDispatchResult.CONTINUE


def _around(
    want: DatabaseSecurity,
    have: DatabaseSecurity,
    dropped: set[Key],
    retyped: set[tuple[str, str, str]],
    readers: set[str],
) -> tuple[list[Change], list[Change]]:
    # The body of a declared function is bound to its columns, and would not let them go: it is made anew.
    in_the_way = [one for one in declared_in(have, want.definer) if one.signature in readers]
    before: list[Change] = [DropFunction(function) for function in in_the_way]
    functions = {key: one for key, one in have.functions.items() if one not in in_the_way}
    for key in sorted(dropped & have.tables.keys()):
        # The table takes its policies and grants with it; said here, so that the downgrade brings them back.
        before += diff_table(TableSecurity(*key), have.tables[key])
    tables = dict(have.tables)
    for key in sorted({(schema, name) for schema, name, _ in retyped} & want.tables.keys()):
        # PostgreSQL refuses to alter a column that a policy reads, be it another table's: these are made anew.
        reading = {policy for policy in have.tables[key].policies if (*key, policy.name) in retyped}
        before += [DropPolicy(*key, policy) for policy in sorted(reading, key=lambda policy: policy.name)]
        tables[key] = replace(have.tables[key], policies=have.tables[key].policies - reading)
    changes = diff(want, replace(have, tables=tables, functions=functions))
    closing = [change for change in changes if isinstance(change, _CLOSING)]
    foundation = [change for change in changes if _is_foundation(change)]
    rest = [change for change in changes if not isinstance(change, _CLOSING) and not _is_foundation(change)]
    return [*before, *closing, *foundation], rest


def _is_foundation(change: Change) -> bool:
    """Whether tables may stand on it: a schema, or a function that reads none of them."""
    if isinstance(change, CreateFunction | ReplaceFunction):
        return not reads_tables(change.function)
    return isinstance(change, CreateSchema)


def _relaxed(operations: Sequence[ModifyTableOps], forced: set[Key], default_schema: str) -> Iterator[MigrateOperation]:
    """The operations, with FORCE off meanwhile on both sides of the keys that they create, or drop and recreate.

    PostgreSQL checks the rows of a new key by a query of the owner's: under FORCE that sees no row, or raises. Nobody
    else sees the table without FORCE: it is locked until the revision's transaction ends.
    """
    sides = {
        (schema or default_schema, name)
        for table in operations
        for operation in table.ops
        for schema, name in ((table.schema, table.table_name), referred_table(operation))
    }
    changes = [ForceRowSecurity(*key, forced=False) for key in sorted(sides & forced)]
    yield from (SecurityOperation(change) for change in changes)
    yield from operations
    yield from (SecurityOperation(change.reverse()) for change in reversed(changes))


def _all(operations: Iterable[MigrateOperation], kind: Any) -> list[Any]:
    found: list[Any] = []
    for operation in operations:
        if isinstance(operation, ModifyTableOps):
            found += _all(operation.ops, kind)
        elif isinstance(operation, kind):
            found.append(operation)
    return found


def _declared(metadata: MetaData | Sequence[MetaData] | None) -> list[MetaData]:
    """The target metadata but the installed one, which `derive` brings itself."""
    return [one for one in as_list(metadata or ()) if has_conventions(one)]
