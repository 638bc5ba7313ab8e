from sqlalchemy import TextualSelect, text

from tenancy.prove.attack import Attack
from tenancy.prove.attempts import reading, written
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import affects, among
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import column_names, parameters, quoted, relation
from tenancy.prove.target import Target
from tenancy.schema.access import Command


def _cursor(target: Target) -> str:
    """Named after the table: drivers keep what they know of a statement by its text, and columns differ."""
    return quoted(target.name)


def _declare(target: Target, kind: str = "SCROLL CURSOR", lock: str = "") -> str:
    query = f"SELECT {{key}} FROM {{table}} AS mine{lock}"  # noqa: S608 - quoted names
    return written(target, f"DECLARE {_cursor(target)} {kind} FOR {query}")


def _fetch(target: Target, rows: str) -> TextualSelect:
    return reading(target, f"FETCH {rows} FROM {_cursor(target)}")


async def attempt(on: Attempt) -> None:
    target = on.target
    own = target.keys(target.own)
    async with on.attacker() as attacker:
        await attacker.perform(_declare(target))
        await attacker.expect(_fetch(target, "ALL"), target.exactly_own)
        await attacker.expect(_fetch(target, "BACKWARD ALL"), target.exactly_own)
        await attacker.expect(_fetch(target, "1"), among(own))
        await attacker.become(target.parties.stranger)
        # Whether the rest of what was opened still comes is the plan's to decide, but nobody else's does.
        await attacker.expect(_fetch(target, "ALL"), among(own))
    async with on.application(target.parties.victim) as attacker:
        await attacker.perform(_declare(target))
        await attacker.become(target.parties.attacker)
        # Opened for the victim, and read by the attacker.
        await attacker.expect(_fetch(target, "ALL"), target.exactly_own)
    if target.allows(Command.UPDATE):
        await _write_to_the_current_row(on)


async def _write_to_the_current_row(on: Attempt) -> None:
    target = on.target
    values = target.settable(target.others[0])
    changes = ", ".join(f"{name} = :value_{number}" for number, name in enumerate(column_names(target.table, values)))
    current = f"WHERE CURRENT OF {_cursor(target)}"
    update = text(f"UPDATE {relation(target.table)} SET {changes} {current}")  # noqa: S608 - quoted names
    delete = text(f"DELETE FROM {relation(target.table)} {current}")  # noqa: S608 - quoted names
    async with on.application(target.parties.victim) as attacker:
        # Locked, for only then a row of any plan can be current.
        await attacker.perform(_declare(target, "CURSOR", " FOR UPDATE"))
        await attacker.expect(_fetch(target, "1"), among(target.keys(target.others)))
        await attacker.become(target.parties.attacker)
        await attacker.expect(update.bindparams(*parameters(target.table, values)), affects(0))
        await attacker.expect(delete, target.unless_denied(affects(0), Command.DELETE))
        await attacker.become(target.parties.victim)
        await attacker.expect(update.bindparams(*parameters(target.table, values)), affects(1))


ATTACK = Attack(
    tries="Reads by scrolling cursors, and reads and writes through one that was opened for another tenant.",
    why="A cursor is opened once and read as long as the transaction lasts (PostgreSQL documentation, DECLARE), so "
    "that the tenant can change under it; WHERE CURRENT OF names a row without any condition.",
    applies_to=is_scoped,
    attempt=attempt,
)
