"""Indexes of single tenants: a search in one walks over nobody else's vectors.

They are data and no model: which tenants are large, statistics say. They have names by which they are known again, are
made and dropped without locking anybody out, and are none of autogenerate's business.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, MetaData, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from tenancy.schema.classification import classification_of, is_classified
from tenancy.schema.scope import TenantColumn, conjuncts
from tenancy.security.quoting import identifier, literal
from tenancy.security.statements import ddl, statement
from tenancy.session.owner import one_owner_connection
from tenancy.session.urls import url_of
from tenancy.settings import Settings

#: What their names begin with.
PREFIX = "tenancy_vectors_"
#: An index is dropped when its tenant has less than this part of the rows for which one is made.
_KEPT = 0.5


class Action(StrEnum):
    CREATE = "create"
    KEEP = "keep"
    DROP = "drop"


@dataclass(frozen=True)
class OwnIndex:
    """An index of one tenant's vectors, and what is to become of it.

    Attributes:
        schema: the PostgreSQL schema of the table, and so of the index.
        table: the table.
        name: of the index.
        condition: which rows are in it.
        rows: how many these are, by PostgreSQL's statistics.
        action: what is to be done.
        sql: what does it; empty where nothing does.
    """

    schema: str
    table: str
    name: str
    condition: str
    rows: int
    action: Action
    sql: str = ""


def is_own_index(name: str | None) -> bool:
    """Whether an index is one of these, by its name."""
    return name is not None and name.startswith(PREFIX)


def survey(connection: Connection, metadata: Iterable[MetaData], settings: Settings, least_rows: int) -> list[OwnIndex]:
    """Which tenants are large enough for an index of their own, and which indexes are there.

    Args:
        connection: of the owner; rolled back.
        metadata: the models'.
        settings: the names of the roles.
        least_rows: from how many rows on a tenant gets an index.
    """
    found: list[OwnIndex] = []
    for one in metadata:
        for table in one.sorted_tables:
            column = _tenant_column(table)
            if column is not None:
                found += _survey_table(connection, table, column, settings, least_rows)
    connection.rollback()
    return found


def _tenant_column(table: Table) -> str | None:
    """The column that says by itself whose a row is."""
    parts = conjuncts(classification_of(table).scope) if is_classified(table) else ()
    return next((part.column for part in parts if isinstance(part, TenantColumn)), None)


def _survey_table(
    connection: Connection, table: Table, column: str, settings: Settings, least_rows: int
) -> Iterator[OwnIndex]:
    schema = table.schema or str(connection.dialect.default_schema_name)
    name = identifier(schema, table.name)
    shared = _all(connection, "shared", table=name)
    own = {one.name: one for one in _all(connection, "own", table=name, prefix=PREFIX)}
    # The owner is held by the policies, and so does not see how often values occur.
    connection.execute(ddl(f"SET LOCAL ROLE {identifier(settings.system_role)}"))
    tenants = _all(connection, "tenants", schema=schema, table=table.name, column=column)
    connection.execute(ddl(f"SET LOCAL ROLE {identifier(settings.owner_role)}"))
    kept = set()
    for index in shared:
        for tenant in tenants:
            own_name, rows = _name(schema, index.name, tenant.tenant), round(tenant.share * index.all_rows)
            valid = own_name in own and own[own_name].valid
            if rows < least_rows * (_KEPT if valid else 1):
                continue
            condition = f"{identifier(column)} = {literal(tenant.tenant)}"
            options = f" WITH ({index.options})" if index.options else ""
            sql = (
                f"CREATE INDEX CONCURRENTLY {identifier(own_name)} ON {name} USING hnsw "
                f"({index.vectors} {index.operators}){options} WHERE {condition}"
            )
            kept |= {own_name} if valid else set()
            action = Action.KEEP if valid else Action.CREATE
            yield OwnIndex(schema, table.name, own_name, condition, rows, action, "" if valid else sql)
    # After a restore, until the first ANALYZE.
    unknown = any(not index.all_rows for index in shared)
    for one in own.values():
        if one.name not in kept:
            drop = not (unknown and one.valid)
            action, sql = (Action.DROP, _drop(schema, one.name)) if drop else (Action.KEEP, "")
            yield OwnIndex(schema, table.name, one.name, one.condition, round(one.rows), action, sql)


def _all(connection: Connection, name: str, **parameters: str) -> list[Any]:
    sql = text(statement("tenancy.session.vectors", "own_indexes.sql", name))
    return list(connection.execute(sql, parameters))


def _name(schema: str, shared: str, tenant: str) -> str:
    """The name of a tenant's index: the same each time, and no tenant's id, since plans show names."""
    return PREFIX + sha256("\0".join((schema, shared, tenant)).encode()).hexdigest()[:24]


def _drop(schema: str, name: str) -> str:
    return f"DROP INDEX CONCURRENTLY IF EXISTS {identifier(schema, name)}"


@asynccontextmanager
async def _owner(settings: Settings) -> AsyncIterator[AsyncConnection]:
    """A connection of the owner whose statements are transactions of their own, as CONCURRENTLY asks for."""
    async with one_owner_connection(url_of(settings, "owner"), settings) as connection:
        yield await connection.execution_options(isolation_level="AUTOCOMMIT")


async def surveyed(metadata: Iterable[MetaData], settings: Settings, least_rows: int) -> list[OwnIndex]:
    """`survey` on a connection of its own."""
    async with one_owner_connection(url_of(settings, "owner"), settings) as connection:
        return await connection.run_sync(survey, metadata, settings, least_rows)


async def apply(indexes: Iterable[OwnIndex], settings: Settings) -> AsyncIterator[OwnIndex]:
    """Makes and drops indexes, and gives each before it is begun. What was cut short is removed.

    Args:
        indexes: what `surveyed` found.
        settings: the owner's URL and role.
    """
    # What is to be made anew is among what is dropped.
    for one in sorted(indexes, key=lambda one: one.action is not Action.DROP):
        if not one.sql:
            continue
        yield one
        try:
            async with _owner(settings) as connection:
                await connection.execute(ddl(one.sql))
        except BaseException:
            # An index that was not finished is invalid: no search uses it, and every write fills it.
            if one.action is Action.CREATE:
                async with _owner(settings) as connection:
                    await connection.execute(ddl(_drop(one.schema, one.name)))
            raise
