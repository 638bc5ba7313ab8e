"""What several attacks try: every command without a condition, many ways of reading at once, several tasks at once."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine, Mapping
from typing import Any

from sqlalchemy import TextualSelect, delete, insert, literal, select, text, union_all, update

from tenancy.prove.belonging import granted
from tenancy.prove.expectation import NO_ROWS, affects, refused, returns
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import quoted, relation
from tenancy.prove.target import DENIED, Target
from tenancy.prove.transaction import Transaction
from tenancy.schema.access import Command


async def reach_nothing(on: Attempt, owner: Transaction) -> None:
    """Tries every command, as the owner, whom FORCE holds, and then as the application."""
    # What the access does not allow is refused to the application by privilege, which the owner has.
    await _reach_nothing(owner, on.target, tuple(Command))
    await on.become_application(owner)
    await _reach_nothing(owner, on.target, granted(on.target.declared))


async def at_once(*tries: Coroutine[Any, Any, None]) -> None:
    """Tries several things at once. All of them have ended when the first one's error is raised."""
    for outcome in await asyncio.gather(*tries, return_exceptions=True):
        if outcome is not None:
            raise outcome


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


def written(target: Target, query: str) -> str:
    """SQL about a table, for `text()` and `perform()`.

    Args:
        target: the table.
        query: with `{table}` for its name and `{key}` for its key, of a relation that the query calls mine.
    """
    key = ", ".join(f"mine.{quoted(one.name)}" for one in target.key)
    return query.format(table=relation(target.table), key=key)


def reading(target: Target, query: str) -> TextualSelect:
    """A query, as for `written()`, that returns the keys of rows: for what SQLAlchemy has no construct for."""
    return text(written(target, query)).columns(*target.key)


async def read_in_many_ways(attacker: Transaction, target: Target, ways: Mapping[str, str]) -> None:
    """Reads the table in several ways by one statement; each must return exactly the attacker's own rows.

    Args:
        attacker: who reads.
        target: what is read.
        ways: queries as for `written()`, by what tells them apart in the answer.
    """
    queries = [select(literal(way), *reading(target, query).subquery().columns) for way, query in ways.items()]
    own = returns((way, *key) for way in ways for key in target.keys(target.own))
    await attacker.expect(union_all(*queries), target.unless_denied(own, Command.SELECT))
