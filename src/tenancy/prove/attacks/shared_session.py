from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError

from tenancy.prove.attack import Attack
from tenancy.prove.attempts import at_once
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import Expectation, refused_by, returns
from tenancy.prove.ground import Attempt
from tenancy.prove.objects import ObjectSession
from tenancy.prove.rows import Row
from tenancy.session.principal import Principal, tenant_context


async def attempt(on: Attempt) -> None:
    target = on.target
    attacker, victim, _ = target.parties
    database = on.committed.database
    everything = select(target.mapped)

    async def read(session: ObjectSession, context: Principal, expectation: Expectation) -> None:
        with tenant_context(context.tenant, user=context.user):
            await session.expect(
                f"select() of everything by a task of {context.tenant}",
                lambda session: session.scalars(everything).all(),
                expectation,
            )

    async def read_alone(who: Principal, rows: Sequence[Row]) -> None:
        with tenant_context(who.tenant, user=who.user):
            session = database.session()
        async with session:
            await read(ObjectSession(session, target, on.evidence), who, returns(target.keys(rows)))

    await at_once(read_alone(attacker, target.own), read_alone(victim, target.others))
    async with database.session(attacker.tenant, user=attacker.user) as session:
        shared = ObjectSession(session, target, on.evidence, shared=True)
        # SQLAlchemy refuses the tasks that come while one is fetching the session's connection.
        own_or_refused = returns(target.keys(target.own)) | refused_by(InvalidRequestError)
        await at_once(*(read(shared, context, own_or_refused) for context in (victim, attacker, victim)))


ATTACK = Attack(
    tries="Reads in two sessions of two tenants at once, and in one session from tasks in several contexts at once.",
    why="One session for everybody, and asyncio.gather: tasks interleave at each await, and whoever keeps the tenant "
    "beside the session mixes them up (SQLAlchemy documentation, Using AsyncSession with Concurrent Tasks).",
    applies_to=is_scoped,
    committed=True,
    attempt=attempt,
)
