from sqlalchemy import text

from tenancy.prove.attack import Attack
from tenancy.prove.attempts import written
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import refused
from tenancy.prove.ground import Attempt
from tenancy.prove.transaction import Transaction

_NO_SUCH_CURSOR = "34000"


async def attempt(on: Attempt) -> None:
    victim, attacker = on.target.parties.victim, on.target.parties.attacker
    held = written(on.target, "DECLARE tenancy_proof CURSOR WITH HOLD FOR SELECT {key} FROM {table} AS mine")
    async with on.committed.narrow.session(victim.tenant, user=victim.user) as session:
        await Transaction(await session.connection(), on.evidence).perform(held)
        await session.commit()
    async with on.committed.narrow.session(attacker.tenant, user=attacker.user) as session:
        transaction = Transaction(await session.connection(), on.evidence)
        # How many rows it holds is told by moving as by reading.
        await transaction.expect(text("MOVE FORWARD ALL FROM tenancy_proof"), refused(_NO_SUCH_CURSOR))


ATTACK = Attack(
    tries="Takes from the pool the connection on which the victim left a cursor WITH HOLD, and moves through it.",
    why="Such a cursor keeps its rows after the transaction (PostgreSQL documentation, DECLARE), and a pool that only "
    "rolls back hands them to the next tenant (SQLAlchemy documentation, Reset On Return).",
    applies_to=is_scoped,
    committed=True,
    attempt=attempt,
)
