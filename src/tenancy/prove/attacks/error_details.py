from sqlalchemy import null, text, update

from tenancy.prove.attack import Attack, not_shared
from tenancy.prove.expectation import affects, refused, returns
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import relation
from tenancy.prove.target import Target
from tenancy.schema.access import Command

#: Each fails at the first row that it meets, and the first one prints it.
_FAILING = {
    "CAST(CAST(mine AS text) AS integer) = 0": "22P02",
    "1 / (0 * length(CAST(mine AS text))) = 0": "22012",
}


def _required(target: Target) -> list[str]:
    return [key for key in target.insertable(target.other_spare) if not target.declared.columns[key].nullable]


async def attempt(on: Attempt) -> None:
    target = on.target
    for condition, sqlstate in _FAILING.items():
        query = text(f"SELECT count(*) FROM {relation(target.table)} AS mine WHERE {condition}")  # noqa: S608
        async with on.attacker() as attacker:
            await attacker.expect(query, target.unless_denied(refused(sqlstate), Command.SELECT))
            await attacker.become(target.parties.stranger)
            await attacker.expect(query, target.unless_denied(returns([(0,)]), Command.SELECT))
    async with on.stranger() as stranger:
        for key in _required(target)[:1]:
            emptied = update(target.table).values({key: null()})
            await stranger.expect(emptied, target.unless_denied(affects(0), Command.UPDATE))


ATTACK = Attack(
    tries="Has casts, divisions and constraints fail at whatever rows they meet, as a stranger who must meet none.",
    why="An error tells that a row is there, and its text prints it. Conditions of a policy come before all that is "
    "not LEAKPROOF (PostgreSQL documentation, 39.5 Rules and Privileges); DETAIL is left out where policies hold.",
    applies_to=not_shared,
    attempt=attempt,
)
