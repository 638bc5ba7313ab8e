from sqlalchemy import select

from tenancy.errors import ProofError
from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import returns
from tenancy.prove.ground import Attempt
from tenancy.prove.transaction import Transaction

_BACKEND = "SELECT pg_backend_pid()"


async def attempt(on: Attempt) -> None:
    target = on.target
    backends = set()
    for who, rows in ((target.parties.victim, target.others), (target.parties.attacker, target.own)):
        async with on.committed.narrow.session(who.tenant, user=who.user) as session:
            transaction = Transaction(await session.connection(), on.evidence)
            backends.add(await transaction.scalar(_BACKEND))
            await transaction.expect(select(*target.key), returns(target.keys(rows)))
    if len(backends) != 1:
        raise ProofError("The pool handed out two connections where it has one: reuse of a connection was not tried.")


ATTACK = Attack(
    tries="Takes from the pool the very connection that the victim has just used.",
    why="A pool rolls back and no more: settings of the session, temporary tables and cursors would stay (SQLAlchemy "
    "documentation, Reset On Return).",
    applies_to=is_scoped,
    committed=True,
    attempt=attempt,
)
