from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from tenancy.errors import TenantMismatch
from tenancy.prove.attack import Attack, every
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import NO_ROWS, refused, refused_by
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    theirs = target.others[0] if target.others else target.other_spare
    not_sent_or_denied = refused_by(TenantMismatch) | refused(DENIED)
    async with on.objects(target.parties.attacker) as attacker:
        planted = attacker.new(target.insertable(target.other_spare))
        await attacker.expect("session.add() of a row for the victim", lambda s: s.add(planted), not_sent_or_denied)
        key = attacker.identity(theirs)
        mine = target.own[0] if target.own else target.own_spare
        # The victim's key, and in the other columns what says that the row is the attacker's.
        disguised = {**target.settable(mine), **target.changeable(theirs), **target.belonging(mine), **key}
        changed = attacker.detached(disguised)

        def write(session: Session) -> None:
            session.add(changed)
            for column in disguised.keys() - key.keys():
                flag_modified(changed, column)

        if disguised.keys() - key.keys():
            met_no_row = refused_by(TenantMismatch, StaleDataError)
            await attacker.expect(
                "flush of a change to the victim's row",
                write,
                target.unless_denied(met_no_row, Command.UPDATE) | refused_by(TenantMismatch),
            )
            attacker.session.expunge_all()
        deleted = attacker.detached(disguised)
        await attacker.expect(
            "session.delete() of the victim's row",
            lambda session: session.delete(deleted),
            target.unless_denied(NO_ROWS, Command.DELETE) | refused_by(TenantMismatch),
        )
        if is_scoped(target.declared):
            given = await attacker.load(target.own[0])

            def give(session: Session) -> None:
                for column, value in target.belonging(theirs).items():
                    setattr(given, column, value)

            await attacker.expect("flush of an own row given to the victim", give, not_sent_or_denied)
            await attacker.expect_victim_untouched()


ATTACK = Attack(
    tries="Lets the unit of work write: a new object for the victim, a change and a delete of the victim's row, under "
    "the attacker's name, and an own object given away.",
    why="A flush writes by primary key and passes the hooks of statements by (SQLAlchemy documentation, Unit of Work): "
    "what filters queries does not filter it.",
    applies_to=every,
    committed=True,
    attempt=attempt,
)
