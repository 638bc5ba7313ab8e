"""Which table says that a user belongs to a tenant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table

from tenancy.errors import ConfigurationError


@dataclass(frozen=True)
class Membership:
    """The columns of tenant and user in one table; make it with `membership()`."""

    tenant: Column[Any]
    user: Column[Any]


def membership(tenant_column: Any, user_column: Any) -> Membership:
    """Declares which table says that a user belongs to a tenant, for sessions that verify it.

    ```python
    members = membership(Member.organization_id, Member.user_id)
    async with db.begin(organization_id, user=user_id, member=members) as session: ...
    ```

    Args:
        tenant_column: a mapped attribute or a column, of a table that the tenant itself may read.
        user_column: of the same table.

    Raises:
        ConfigurationError: these are no columns of one table.
    """
    tenant, user = (getattr(one, "__clause_element__", lambda one=one: one)() for one in (tenant_column, user_column))
    columns = [
        one.table.columns[one.key] if isinstance(getattr(one, "table", None), Table) else None for one in (tenant, user)
    ]
    if columns[0] is None or columns[1] is None or columns[0].table is not columns[1].table:
        raise ConfigurationError(
            f"membership({tenant_column}, {user_column}) needs two columns of one table, such as "
            f"membership(Member.organization_id, Member.user_id)."
        )
    return Membership(columns[0], columns[1])
