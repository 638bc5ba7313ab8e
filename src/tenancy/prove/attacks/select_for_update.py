from sqlalchemy import select

from tenancy.prove.attack import Attack, every
from tenancy.prove.belonging import is_shared
from tenancy.prove.expectation import NO_ROWS, refused
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    expected = target.unless_denied(NO_ROWS, Command.SELECT, Command.UPDATE)
    if is_shared(target.declared):
        expected = refused(DENIED)
    async with on.stranger() as stranger:
        everything = select(*target.key)
        for locked in (
            everything.with_for_update(),
            everything.with_for_update(skip_locked=True),
            everything.with_for_update(read=True, key_share=True),
        ):
            await stranger.expect(locked, expected)


ATTACK = Attack(
    tries="Locks every row there is with SELECT FOR UPDATE, SKIP LOCKED and FOR KEY SHARE, as a tenant without rows.",
    why="A row lock on another tenant's row stops their work. Locking needs the UPDATE privilege and must pass the "
    "policies of SELECT and UPDATE (PostgreSQL documentation, CREATE POLICY).",
    applies_to=every,
    attempt=attempt,
)
