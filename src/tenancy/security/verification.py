"""The statement that verifies a membership, to stand in the transaction's begin."""

from __future__ import annotations

from sqlalchemy import Column

from tenancy.schema.identity import IdentityType
from tenancy.schema.membership import Membership
from tenancy.security.functions import REQUIRE_MEMBER, SCHEMA, helper
from tenancy.security.quoting import identifier


def verification_sql(membership: Membership, default_schema: str = "public") -> str:
    """SQL that raises TN003 where the current user is no member of the current tenant.

    It runs as the application role, under the policies of the membership's table, and returns no row: nobody reads one
    in a begin.
    """
    table = membership.tenant.table
    relation = identifier(table.schema or default_schema, table.name)
    conditions = (_equals(membership.tenant, "tenant"), _equals(membership.user, "user"))
    exists = f"EXISTS (SELECT FROM {relation} WHERE {' AND '.join(conditions)})"
    return f"SELECT WHERE NOT {SCHEMA}.{REQUIRE_MEMBER.name}({exists})"


def _equals(column: Column[object], who: str) -> str:
    return f"{identifier(column.name)} = {SCHEMA}.{helper(who, IdentityType.of(column.type, str(column)))}()"
