"""What the last user of a pooled connection may leave behind."""

from __future__ import annotations

import secrets

from sqlalchemy import select

from tenancy.prove.ground import Attempt
from tenancy.prove.sql import escaped
from tenancy.prove.transaction import Transaction
from tenancy.security.functions import TENANT_SETTING, USER_SETTING
from tenancy.security.quoting import literal

#: Who the tenant is, and whether the search_path that `leave_behind` sets is in force.
TENANT_IN_FORCE = (
    f"SELECT current_setting('{TENANT_SETTING}', true), current_setting('search_path') LIKE '%tenancy_proof%'"
)


async def leave_behind(on: Attempt) -> str:
    """As the victim, commits what outlives a transaction, on the one connection of the narrow pool: settings, a cursor
    WITH HOLD and a prepared statement over all of the table.

    Returns:
        The name of cursor and statement.
    """
    victim = on.target.parties.victim
    name = f"tenancy_proof_{secrets.token_hex(8)}"
    async with on.committed.narrow.session(victim.tenant, user=victim.user) as session:
        leaving = Transaction(await session.connection(), on.evidence)
        everything = escaped(leaving.sql(select(*on.target.key)))
        await leaving.perform(f"PREPARE {name} AS {everything}")
        await leaving.perform(f"DECLARE {name} CURSOR WITH HOLD FOR {everything}")
        await leaving.perform(escaped(f"SET {TENANT_SETTING} = {literal(str(victim.tenant))}"))
        await leaving.perform(escaped(f"SET {USER_SETTING} = {literal(str(victim.user))}"))
        await leaving.perform("SET search_path = tenancy_proof")
        await session.commit()
    return name
