"""What several attacks try once they have changed a table's policies: every command, each without a condition."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from tenancy.prove.expectation import NO_ROWS, affects, refused
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED, Target
from tenancy.prove.transaction import Transaction
from tenancy.schema.access import Command


async def reach_nothing(on: Attempt, owner: Transaction) -> None:
    """Tries every command, as the owner, whom FORCE holds, and then as the application."""
    await _reach_nothing(owner, on.target)
    await on.become_application(owner)
    await _reach_nothing(owner, on.target)


async def _reach_nothing(transaction: Transaction, target: Target) -> None:
    """As a tenant without rows: reads nothing, writes nothing, and plants nothing in the victim's data."""
    await transaction.become(target.parties.stranger)
    constant = target.belonging(target.others[0])
    # The statements of commands that the access does not allow are refused by privilege, which the owner has.
    if target.allows(Command.SELECT):
        await transaction.expect(select(*target.key), NO_ROWS)
    if target.allows(Command.INSERT):
        planted = insert(target.table).values(target.insertable(target.other_spare))
        await transaction.expect(planted, refused(DENIED))
    if target.allows(Command.UPDATE):
        # A constant, and no WHERE: PostgreSQL asks the policy of UPDATE alone, for the old row and for the new one.
        await transaction.expect(update(target.table).values(constant), affects(0))
    if target.allows(Command.DELETE):
        await transaction.expect(delete(target.table), affects(0))
    if target.allows(Command.UPDATE):
        await transaction.become(target.parties.attacker)
        await transaction.expect(update(target.table).values(constant), refused(DENIED))
