from sqlalchemy import text

from tenancy.prove.attack import Attack, every
from tenancy.prove.belonging import is_shared
from tenancy.prove.expectation import NO_ROWS, affects
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import column_names, parameters, relation
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    table = target.table
    name = relation(table)
    row = target.others[0] if target.others else target.other_spare
    constant = target.settable(row)
    async with on.stranger() as stranger:
        if not is_shared(target.declared):
            everything = text(f"SELECT 1 FROM {name} WHERE 1 = 1 OR true")  # noqa: S608 - quoted names
            await stranger.expect(everything, target.unless_denied(NO_ROWS, Command.SELECT))
        for values in (constant, target.stolen(constant)):
            # Neither reads a column, so PostgreSQL asks the policy of UPDATE or DELETE alone, not that of SELECT.
            assignments = ", ".join(
                f"{column} = :value_{number}" for number, column in enumerate(column_names(table, values))
            )
            blind = text(f"UPDATE {name} SET {assignments}")  # noqa: S608 - quoted names
            await stranger.expect(
                blind.bindparams(*parameters(table, values)), target.unless_denied(affects(0), Command.UPDATE)
            )
        blind = text(f"DELETE FROM {name}")  # noqa: S608 - quoted names
        await stranger.expect(blind, target.unless_denied(affects(0), Command.DELETE))


ATTACK = Attack(
    tries="Runs SQL text without any condition, as a tenant without rows: SELECT, UPDATE and DELETE of everything.",
    why="Filters of the application stop at its own queries. And a statement that reads no column does not consult the "
    "SELECT policy (PostgreSQL documentation, CREATE POLICY): USING (true) on UPDATE or DELETE shows only here.",
    applies_to=every,
    attempt=attempt,
)
