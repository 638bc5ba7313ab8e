"""Models of any number of tables, in families of ten: a parent, eight children, and one that is seen where it is."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, ForeignKey, MetaData, Numeric, Table, Text, Uuid, func

import tenancy

FAMILY = 10


def declare(tables: int) -> MetaData:
    """The metadata of so many tables, each with its indexes and its policies to be."""
    metadata = tenancy.metadata(tenant_type=Uuid)
    for number in range(tables):
        in_family = number % FAMILY
        parent = f"table_{number - in_family}.id"
        # The last of a family has no tenant of its own, and PostgreSQL prints its policies in other words than ours.
        last = in_family == FAMILY - 1
        key = ForeignKey(parent) if last else tenancy.TenantForeignKey(parent, ondelete="CASCADE")
        Table(
            f"table_{number}",
            metadata,
            Column("id", Uuid, primary_key=True),
            *([] if last else [Column("organization_id", Uuid, nullable=False, index=True)]),
            Column("parent_id", Uuid, *([key] if in_family else []), nullable=not last, index=True),
            Column("name", Text, nullable=False),
            Column("amount", Numeric(12, 2)),
            Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
            info=tenancy.scoped(tenancy.parent("parent_id") if last else tenancy.tenant()),
        )
    return metadata
