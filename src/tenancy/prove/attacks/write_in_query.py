from sqlalchemy import and_, delete, insert, select, update

from tenancy.prove.attack import Attack, every
from tenancy.prove.expectation import NO_ROWS, affects, returns
from tenancy.prove.ground import Attempt
from tenancy.schema.access import Command


async def attempt(on: Attempt) -> None:
    target = on.target
    table, theirs = target.table, target.table.alias("theirs")
    same = and_(*(one == theirs.columns[one.key] for one in target.key))
    unchanged = {key: table.columns[key] for key in target.settable(target.other_spare)}
    columns = list(target.insertable(target.other_spare))
    async with on.attacker() as attacker:
        changed = update(table).values(unchanged).returning(*target.key).cte("changed")
        own = returns(target.keys(target.own))
        await attacker.expect(select(changed), target.unless_denied(own, Command.SELECT, Command.UPDATE))
    async with on.stranger() as stranger:
        copied = insert(table).from_select(columns, select(*(table.columns[key] for key in columns)))
        await stranger.expect(copied, target.unless_denied(affects(0), Command.SELECT, Command.INSERT))
        from_itself = update(table).values(unchanged).where(same)
        await stranger.expect(from_itself, target.unless_denied(affects(0), Command.SELECT, Command.UPDATE))
        using_itself = delete(table).where(same)
        await stranger.expect(using_itself, target.unless_denied(affects(0), Command.SELECT, Command.DELETE))
        gone = delete(table).returning(*target.key).cte("gone")
        await stranger.expect(select(gone), target.unless_denied(NO_ROWS, Command.SELECT, Command.DELETE))


ATTACK = Attack(
    tries="Writes within queries and queries within writes: INSERT of all that is seen, UPDATE FROM and DELETE USING "
    "the table itself, and UPDATE and DELETE as a CTE.",
    why="A statement of several parts must ask the policies of each part's command (PostgreSQL documentation, CREATE "
    "POLICY, Policies Applied by Command Type), of a table that is read and written at once too.",
    applies_to=every,
    attempt=attempt,
)
