from sqlalchemy import select, text

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import NO_ROWS, refused, returns
from tenancy.prove.ground import Attempt
from tenancy.prove.leftovers import TENANT_IN_FORCE, leave_behind
from tenancy.prove.transaction import Transaction

_NO_SUCH_CURSOR = "34000"
_NO_SUCH_STATEMENT = "26000"


async def attempt(on: Attempt) -> None:
    target = on.target
    attacker = target.parties.attacker
    own = returns(target.keys(target.own))
    left = await leave_behind(on)
    async with on.committed.narrow.session(attacker.tenant, user=attacker.user) as session:
        taking = Transaction(await session.connection(), on.evidence)
        await taking.expect(text(TENANT_IN_FORCE), returns([(str(attacker.tenant), False)]))
        await taking.expect(select(*target.key), own)
        await taking.expect(text("SELECT name FROM pg_cursors WHERE is_holdable"), NO_ROWS)
        await taking.expect(text(f"FETCH ALL FROM {left}"), refused(_NO_SUCH_CURSOR))
        await taking.expect(text(f"EXECUTE {left}").columns(*target.key), own | refused(_NO_SUCH_STATEMENT))


ATTACK = Attack(
    tries="Uses the connection on which the victim has committed SET app.tenant_id and SET search_path, and has left a "
    "cursor WITH HOLD and a prepared statement.",
    why="A pool rolls back and no more (SQLAlchemy documentation, Reset On Return): what a session of PostgreSQL keeps "
    "beyond its transactions meets the next tenant.",
    applies_to=is_scoped,
    committed=True,
    attempt=attempt,
)
