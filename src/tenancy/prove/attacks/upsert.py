from sqlalchemy.dialects.postgresql import insert

from tenancy.prove.attack import Attack, every
from tenancy.prove.expectation import affects, refused
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    key = target.declared.primary_key.columns.keys()
    theirs = target.insertable(target.others[0] if target.others else target.other_spare)
    async with on.attacker() as attacker:
        planted = insert(target.table).values(theirs)
        await attacker.expect(planted.on_conflict_do_nothing(), refused(DENIED))
        if not key:
            return
        update = {column: planted.excluded[column] for column in target.settable(theirs)}
        await attacker.expect(planted.on_conflict_do_update(index_elements=key, set_=update), refused(DENIED))
        disguised = {
            **target.insertable(target.own_spare),
            **{column: theirs[column] for column in key if column in theirs},
        }
        if set(target.belonging(theirs)) & set(key) or not set(key) <= set(theirs):
            return  # the key says itself whose the row is, or is PostgreSQL's to choose: nothing collides
        own = insert(target.table).values(disguised)
        await attacker.expect(
            own.on_conflict_do_nothing(), target.unless_denied(affects(0), Command.SELECT, Command.INSERT)
        )
        # The update of a row that the attacker cannot see is refused, not skipped.
        await attacker.expect(own.on_conflict_do_update(index_elements=key, set_=update), refused(DENIED))


ATTACK = Attack(
    tries="Inserts over the victim's row with ON CONFLICT DO NOTHING and DO UPDATE, also as a row of the attacker's "
    "own with the victim's key.",
    why="The conflict is found by the unique index, which knows no policy; what happens to the row found must still be "
    "refused (PostgreSQL documentation, CREATE POLICY; CVE-2017-15099).",
    applies_to=every,
    attempt=attempt,
)
