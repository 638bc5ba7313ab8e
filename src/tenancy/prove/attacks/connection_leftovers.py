import secrets

from sqlalchemy import column, literal, select, table, text

from tenancy.prove.attack import Attack
from tenancy.prove.expectation import NO_ROWS, refused
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED
from tenancy.prove.transaction import Transaction

_NOT_YET_DEFINED = "55000"


async def attempt(on: Attempt) -> None:
    attacker, victim, _ = on.parties
    secret = f"tenancy_proof_{secrets.token_hex(8)}"
    async with on.committed.narrow.session(victim.tenant, user=victim.user) as session:
        leaving = Transaction(await session.connection(), on.evidence)
        await leaving.expect(text("SELECT pg_advisory_lock(1)"), refused(DENIED))
        await leaving.expect(text("CREATE TEMPORARY TABLE tenancy_proof (secret text)"), refused(DENIED))
        await leaving.perform(f"LISTEN {secret}")
        await leaving.scalar(f"SELECT '{secret}'")
        await session.commit()
    async with on.committed.narrow.session(attacker.tenant, user=attacker.user) as session:
        taking = Transaction(await session.connection(), on.evidence)
        await taking.expect(text("SELECT lastval()"), refused(_NOT_YET_DEFINED))
        await taking.expect(text("SELECT pg_listening_channels()"), NO_ROWS)
        statements = table("pg_prepared_statements", column("statement"), schema="pg_catalog")
        # The parameter keeps the secret out of this statement's own text.
        told = select(statements).where(statements.columns.statement.contains(literal(secret)))
        await taking.expect(told, NO_ROWS | refused(DENIED))


ATTACK = Attack(
    tries="Looks for what the connection's last user has left of session state that is no table's: advisory locks, "
    "temporary tables, channels listened to, sequences' last values, the texts of statements.",
    why="A pool rolls back and no more (SQLAlchemy documentation, Reset On Return). A channel still listened to "
    "delivers the victim's payloads, and pg_prepared_statements shows the literals of the victim's statements.",
    applies_to=None,
    committed=True,
    attempt=attempt,
)
