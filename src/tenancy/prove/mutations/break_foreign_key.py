from collections.abc import Iterator

from sqlalchemy import ForeignKeyConstraint, Table

from tenancy.prove.attacks.foreign_key import keys_to_tenants
from tenancy.prove.belonging import owning_columns
from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.security.quoting import identifier


def _standing_alone(table: Table) -> list[ForeignKeyConstraint]:
    """The keys whose reference no policy asks about: a row is not whose by them."""
    owning = set(owning_columns(table))
    return [key for key in keys_to_tenants(table) if not set(key.column_keys) <= owning]


def variants(wall: Wall) -> Iterator[Variant]:
    caught_by = ("foreign_key",)
    alter = f"ALTER TABLE {wall.relation}"
    for key in _standing_alone(wall.table):
        name = identifier(str(key.name))
        yield Variant(f"{key.name}, dropped", (f"{alter} DROP CONSTRAINT {name}",), caught_by)
    yield Variant("triggers disabled", (f"{alter} DISABLE TRIGGER ALL",), caught_by)


MUTATION = Mutation(
    breaks="Drops a foreign key that carries the tenant, or disables the triggers that check it.",
    applies_to=lambda table: bool(_standing_alone(table)),
    variants=variants,
)
