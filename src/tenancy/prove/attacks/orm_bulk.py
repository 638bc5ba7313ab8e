from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.orm.exc import StaleDataError

from tenancy.prove.attack import Attack, every
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import affects, refused, refused_by
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    mapped = target.mapped
    theirs = target.others[0] if target.others else target.other_spare
    change = target.changeable(theirs)
    rows = [target.insertable(target.other_spare)]
    columns = list(rows[0])
    copy = insert(mapped).from_select(columns, select(*(getattr(mapped, column) for column in columns)))
    async with on.objects(target.parties.stranger) as stranger:
        key = stranger.identity(theirs)
        of_the_victim = and_(*(getattr(mapped, column) == value for column, value in key.items()))
        await stranger.expect(
            "insert() of many rows with returning()",
            lambda session: session.scalars(insert(mapped).returning(mapped), rows).all(),
            refused(DENIED),
        )
        await stranger.expect(
            "insert().from_select() of everything",
            lambda session: session.execute(copy),
            target.unless_denied(affects(0), Command.INSERT),
        )
        if change:
            await stranger.expect(
                "update() by primary key",
                lambda session: session.execute(update(mapped), [{**key, **change}]),
                target.unless_denied(refused_by(StaleDataError), Command.UPDATE),
            )
        fetched = {"synchronize_session": "fetch"}
        await stranger.expect(
            "update() of everything, fetched into the session",
            lambda session: session.execute(update(mapped).values(target.settable(theirs)), execution_options=fetched),
            target.unless_denied(affects(0), Command.SELECT, Command.UPDATE),
        )
        await stranger.expect(
            "delete() of the victim's row, fetched into the session",
            lambda session: session.execute(delete(mapped).where(of_the_victim), execution_options=fetched),
            target.unless_denied(affects(0), Command.SELECT, Command.DELETE),
        )
        if is_scoped(target.declared):
            await stranger.expect_victim_untouched()


ATTACK = Attack(
    tries="Writes by the ORM's bulk statements, as a tenant without rows: insert() of many and from a select, update() "
    "by primary key and of everything, delete().",
    why="Bulk statements send no event of a flush and are rewritten on their way (SQLAlchemy documentation, "
    "ORM-Enabled INSERT, UPDATE, and DELETE statements): a filter that is added to queries misses some of them.",
    applies_to=every,
    committed=True,
    attempt=attempt,
)
