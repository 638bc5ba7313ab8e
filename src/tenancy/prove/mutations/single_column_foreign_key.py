from collections.abc import Iterator

from sqlalchemy import ForeignKeyConstraint, Table

from tenancy.prove.attacks.foreign_key import keys_to_tenants
from tenancy.prove.mutation import Mutation, Variant, Wall
from tenancy.schema.foreign_key import is_tenant_pair
from tenancy.security.quoting import identifier


def _carrying(table: Table) -> list[ForeignKeyConstraint]:
    """The keys of which the tenant is one column, and another one is left where it is taken out."""
    return [
        key
        for key in keys_to_tenants(table)
        if len(key.elements) > 1 and any(is_tenant_pair(one.parent, one.column) for one in key.elements)
    ]


def variants(wall: Wall) -> Iterator[Variant]:
    alter = f"ALTER TABLE {wall.relation}"
    for key in _carrying(wall.table):
        pairs = [(one.parent, one.column) for one in key.elements if not is_tenant_pair(one.parent, one.column)]
        parent = key.referred_table
        columns = ", ".join(identifier(child.name) for child, _ in pairs)
        referred = ", ".join(identifier(column.name) for _, column in pairs)
        relation = identifier(parent.schema or "public", parent.name)
        name = identifier(str(key.name))
        yield Variant(
            str(key.name),
            (
                f"CREATE UNIQUE INDEX ON {relation} ({referred})",
                f"{alter} DROP CONSTRAINT {name}",
                f"{alter} ADD CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {relation} ({referred})",
            ),
            ("foreign_key",),
        )


MUTATION = Mutation(
    breaks="Takes the tenant out of a foreign key, as every tool writes it that knows no tenants.",
    applies_to=lambda table: bool(_carrying(table)),
    variants=variants,
)
