from tenancy.prove.attack import Attack, not_shared
from tenancy.prove.attempts import read_in_many_ways, reading
from tenancy.prove.expectation import NO_ROWS, among
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import relation
from tenancy.schema.access import Command

_WAYS = {
    "range of places": "SELECT {key} FROM {table} AS mine WHERE ctid >= '(0,0)' AND ctid < '(4294967295,0)'",
    "whole row": "SELECT {key} FROM {table} AS mine WHERE CAST(mine AS text) <> ''",
    "whole row in a subquery": "SELECT {key} FROM (SELECT (whole).* FROM (SELECT mine AS whole FROM {table} AS mine) "
    "AS nested OFFSET 0) AS mine",
    "system columns": "SELECT {key} FROM {table} AS mine WHERE CAST(xmin AS text) <> '' AND tableoid > 0",
}
_AT = "SELECT {key} FROM {table} AS mine WHERE ctid = ANY (CAST(:places AS tid[]))"


async def attempt(on: Attempt) -> None:
    target = on.target
    places = f"SELECT array_agg(ctid) FROM {relation(target.table)}"  # noqa: S608 - quoted names
    async with on.attacker() as attacker:
        await read_in_many_ways(attacker, target, _WAYS)
        # Inheritance children hold rows as well, so how many of the own come is the table's affair.
        only = reading(target, "SELECT {key} FROM ONLY {table} AS mine")
        await attacker.expect(only, target.unless_denied(among(target.keys(target.own)), Command.SELECT))
        if not target.allows(Command.SELECT):
            return
        await attacker.become(target.parties.victim)
        theirs = await attacker.scalar(places)
        await attacker.become(target.parties.attacker)
        # As if guessed: places are small numbers.
        await attacker.expect(reading(target, _AT).bindparams(places=theirs), NO_ROWS)


ATTACK = Attack(
    tries="Reads by the place of rows on disk, by whole rows, system columns and ONLY.",
    why="The place of a row (PostgreSQL documentation, 5.6 System Columns, ctid) is read by a scan of its own, and "
    "anybody can guess it: it is a number of a block and of a row in it.",
    applies_to=not_shared,
    attempt=attempt,
)
