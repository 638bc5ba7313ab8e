from collections.abc import Iterator

from tenancy.prove.belonging import is_scoped
from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.schema.access import Command

_CONDITIONS = {"INSERT": "WITH CHECK (true)", "SELECT": "USING (true)", "DELETE": "USING (true)"}
_CAUGHT_BY = {"ALL": "select", "SELECT": "select", "INSERT": "insert", "UPDATE": "raw_sql", "DELETE": "raw_sql"}


def variants(wall: Wall) -> Iterator[Variant]:
    for command in ("ALL", *(command.value for command in Command if wall.allows(command))):
        condition = _CONDITIONS.get(command, "USING (true) WITH CHECK (true)")
        made = f"CREATE POLICY tenancy_mutation ON {wall.relation} FOR {command} TO PUBLIC {condition}"
        yield Variant(command.lower(), (wall.drop(wall.guard), made), (_CAUGHT_BY[command],))


MUTATION = Mutation(
    breaks="Adds a permissive policy, made by hand for a report or for support, where no guard holds against it.",
    applies_to=is_scoped,
    variants=variants,
)
