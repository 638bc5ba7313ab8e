from sqlalchemy import delete, insert, select, text

from tenancy.prove.attack import Attack, not_shared
from tenancy.prove.expectation import NO_ROWS, affects, among, refused
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import regclass, relation
from tenancy.prove.target import DENIED
from tenancy.schema.access import Command
from tenancy.security.statements import statement

_CHILDREN = text(statement("tenancy.prove", "catalog.sql", "children of a table"))
_PARTITIONED = text(
    "SELECT 1 FROM pg_catalog.pg_partitioned_table WHERE partrelid = CAST(CAST(:relation AS text) AS regclass)"
)


async def attempt(on: Attempt) -> None:
    target = on.target
    name = regclass(target.table)
    async with on.attacker() as attacker:
        for found in await attacker.rows(_CHILDREN, relation=name):
            child = target.relation(found.schema, found.name)
            keys = select(*(child.columns[one.key] for one in target.key))
            # One without policies of its own shows all that it has, though it may have nothing today.
            own = among(target.keys(target.own)) | refused(DENIED) if found.secured else refused(DENIED)
            await attacker.expect(keys, own)
            await attacker.become(target.parties.stranger)
            await attacker.expect(delete(child), affects(0) | refused(DENIED))
            await attacker.become(target.parties.attacker)
        await attacker.expect(select(*target.key), target.exactly_own)
        partitioned = bool(await attacker.rows(_PARTITIONED, relation=name))
    # A new partition would need bounds that no other has.
    if not partitioned:
        await _make(on)


async def _make(on: Attempt) -> None:
    """A child of the owner's, with a row of the victim's in it."""
    target = on.target
    child = target.relation(target.table.schema, f"proof_of_{target.table.name}")
    async with on.owner() as owner:
        await owner.perform(f"CREATE TABLE {relation(child)} () INHERITS ({relation(target.table)})")
        await owner.expect(insert(child).values(target.other_spare), affects(1))
        await on.become_application(owner)
        await owner.become(target.parties.attacker)
        await owner.expect(text(f"SELECT 1 FROM {relation(child)}"), refused(DENIED))  # noqa: S608 - quoted names
        await owner.expect(select(*target.key), target.exactly_own)
        await owner.become(target.parties.stranger)
        await owner.expect(select(*target.key), target.unless_denied(NO_ROWS, Command.SELECT))
        await owner.expect(delete(target.table), target.unless_denied(affects(0), Command.DELETE))


ATTACK = Attack(
    tries="Reads and deletes in partitions and inheritance children past their parent, and in a new child by it.",
    why="The policies of a table do not hold its children when these are named themselves (PostgreSQL documentation, "
    "5.11 Inheritance: access by the parent asks the parent alone). Default privileges open each new one.",
    applies_to=not_shared,
    attempt=attempt,
)
