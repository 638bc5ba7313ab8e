from sqlalchemy import delete, insert, update

from tenancy.prove.attack import Attack, every
from tenancy.prove.expectation import NO_ROWS, refused
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    unchanged = {key: target.table.columns[key] for key in target.settable(target.other_spare)}
    async with on.stranger() as stranger:
        await stranger.expect(
            insert(target.table).values(target.insertable(target.other_spare)).returning(*target.key), refused(DENIED)
        )
        await stranger.expect(
            update(target.table).values(unchanged).returning(*target.key),
            target.unless_denied(NO_ROWS, Command.SELECT, Command.UPDATE),
        )
        await stranger.expect(
            delete(target.table).returning(*target.key),
            target.unless_denied(NO_ROWS, Command.SELECT, Command.DELETE),
        )


ATTACK = Attack(
    tries="Writes everything there is, as a tenant without rows, and asks RETURNING for what was written.",
    why="RETURNING reads through a write; it must show only what the SELECT policy shows (PostgreSQL documentation, "
    "CREATE POLICY, Policies Applied by Command Type).",
    applies_to=every,
    attempt=attempt,
)
