from sqlalchemy import select

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import returns
from tenancy.prove.ground import Attempt
from tenancy.prove.objects import ObjectSession
from tenancy.session.principal import tenant_context


async def attempt(on: Attempt) -> None:
    target = on.target
    attacker, victim, _ = target.parties
    everything = select(target.mapped)

    async def read(session: ObjectSession, words: str) -> None:
        await session.expect(
            f"select() of everything {words}",
            lambda session: session.scalars(everything).all(),
            returns(target.keys(target.own)),
        )

    with tenant_context(attacker.tenant, user=attacker.user):
        session = on.committed.database.session()
    async with session:
        made_elsewhere = ObjectSession(session, target, on.evidence)
        with tenant_context(victim.tenant, user=victim.user):
            await read(made_elsewhere, "in the victim's context")
            # The next transaction begins inside the context.
            await session.commit()
            await read(made_elsewhere, "in the victim's context, in the next transaction")
            async with on.objects(attacker) as named:
                await read(named, "in a session that names the attacker, in the victim's context")


ATTACK = Attack(
    tries="Makes a session in the attacker's context, and uses it in the victim's, for two transactions; and names a "
    "tenant inside the context of another.",
    why="A context variable that is read when a transaction begins lets a session that outlives its request follow the "
    "next tenant's (PEP 567: whoever runs the code sets the context).",
    applies_to=is_scoped,
    committed=True,
    attempt=attempt,
)
