from collections.abc import Sequence

from sqlalchemy import Column, Table, insert, update

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import granted, is_scoped, owning_columns
from tenancy.prove.closure import keys_of
from tenancy.prove.expectation import affects, refused
from tenancy.prove.ground import Attempt
from tenancy.prove.rows import Row, referred_columns, unique_keys
from tenancy.prove.target import Target
from tenancy.schema.access import Command

#: unique_violation.
_TAKEN = "23505"


def is_tried_on(table: Table) -> bool:
    """Whether there is anything in its rows that two tenants may both have."""
    writes = {Command.INSERT, Command.UPDATE} & set(granted(table))
    return is_scoped(table) and bool(writes) and bool(_copied(table))


def copied_columns(target: Target) -> list[Column[object]]:
    """The columns of which two tenants may hold the same values."""
    return _copied(target.declared)


def _copied(table: Table) -> list[Column[object]]:
    own = set(owning_columns(table))
    # What identifies a row across tenants on purpose, the id above all; and what refers to the tenant's own rows.
    distinct = {column for key in unique_keys(table) if not own & set(key) for column in key}
    references = {column for key in keys_of(table) for column in key.column_keys}
    everywhere = (one for other in table.metadata.tables.values() for one in referred_columns(other))
    referred = {one.key for one in everywhere if one.table is table}
    kept = own | distinct | references | referred
    return [one for one in table.columns if one.computed is None and one.key not in kept]


def _taken(target: Target, row: Row, others: Sequence[Row]) -> set[str]:
    """The columns in which the row collides with one of the attacker's own, which says nothing."""
    keys = unique_keys(target.declared)
    return {column for key in keys for one in others if all(row.get(c) == one.get(c) for c in key) for column in key}


def has_room(target: Target) -> bool:
    """Whether the attacker can have the row: one that stands there already, or one more beside it."""
    return target.allows(Command.UPDATE) or not _taken(target, target.own_spare, target.own)


async def attempt(on: Attempt) -> None:
    target = on.target
    copied = {one.key: target.others[0][one.key] for one in _copied(target.declared) if one.key in target.others[0]}
    async with on.attacker() as attacker:
        if target.allows(Command.UPDATE):
            first, *rest = target.own
            taken = _taken(target, {**first, **copied}, rest)
            values = {key: value for key, value in copied.items() if key not in taken} or target.belonging(first)
            changed = update(target.table).where(target.is_row(first)).values(values)
            await attacker.expect(changed, affects(1))
        else:
            row = {**target.own_spare, **copied}
            # Where the keys allow a tenant no further row, as where a parent has one child, its own stand in the way.
            expected = affects(1) | refused(_TAKEN) if _taken(target, row, target.own) else affects(1)
            await attacker.expect(insert(target.table).values(target.insertable(row)), expected)


ATTACK = Attack(
    tries="Gives a row of the attacker's own all values of the victim's row, save the ids: nothing may collide.",
    why="Unique and exclusion constraints know no policy: 23505 tells that another tenant has the value, and takes it "
    "from everyone else (PostgreSQL documentation, 5.9 Row Security Policies, on covert channels).",
    applies_to=is_tried_on,
    attempt=attempt,
)
