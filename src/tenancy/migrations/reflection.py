"""Reads the tables of all PostgreSQL schemas in bulk, ahead of Alembic's own comparison.

Alembic does that for the first schema it comes to, and finds there is something remembered when it comes to the next:
the tables of all others it reads one by one, nine statements each. `tenancy` is a schema, so there are always others.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import UpgradeOps
from alembic.util import PriorityDispatchResult

#: What Alembic reads of a table. It remembers each for many tables as `alembic_<name>`, which is not documented: under
#: other names it would read for itself, as before.
_PARTS = (
    "columns",
    "pk_constraint",
    "foreign_keys",
    "indexes",
    "unique_constraints",
    "check_constraints",
    "table_comment",
    "table_options",
)


def remember_tables(
    context: AutogenContext, upgrade_ops: UpgradeOps, schemas: Collection[str | None]
) -> PriorityDispatchResult:
    """Comparator of schemas that compares nothing: what it reads is there for those that come after."""
    inspector = context.inspector
    for part in _PARTS:
        read: Any = getattr(inspector, f"get_multi_{part}")
        tables = {key: found for schema in schemas for key, found in read(schema=schema).items()}
        inspector.info_cache[f"alembic_{part}"] = tables
    return PriorityDispatchResult.CONTINUE
