from sqlalchemy import Column, Identity, Table, text

from tenancy.errors import ProofError
from tenancy.prove.attack import Attack
from tenancy.prove.belonging import granted
from tenancy.prove.expectation import TAKEN, refused, returns
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import escaped, regclass
from tenancy.prove.target import DENIED
from tenancy.schema.access import Command
from tenancy.security.quoting import literal

_OWNED = text("SELECT pg_catalog.pg_get_serial_sequence(:relation, :column)")


def numbered(table: Table) -> list[Column[object]]:
    """The columns that a sequence of their own fills."""
    serial = table.autoincrement_column
    return [one for one in table.columns if one.identity is not None or (one is serial and one.default is None)]


async def attempt(on: Attempt) -> None:
    target = on.target
    for column in numbered(target.declared):
        async with on.attacker() as attacker:
            ((sequence,),) = await attacker.rows(_OWNED, relation=regclass(target.table), column=column.name)
            if sequence is None:
                raise ProofError(
                    f"{column} has no sequence in the database, though the models say that it is numbered."
                )
            name = escaped(literal(sequence))
            # SERIAL takes its numbers as whoever inserts.
            may_insert = not isinstance(column.server_default, Identity) and Command.INSERT in granted(target.declared)
            await attacker.expect(text(f"SELECT last_value FROM {escaped(sequence)}"), refused(DENIED))  # noqa: S608
            # Out of range: whoever may set it is told so, and has set nothing.
            await attacker.expect(text(f"SELECT setval({name}, 0)"), refused(DENIED))
            await attacker.expect(text(f"SELECT nextval({name})"), TAKEN if may_insert else refused(DENIED))
            if not may_insert:
                hidden = text(f"SELECT pg_sequence_last_value({name})")
                await attacker.expect(hidden, returns([(None,)]) | refused(DENIED))


ATTACK = Attack(
    tries="Reads, sets and draws from the sequences of the table's columns.",
    why="A sequence is one for all tenants and has no policies: what it stands at tells how much others write, and who "
    "may set it makes their inserts collide. GRANT ON ALL SEQUENCES gives more than INSERT needs (PostgreSQL "
    "documentation, 5.8 Privileges).",
    applies_to=lambda table: bool(numbered(table)),
    attempt=attempt,
)
