from sqlalchemy import select

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import UNSET
from tenancy.prove.ground import Attempt
from tenancy.prove.transaction import Transaction


async def attempt(on: Attempt) -> None:
    everything = select(on.target.table)
    async with on.committed.plain() as connection:
        plain = Transaction(connection, on.evidence)
        await plain.expect(everything, UNSET)
        await plain.perform("RESET ALL")
        await plain.expect(everything, UNSET)


ATTACK = Attack(
    tries="Reads on a connection that the library has not made, as the application logs in, and again after RESET ALL.",
    why="ALTER ROLE or ALTER DATABASE … SET app.tenant_id gives a tenant to whoever names none, and RESET ALL returns "
    "to it (PostgreSQL documentation, ALTER ROLE and RESET). Scripts and pools beside the application come this way.",
    applies_to=is_scoped,
    committed=True,
    attempt=attempt,
)
