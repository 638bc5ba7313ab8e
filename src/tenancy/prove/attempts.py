"""What several attacks try once they have changed a table's policies: every command, each without a condition."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, insert, select, update

from tenancy.prove.belonging import granted
from tenancy.prove.expectation import NO_ROWS, affects, refused
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED, Target
from tenancy.prove.transaction import Transaction
from tenancy.schema.access import Command


async def reach_nothing(on: Attempt, owner: Transaction) -> None:
    """Tries every command, as the owner, whom FORCE holds, and then as the application."""
    # What the access does not allow is refused to the application by privilege, which the owner has.
    await _reach_nothing(owner, on.target, tuple(Command))
    await on.become_application(owner)
    await _reach_nothing(owner, on.target, granted(on.target.declared))


async def _reach_nothing(transaction: Transaction, target: Target, commands: Collection[Command]) -> None:
    """As a tenant without rows: reads nothing, writes nothing, and plants nothing in the victim's data."""
    await transaction.become(target.parties.stranger)
    constant = target.belonging(target.others[0])
    if Command.SELECT in commands:
        await transaction.expect(select(*target.key), NO_ROWS)
    if Command.INSERT in commands:
        planted = insert(target.table).values(target.insertable(target.other_spare))
        await transaction.expect(planted, refused(DENIED))
    if Command.UPDATE in commands:
        # A constant, and no WHERE: PostgreSQL asks the policy of UPDATE alone, for the old row and for the new one.
        await transaction.expect(update(target.table).values(constant), affects(0))
    if Command.DELETE in commands:
        await transaction.expect(delete(target.table), affects(0))
    if target.allows(Command.UPDATE):
        await transaction.become(target.parties.attacker)
        await transaction.expect(update(target.table).values(constant), refused(DENIED))
