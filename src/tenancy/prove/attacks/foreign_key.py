from sqlalchemy import ForeignKeyConstraint, Table, insert, update

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped, owning_columns
from tenancy.prove.closure import keys_of, parent_of
from tenancy.prove.expectation import refused
from tenancy.prove.ground import Attempt
from tenancy.prove.rows import Row
from tenancy.prove.target import DENIED
from tenancy.schema.access import Command
from tenancy.schema.classification import classification_of
from tenancy.schema.scope import alternatives

_NO_SUCH_PARENT = "23503"


def keys_to_tenants(table: Table) -> list[ForeignKeyConstraint]:
    """The keys between tables that belong to tenants, and those that say whose the row is."""
    if not is_scoped(table):
        return []
    return [key for key in keys_of(table) if is_scoped(parent_of(key)) and (_between_tenants(key) or _owning(key))]


def _between_tenants(key: ForeignKeyConstraint) -> bool:
    both = (key.table, parent_of(key))
    return all(classification_of(table).tenant_column is not None for table in both)


def _owning(key: ForeignKeyConstraint) -> bool:
    # Where one of several ways to belong suffices, the columns of the others may hold what they like.
    only_way = len(alternatives(classification_of(key.table).scope)) == 1
    return only_way and set(key.column_keys) <= set(owning_columns(key.table))


def _referring_to(key: ForeignKeyConstraint, parent: Row) -> Row:
    """The reference to a row, without what says whose the referring row is, unless there is nothing else."""
    pairs = {column.key: parent[element.column.key] for column, element in zip(key.columns, key.elements, strict=True)}
    owning = owning_columns(key.table)
    return {column: value for column, value in pairs.items() if column not in owning} or pairs


async def attempt(on: Attempt) -> None:
    target = on.target
    expected = refused(_NO_SUCH_PARENT, DENIED)
    for key in keys_to_tenants(target.declared):
        parent = on.ground.targets[parent_of(key)]
        reference = _referring_to(key, parent.others[0])
        async with on.attacker() as attacker:
            # A deferred key would answer only at the end, which never comes.
            await attacker.perform("SET CONSTRAINTS ALL IMMEDIATE")
            row = {**target.insertable(target.own_spare), **reference}
            await attacker.expect(insert(target.table).values(row), expected)
            changed = update(target.table).where(target.is_row(target.own[0])).values(reference)
            await attacker.expect(changed, target.unless_denied(expected, Command.UPDATE))


ATTACK = Attack(
    tries="Lets a row of the attacker's own refer to the victim's parent, by INSERT and by UPDATE.",
    why="Foreign keys are checked with row-level security off (PostgreSQL documentation, 5.9 Row Security Policies): a "
    "key without the tenant accepts any tenant's parent, tells that it exists, and blocks or cascades its deletion.",
    applies_to=lambda table: bool(keys_to_tenants(table)),
    attempt=attempt,
)
