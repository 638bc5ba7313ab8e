from sqlalchemy import TableClause, delete, insert, select, text, update

from tenancy.prove.attack import Attack, not_shared
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import NO_ROWS, affects, refused
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import escaped, regclass, relation
from tenancy.prove.target import DENIED
from tenancy.prove.transaction import Transaction
from tenancy.security.statements import statement

_VIEWS = text(statement("tenancy.prove", "catalog.sql", "views of a table"))
#: Of a view that joins or counts: it cannot be written to.
_NOT_UPDATABLE = "55000"


async def attempt(on: Attempt) -> None:
    target = on.target
    async with on.attacker() as attacker:
        for found in await attacker.rows(_VIEWS, relation=regclass(target.table)):
            view = target.relation(found.schema, found.name, found.columns)
            if found.materialized:
                # Policies cannot hold it: it keeps the rows of whoever refreshed it.
                await attacker.expect(text(f"SELECT 1 FROM {relation(view)}"), refused(DENIED))  # noqa: S608
            await attacker.become(target.parties.attacker)
            await _shows_what_its_definition_shows(on, attacker, view, found.definition.rstrip(";"))
            await _write(on, attacker, view)
    await _make(on, "WITH (security_invoker = true)")
    if is_scoped(target.declared):
        await _make(on)


async def _shows_what_its_definition_shows(on: Attempt, attacker: Transaction, view: TableClause, query: str) -> None:
    """With the rights of whoever reads it. Where these do not suffice, it must show a stranger nothing."""
    shown = f"SELECT CAST(shown AS text) FROM {relation(view)} AS shown"  # noqa: S608 - quoted names
    allowed = f"SELECT CAST(allowed AS text) FROM ({escaped(query)}) AS allowed"  # noqa: S608 - its own definition
    difference = f"({shown} EXCEPT ALL {allowed}) UNION ALL ({allowed} EXCEPT ALL {shown})"
    answer = await attacker.expect(text(difference), NO_ROWS | refused(DENIED))
    if answer.rows is None:
        await attacker.become(on.target.parties.stranger)
        await attacker.expect(text(shown), NO_ROWS)


async def _make(on: Attempt, options: str = "") -> None:
    """A new view with the reader's rights, or with those of its owner, whom FORCE holds."""
    target = on.target
    view = target.relation(target.table.schema, f"proof_of_{target.table.name}")
    name = relation(view)
    async with on.owner() as owner:
        await owner.perform(f"CREATE VIEW {name} {options} AS SELECT * FROM {relation(target.table)}")  # noqa: S608
        await owner.perform(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {on.application_role}")
        await on.become_application(owner)
        await owner.become(target.parties.attacker)
        keys = select(*(view.columns[one.key] for one in target.key))
        await owner.expect(keys, target.exactly_own)
        await _write(on, owner, view)


async def _write(on: Attempt, transaction: Transaction, view: TableClause) -> None:
    """As a stranger: changes nothing, and plants nothing in the victim's data."""
    target = on.target
    refusal = refused(DENIED, _NOT_UPDATABLE)
    theirs = target.others[0]
    await transaction.become(target.parties.stranger)
    await transaction.expect(delete(view), affects(0) | refusal)
    if set(target.settable(theirs)) <= set(view.columns.keys()):
        await transaction.expect(update(view).values(target.settable(theirs)), affects(0) | refusal)
        spare = target.insertable(target.other_spare)
        planted = insert(view).values({key: value for key, value in spare.items() if key in view.columns})
        await transaction.expect(planted, refusal)


ATTACK = Attack(
    tries="Reads and writes through every view of the table that the application may read, and through two new ones.",
    why="A view is read with the rights of its owner unless it says security_invoker, and a materialized view has no "
    "policies at all (PostgreSQL documentation, CREATE VIEW): owned by a privileged role, either shows everything.",
    applies_to=not_shared,
    attempt=attempt,
)
