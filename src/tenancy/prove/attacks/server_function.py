from sqlalchemy import text

from tenancy.prove.attack import Attack
from tenancy.prove.expectation import refused
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED
from tenancy.prove.transaction import Transaction

#: What all tenants share one of, and what shows or stops the others' work.
_STATEMENTS = (
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_try_advisory_lock_shared(1)",
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT lo_get(1)",
    "SELECT lo_unlink(1)",
    "SELECT count(query) FROM pg_stat_activity",
    "SELECT pg_stat_get_activity(NULL)",
    # No process has the number 0.
    "SELECT pg_terminate_backend(0, 0)",
    "SELECT pg_cancel_backend(0)",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_ls_dir('.')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/dev/null'",
    "SELECT rolpassword FROM pg_authid",
)


async def attempt(on: Attempt) -> None:
    async with on.ground.login() as connection:
        login = Transaction(connection, on.evidence)
        for sql in _STATEMENTS:
            await login.expect(text(sql), refused(DENIED))


ATTACK = Attack(
    tries="Calls what PostgreSQL lets everybody call and all tenants share: session locks, large objects, other "
    "sessions' statements, files.",
    why="All tenants come as one role, and a role sees and ends its own sessions (PostgreSQL documentation, Monitoring "
    "Statistics). Large objects have no row-level security. A revoke on pg_catalog is per database: a new or "
    "restored one is open again.",
    applies_to=None,
    attempt=attempt,
)
