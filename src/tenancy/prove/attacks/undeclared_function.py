from sqlalchemy import text

from tenancy.prove.attack import Attack
from tenancy.prove.expectation import NO_ROWS
from tenancy.prove.ground import Attempt
from tenancy.security.statements import statement

_REACHABLE = text(statement("tenancy.prove", "catalog.sql", "reachable functions that could get round policies"))


async def attempt(on: Attempt) -> None:
    declared = [f"{one.schema}.{one.name}({', '.join(one.parameters)})" for one in on.ground.functions]
    async with on.attacker() as attacker:
        parameters = {"searched": on.ground.schemas, "declared": declared}
        await attacker.expect(_REACHABLE.bindparams(**parameters), NO_ROWS)


ATTACK = Attack(
    tries="Looks, as the application, for functions that run with other rights or before the policies.",
    why="EXECUTE is granted to PUBLIC by default (PostgreSQL documentation, CREATE FUNCTION): a SECURITY DEFINER "
    "function of a superuser opens what it reads to everybody, and without a search_path it can be hijacked "
    "(CVE-2018-1058). A LEAKPROOF one is asked before the policies and is shown every row.",
    applies_to=None,
    attempt=attempt,
)
