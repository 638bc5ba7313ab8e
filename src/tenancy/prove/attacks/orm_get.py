from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from tenancy.prove.attack import Attack, not_shared
from tenancy.prove.expectation import NO_ROWS, returns
from tenancy.prove.ground import Attempt
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    mapped = target.mapped
    other = aliased(mapped)
    everything = select(mapped)
    joined = everything.join(
        other, and_(*(getattr(mapped, one.key).is_not_distinct_from(getattr(other, one.key)) for one in target.key))
    )
    own = target.unless_denied(returns(target.keys(target.own)), Command.SELECT)
    async with on.objects(target.parties.attacker) as attacker:
        identities = [attacker.identity(row) for row in target.others]

        def refreshed(session: Session) -> list[object]:
            found = session.scalars(everything).all()
            session.expire_all()
            for one in found:
                session.refresh(one)
            return list(found)

        await attacker.expect(
            "session.get() of the victim's keys",
            lambda session: [session.get(mapped, identity) for identity in identities],
            target.unless_denied(NO_ROWS, Command.SELECT),
        )
        await attacker.expect(
            "select() of everything, a row at a time",
            lambda session: session.scalars(everything.execution_options(yield_per=1)).all(),
            own,
        )
        await attacker.expect(
            "select() of everything joined with itself, over what is loaded",
            lambda session: session.scalars(joined.execution_options(populate_existing=True)).unique().all(),
            own,
        )
        await attacker.expect("session.refresh() of everything found", refreshed, own)


ATTACK = Attack(
    tries="Reads by way of the ORM: get() of the victim's keys, select() as a stream, over an alias and over loaded "
    "objects, refresh().",
    why="Where the tenant is put on by a hook of `execute`, get, refresh and streams run without it. "
    "(SQLAlchemy documentation, Adding global WHERE / ON criteria: the recipe leaves out what refreshes an object).",
    applies_to=not_shared,
    committed=True,
    attempt=attempt,
)
