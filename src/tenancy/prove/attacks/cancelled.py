import asyncio

from sqlalchemy import func, select

from tenancy.errors import ProofError
from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import returns
from tenancy.prove.ground import Attempt
from tenancy.prove.transaction import Transaction


async def attempt(on: Attempt) -> None:
    target = on.target
    attacker, victim, _ = target.parties
    # Not for long: a server that has not begun when it is told to cancel goes on, and holds its locks.
    slow = select(*target.key, func.pg_sleep(0.5))
    begun = asyncio.Event()

    async def read_slowly() -> None:
        async with on.committed.narrow.session(victim.tenant, user=victim.user) as session:
            await session.execute(select(1))
            begun.set()
            await session.execute(slow)

    reading = asyncio.create_task(read_slowly())
    waiting = asyncio.create_task(begun.wait())
    await asyncio.wait([reading, waiting], return_when=asyncio.FIRST_COMPLETED)
    await asyncio.sleep(0.002)
    if reading.done() or not reading.cancel():
        raise ProofError("The victim's slow statement was over before it was cancelled: nothing was tried.")
    await asyncio.wait([reading])
    for _ in range(2):
        async with on.committed.narrow.session(attacker.tenant, user=attacker.user) as session:
            taking = Transaction(await session.connection(), on.evidence)
            await taking.expect(select(*target.key), returns(target.keys(target.own)))


ATTACK = Attack(
    tries="Takes from a pool of one the connection on which the victim was cancelled in a slow read, twice.",
    why="A client that hangs up cancels its request at any await. A connection that comes back half used has answered "
    "a Redis client with another user's data (the ChatGPT outage of 20 March 2023).",
    applies_to=is_scoped,
    committed=True,
    attempt=attempt,
)
