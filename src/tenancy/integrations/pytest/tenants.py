"""Two tenants with a user and rows in every table."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import MetaData, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from tenancy.integrations.pytest.databases import TestDatabase, in_thread
from tenancy.prove import insert_rows, sample_rows
from tenancy.prove.belonging import identity_columns
from tenancy.prove.closure import is_common
from tenancy.prove.parties import new_parties
from tenancy.prove.rows import Row, ValueFactories
from tenancy.session.owner import one_connection
from tenancy.session.principal import Principal

_ROWS = 2


@dataclass(frozen=True)
class Tenant:
    """A tenant of the tests, one of its users, and their sample rows."""

    #: Of the metadata's `tenant_type` and `user_type`.
    id: Any
    user: Any
    #: By "schema.table", each row by its columns' keys; shared rows are those of both tenants.
    rows: Mapping[str, Sequence[Row]]


class Tenants(NamedTuple):
    """Two tenants, so that a test can ask as one for what is the other's."""

    first: Tenant
    second: Tenant


def with_sample_rows(database: TestDatabase, metadata: Sequence[MetaData], values: ValueFactories) -> Tenants:
    """Makes two tenants and fills every table for both.

    Raises:
        ProofError: a table cannot be filled; it names the column.
    """
    # Ids of the first metadata's types; where another one's columns are of other types, they are converted or named.
    parties = new_parties(metadata[0])
    return in_thread(lambda: asyncio.run(_filled(database, metadata, values, parties.attacker, parties.victim)))


async def _filled(
    database: TestDatabase, metadata: Sequence[MetaData], values: ValueFactories, *principals: Principal
) -> Tenants:
    # As the administrator, whom row-level security does not hold.
    common: dict[Table, list[Row]] = {}
    async with one_connection(database.url("postgres"), database.settings) as connection, connection.begin():
        return Tenants(*[await _fill(connection, metadata, values, one, common) for one in principals])


async def _fill(
    connection: AsyncConnection,
    metadata: Sequence[MetaData],
    values: ValueFactories,
    principal: Principal,
    common: dict[Table, list[Row]],
) -> Tenant:
    rows = {table.fullname: made for table, made in common.items()}
    for one in metadata:
        identities = identity_columns(one.tables.values())
        existing = {table: made for table, made in common.items() if table.metadata is one}
        for table, made in sample_rows(one, principal, count=_ROWS, existing=existing, values=values):
            await insert_rows(connection, table, made)
            rows[table.fullname] = made
            if is_common(table, identities):
                common[table] = made
    return Tenant(principal.tenant, principal.user, rows)
