from sqlalchemy import text

from tenancy.prove.attack import Attack
from tenancy.prove.expectation import refused
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED

_FUNCTIONS = (
    "pg_stat_get_xact_tuples_returned",
    "pg_stat_get_xact_tuples_fetched",
    "pg_stat_get_tuples_returned",
    "pg_stat_get_tuples_fetched",
)
_VIEWS = (
    "SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_xact_all_tables",
    "SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_all_tables",
    "SELECT idx_tup_read, idx_tup_fetch FROM pg_stat_all_indexes",
)


async def attempt(on: Attempt) -> None:
    async with on.attacker() as attacker:
        for function in _FUNCTIONS:
            # Of a relation of which it is no secret.
            await attacker.expect(text(f"SELECT {function}(CAST('pg_class' AS regclass))"), refused(DENIED))
        for view in _VIEWS:
            await attacker.expect(text(view), refused(DENIED))


ATTACK = Attack(
    tries="Asks how many rows statements have touched, by the functions and by the views that call them.",
    why="The counters (PostgreSQL documentation, 27.2 The Cumulative Statistics System) count a row before the policy "
    "hides it: what they grow by in a transaction is how many rows of others have the value that was searched.",
    applies_to=None,
    attempt=attempt,
)
