"""Models of any number of tables, in families of ten: a parent, and nine children that refer to it."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, MetaData, Numeric, Table, Text, Uuid, func

import tenancy

FAMILY = 10


def declare(tables: int) -> MetaData:
    """The metadata of so many tables, each with its tenant, its index and its policies to be."""
    metadata = tenancy.metadata(tenant_type=Uuid)
    for number in range(tables):
        parent = number - number % FAMILY
        reference = [] if number == parent else [tenancy.TenantForeignKey(f"table_{parent}.id", ondelete="CASCADE")]
        Table(
            f"table_{number}",
            metadata,
            Column("id", Uuid, primary_key=True),
            Column("organization_id", Uuid, nullable=False),
            Column("parent_id", Uuid, *reference, index=True),
            Column("name", Text, nullable=False),
            Column("amount", Numeric(12, 2)),
            Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
            Index(None, "organization_id"),
            info=tenancy.scoped(tenancy.tenant()),
        )
    return metadata
