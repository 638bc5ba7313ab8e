from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import DetachedInstanceError

from tenancy.errors import TenantMismatch
from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import refused_by, returns
from tenancy.prove.ground import Attempt


async def attempt(on: Attempt) -> None:
    target = on.target
    own = target.own[0]
    async with on.objects(target.parties.attacker) as attacker:
        kept = await attacker.load(own)
        attacker.session.expire(kept)
    async with on.objects(target.parties.stranger) as stranger:
        await stranger.expect("attributes after the session's end", lambda _: [kept], refused_by(DetachedInstanceError))
        await stranger.expect("session.add()", lambda session: session.add(kept), refused_by(TenantMismatch))
        await stranger.expect(
            "session.refresh()", lambda session: session.refresh(kept), refused_by(InvalidRequestError)
        )

    def added(session: Session) -> list[object]:
        session.add(kept)
        return [kept]

    async with on.objects(target.parties.attacker) as attacker:
        await attacker.expect("session.add() in the tenant's next session", added, returns(target.keys([own])))


ATTACK = Attack(
    tries="Keeps an expired object beyond its session, and loads its attributes in another tenant's.",
    why="An expired object loads itself in whatever session it is in (SQLAlchemy documentation, Refreshing / "
    "Expiring). Objects are kept in caches and globals, and come back in somebody else's request.",
    applies_to=is_scoped,
    committed=True,
    attempt=attempt,
)
