from tenancy.errors import TenantMismatch
from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import NO_ROWS, refused_by
from tenancy.prove.ground import Attempt

_MISMATCH = refused_by(TenantMismatch)


async def attempt(on: Attempt) -> None:
    target = on.target
    async with on.objects(target.parties.victim) as victim:
        foreign = await victim.load(target.others[0])
    async with on.objects(target.parties.attacker) as attacker:
        identity = attacker.identity(target.others[0])
        for words, carry_in in {
            "merge()": lambda session: [session.merge(foreign)],
            "merge(load=False)": lambda session: [session.merge(foreign, load=False)],
            "add()": lambda session: session.add(foreign),
            "delete()": lambda session: session.delete(foreign),
            "make_transient_to_detached() and add()": lambda session: session.add(attacker.detached(identity)),
        }.items():
            await attacker.expect(f"session.{words} of the victim's object", carry_in, _MISMATCH)
        await attacker.expect(
            "session.get() of its key", lambda session: [session.get(target.mapped, identity)], NO_ROWS
        )


ATTACK = Attack(
    tries="Carries an object that the victim's session has loaded into the attacker's: by merge(), with load=False as "
    "well, add(), delete(), and by its key alone; then asks the identity map for it.",
    why="The identity map answers without SQL (SQLAlchemy documentation, Session Basics): what gets into it is read "
    "past every policy.",
    applies_to=is_scoped,
    committed=True,
    attempt=attempt,
)
