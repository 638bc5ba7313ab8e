from sqlalchemy import Column, Table, insert, update

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import granted, is_scoped, owning_columns
from tenancy.prove.closure import keys_of
from tenancy.prove.expectation import affects
from tenancy.prove.ground import Attempt
from tenancy.prove.rows import unique_keys
from tenancy.prove.target import Target
from tenancy.schema.access import Command


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
    return [one for one in table.columns if one.computed is None and one.key not in own | distinct | references]


async def attempt(on: Attempt) -> None:
    target = on.target
    copied = {one.key: target.others[0][one.key] for one in _copied(target.declared) if one.key in target.others[0]}
    async with on.attacker() as attacker:
        if target.allows(Command.UPDATE):
            changed = update(target.table).where(target.is_row(target.own[0])).values(copied)
            await attacker.expect(changed, affects(1))
        else:
            row = {**target.insertable(target.own_spare), **copied}
            await attacker.expect(insert(target.table).values(row), affects(1))


ATTACK = Attack(
    tries="Gives a row of the attacker's own all values of the victim's row, save the ids: nothing may collide.",
    why="Unique and exclusion constraints know no policy: 23505 tells that another tenant has the value, and takes it "
    "from everyone else (PostgreSQL documentation, 5.9 Row Security Policies, on covert channels).",
    applies_to=is_tried_on,
    attempt=attempt,
)
