from sqlalchemy import ForeignKeyConstraint, Table, delete, select, update

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import granted, is_scoped, owning_columns
from tenancy.prove.closure import in_order, keys_of, parent_of
from tenancy.prove.expectation import TAKEN, affects, refused, returns
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED
from tenancy.schema.access import Command

#: The key carries the tenant, or a check or another key stands against the reference: then nothing can cascade.
_NOT_REFERRED = ("23503", "23505", "23514", DENIED)
#: Somebody still refers to it.
_STILL_REFERRED = ("23001", "23503", DENIED)


def keys_across_tenants(table: Table) -> list[ForeignKeyConstraint]:
    """The keys by which a tenant's row may refer to what the application may delete for somebody else."""
    if not is_scoped(table) or not {Command.SELECT, Command.UPDATE} <= set(granted(table)):
        return []
    owning = owning_columns(table)
    return [
        key
        for key in keys_of(table)
        if parent_of(key) is not table
        and is_scoped(parent_of(key))
        and Command.DELETE in granted(parent_of(key))
        and not set(key.column_keys) & set(owning)
    ]


def _referring_to(parent: Table) -> list[Table]:
    """The tables that refer to it, also by way of others, children before their parents."""
    found = {parent}
    tables = in_order(parent.metadata.tables.values()).tables
    for table in tables:
        if any(parent_of(key) in found for key in keys_of(table)):
            found.add(table)
    return [table for table in reversed(tables) if table in found and table is not parent]


async def attempt(on: Attempt) -> None:
    target, parties = on.target, on.parties
    theirs = target.others[0]
    for key in keys_across_tenants(target.declared):
        parent = on.ground.targets[parent_of(key)]
        own = parent.own[0]
        reference = {
            child.key: own[element.column.key] for child, element in zip(key.columns, key.elements, strict=True)
        }
        columns = [*target.key, *(target.table.columns[column] for column in reference)]
        expected = returns([(*target.keys([theirs])[0], *reference.values())])
        async with on.attacker() as attacker:
            await attacker.become(parties.victim)
            refers = update(target.table).where(target.is_row(theirs)).values(reference)
            referring = await attacker.expect(refers, affects(1) | refused(*_NOT_REFERRED))
            if referring.sqlstate is not None:
                continue
            await attacker.become(parties.attacker)
            # What else of the attacker's own refers to it stands in the way.
            for other in _referring_to(parent.declared):
                if other in on.ground.targets and Command.DELETE in granted(other):
                    own_rows = delete(on.ground.targets[other].table)
                    await attacker.expect(own_rows, TAKEN | refused(*_STILL_REFERRED))
            gone = delete(parent.table).where(parent.is_row(own))
            await attacker.expect(gone, affects(1) | refused(*_STILL_REFERRED))
            await attacker.become(parties.victim)
            await attacker.expect(select(*columns).where(target.is_row(theirs)), expected)


ATTACK = Attack(
    tries="Lets the victim's row refer to a row of the attacker's, who then deletes it.",
    why="Referential actions run with row-level security off (PostgreSQL documentation, 5.9 Row Security Policies): ON "
    "DELETE CASCADE deletes, and SET NULL changes, rows of whichever tenant refers to the deleted one.",
    applies_to=lambda table: bool(keys_across_tenants(table)),
    attempt=attempt,
)
