"""The rows of both parties: made, inserted, and, where they were committed, removed at the end whatever happens."""

from __future__ import annotations

import asyncio
import re
import reprlib
import secrets
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    delete,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from tenancy.errors import ProofError
from tenancy.prove.belonging import identity_columns
from tenancy.prove.closure import is_common, with_parents
from tenancy.prove.ground import become
from tenancy.prove.parties import Parties, new_parties
from tenancy.prove.rows import Row, RowMaker, ValueFactories
from tenancy.prove.sql import column_names, parameters, relation
from tenancy.prove.target import Target, is_row, key_of
from tenancy.prove.transaction import refusal
from tenancy.session.owner import one_connection
from tenancy.session.system import record_of
from tenancy.settings import Settings

_ROWS_PER_PARTY = 2
_BYPASSES = text("SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user")


@dataclass(frozen=True)
class Seeds:
    """The rows of new tenants and users for some tables and those that they refer to."""

    targets: dict[Table, Target]
    #: In an order in which they can be inserted.
    rows: list[tuple[Table, Row]]


def make_seeds(tables: Collection[Table], values: ValueFactories | None = None) -> Seeds:
    """Makes the rows of both parties.

    Args:
        tables: of one metadata or of several.
        values: own values for columns, see `sample_rows`.

    Raises:
        ProofError: a table cannot be filled.
    """
    seeds = Seeds({}, [])
    for metadata in dict.fromkeys(table.metadata for table in tables):
        chosen = [table for table in tables if table.metadata is metadata]
        targets, rows = _targets(metadata, new_parties(metadata), chosen, values)
        seeds.targets.update(targets)
        seeds.rows.extend(rows)
    return seeds


async def insert_seeds(connection: AsyncConnection, settings: Settings, seeds: Seeds) -> None:
    """Inserts the rows, as the system role or as a superuser.

    Raises:
        ProofError: PostgreSQL refuses a row; it names table, columns and constraint.
    """
    await _become_privileged(connection, settings, "isolation proof: makes its rows")
    for table, row in seeds.rows:
        await _insert(connection, table, row)


@asynccontextmanager
async def committed(url: str, settings: Settings, seeds: Seeds) -> AsyncIterator[None]:
    """Commits the rows, so that other connections see them, and removes them again.

    Args:
        url: of a superuser, or of a login that can become the system role; its use is recorded as `db.system()`'s is.
        settings: the names of the roles.
        seeds: the rows.

    Raises:
        ProofError: PostgreSQL refuses a row, or a row was gone when it should have been removed.
    """
    inserting = asyncio.create_task(_commit(url, settings, seeds))
    try:
        # Shielded: whether the rows are there is known only once the commit is answered.
        await asyncio.shield(inserting)
        yield
    finally:
        await asyncio.wait([inserting])
        if inserting.exception() is None:
            # Shielded: a test run that is interrupted leaves nothing behind either.
            await asyncio.shield(_remove(url, settings, seeds))


async def insert_rows(connection: AsyncConnection, table: Table, rows: Iterable[Row]) -> None:
    """Inserts sample rows.

    Args:
        connection: of a role that row-level security does not hold.
        table: their table.
        rows: as `sample_rows` makes them.

    Raises:
        ProofError: PostgreSQL refuses a row; it names table, columns and constraint.
    """
    for row in rows:
        await _insert(connection, table, row)


def _targets(
    metadata: MetaData, parties: Parties, chosen: Iterable[Table], values: ValueFactories | None
) -> tuple[dict[Table, Target], list[tuple[Table, Row]]]:
    needed = with_parents(chosen)
    identities = identity_columns(metadata.tables.values())
    inserted: list[tuple[Table, Row]] = []
    common: dict[Table, list[Row]] = {}
    makers: list[RowMaker] = []
    for principal in (parties.attacker, parties.victim):
        # Reference data is made once: the second party refers to the rows of the first.
        maker = RowMaker(
            metadata, principal, seed=secrets.token_hex(8), tables=needed, existing=dict(common), values=values
        )
        for table in maker.order:
            inserted += [(table, row) for row in maker.fill(table, _ROWS_PER_PARTY)]
        if not makers:
            common = {table: maker.rows[table] for table in needed if is_common(table, identities)}
        makers.append(maker)
    attacker, victim = makers
    targets = {
        table: Target(
            table,
            parties,
            own=() if table in common else tuple(attacker.rows[table]),
            others=() if table in common else tuple(victim.rows[table]),
            common=tuple(common.get(table, ())),
            own_spare=attacker.spare(table),
            other_spare=victim.spare(table),
        )
        for table in needed
    }
    return targets, inserted


async def _become_privileged(connection: AsyncConnection, settings: Settings, reason: str) -> None:
    """For the rest of the transaction somebody whom row-level security does not hold; recorded as `db.system()` is."""
    if not await connection.scalar(_BYPASSES):
        await become(connection, settings.system_role)
        await connection.execute(record_of(reason, "tenancy prove"))


async def _insert(connection: AsyncConnection, table: Table, row: Row) -> None:
    names = ", ".join(column_names(table, row))
    placeholders = ", ".join(f":value_{number}" for number in range(len(row)))
    # Keys are known beforehand, those of identity columns too.
    sql = f"INSERT INTO {relation(table)} ({names}) OVERRIDING SYSTEM VALUE VALUES ({placeholders})"  # noqa: S608
    try:
        result = await connection.execute(text(sql).bindparams(*parameters(table, row)))
    except DBAPIError as error:
        raise ProofError(_why_not_filled(table, row, error)) from error
    if result.rowcount != 1:
        raise ProofError(f"{table.fullname} did not keep its sample row: a trigger or a rule swallowed it.")


def _why_not_filled(table: Table, row: Row, error: DBAPIError) -> str:
    driver: Any = getattr(error.orig, "__cause__", None)
    answer = refusal(error, f"INSERT INTO {table.fullname}")
    columns = _columns_at_fault(table, getattr(driver, "constraint_name", None), getattr(driver, "column_name", None))
    # Of a value out of range PostgreSQL does not say where it stands: it is one of all.
    values = {f"{table.fullname}.{one.name}": row.get(one.key) for one in columns or table.columns if one.key in row}
    example = next(iter(values), table.fullname)
    shown = ", ".join(f"{name} = {reprlib.repr(value)}" for name, value in values.items())
    return (
        f"{table.fullname} cannot be filled: PostgreSQL refuses the sample value of {shown}: {answer}. "
        f'Give a value of your own: values={{"{example}": lambda random: ...}}.'
    )


def _columns_at_fault(table: Table, constraint: str | None, column: str | None) -> list[Column[Any]]:
    for one in table.constraints:
        if constraint is not None and one.name == constraint:
            if isinstance(one, CheckConstraint):
                # Written as text, a check has no columns that SQLAlchemy knows; for a message its words will do.
                words = re.findall(r"\w+", str(one.sqltext))
                return [column for column in table.columns if column.name in words]
            if isinstance(one, UniqueConstraint | PrimaryKeyConstraint | ForeignKeyConstraint):
                return list(one.columns)
    return [one for one in table.columns if one.name == column]


async def _commit(url: str, settings: Settings, seeds: Seeds) -> None:
    async with one_connection(url, settings) as connection, connection.begin():
        await insert_seeds(connection, settings, seeds)


async def _remove(url: str, settings: Settings, seeds: Seeds) -> None:
    missing = 0
    async with one_connection(url, settings) as connection, connection.begin():
        await _become_privileged(connection, settings, "isolation proof: removes its rows")
        for table, row in reversed(seeds.rows):
            result = await connection.execute(delete(table).where(is_row(table, key_of(table), row)))
            missing += result.rowcount != 1
    if missing:
        raise ProofError(f"{missing} of {len(seeds.rows)} sample rows were gone at the end: something deleted them.")
