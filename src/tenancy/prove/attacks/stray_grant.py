from sqlalchemy import delete, insert, select, update

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_private
from tenancy.prove.expectation import NO_ROWS, affects, refused
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import relation
from tenancy.prove.target import DENIED


async def attempt(on: Attempt) -> None:
    target = on.target
    async with on.owner() as owner:
        await owner.perform(f"GRANT ALL ON {relation(target.table)} TO {on.application_role}")
        await on.become_application(owner)
        await owner.become(target.parties.attacker)
        await owner.expect(select(*target.key), NO_ROWS)
        planted = insert(target.table).values(target.insertable(target.other_spare))
        await owner.expect(planted, refused(DENIED))
        await owner.expect(update(target.table).values(target.settable(target.other_spare)), affects(0))
        await owner.expect(delete(target.table), affects(0))


ATTACK = Attack(
    tries="Grants all on a private table to the application, and then reads and writes.",
    why="GRANT ON ALL TABLES in a migration means the private ones too. Row-level security without a policy denies "
    "everything (PostgreSQL documentation, 5.9 Row Security Policies), so that the grant alone opens nothing.",
    applies_to=is_private,
    attempt=attempt,
)
