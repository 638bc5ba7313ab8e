"""Runs the attacks: on every table that one applies to, with rows of both parties, and never in vain."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple, TypeVar

from sqlalchemy import MetaData, Table, text

from tenancy.errors import ConfigurationError, ProofError
from tenancy.prove.attack import Attack, all_attacks
from tenancy.prove.controls import assert_reachable, assert_unprivileged
from tenancy.prove.ground import Attempt, Ground
from tenancy.prove.report import Outcome, Report
from tenancy.prove.rows import ValueFactories
from tenancy.prove.seeding import seeded
from tenancy.prove.transaction import Leaked
from tenancy.schema.loading import as_list
from tenancy.session.database import Database
from tenancy.session.urls import url_of

_T = TypeVar("_T")
_SERVER = text("SELECT current_setting('server_version'), current_user")


class Pair(NamedTuple):
    """One attack on one table."""

    attack: Attack
    table: Table

    def __str__(self) -> str:
        return f"{self.attack.name}[{self.table.fullname}]"


def pairs(
    metadata: MetaData | Sequence[MetaData],
    *,
    tables: Iterable[str] | None = None,
    attacks: Iterable[str] | None = None,
) -> list[Pair]:
    """Every attack on every table that it applies to; no database is asked.

    Args:
        metadata: made by `tenancy.metadata()`.
        tables: only these, as "schema.table".
        attacks: only these, by name.

    Raises:
        ConfigurationError: there is no such table or attack.
    """
    declared = {table.fullname: table for one in as_list(metadata) for table in one.sorted_tables}
    known = {attack.name: attack for attack in all_attacks()}
    return [
        Pair(attack, table)
        for table in _chosen(declared, tables, "table")
        for attack in _chosen(known, attacks, "attack")
        if attack.applies_to(table)
    ]


class Proof:
    """A seeded database in which attacks can be tried one by one."""

    def __init__(self, ground: Ground, server_version: str, role: str) -> None:
        self._ground = ground
        self.server_version = server_version
        self.role = role

    async def attempt(self, pair: Pair) -> Outcome:
        """Tries one attack on one table.

        Raises:
            ProofError: it could not be tried.
        """
        attempt = Attempt(self._ground, self._ground.targets[pair.table])
        started = time.perf_counter()
        try:
            await pair.attack.attempt(attempt)
        except Leaked:
            held = False
        else:
            held = True
        if not any(evidence.expected != "done" for evidence in attempt.evidence):
            raise ProofError(f"{pair} tried nothing.")
        return Outcome(
            pair.attack.name, pair.table.fullname, held, tuple(attempt.evidence), time.perf_counter() - started
        )


@asynccontextmanager
async def prepared(
    database: Database,
    metadata: MetaData | Sequence[MetaData],
    *,
    seeding_url: str | None = None,
    owner_url: str | None = None,
    tables: Iterable[str] | None = None,
    values: ValueFactories | None = None,
) -> AsyncIterator[Proof]:
    """Seeds the tables, makes sure that attacks on them say something, and removes the rows at the end.

    Arguments and errors as for `prove`.
    """
    settings = database.settings
    ground = Ground(database, owner_url or url_of(settings, "owner"))
    chosen = {pair.table for pair in pairs(metadata, tables=tables)}
    by_metadata = {one: [table for table in one.sorted_tables if table in chosen] for one in as_list(metadata)}
    try:
        async with seeded(seeding_url or url_of(settings, "system"), settings, by_metadata, values) as targets:
            ground.targets = targets
            await assert_unprivileged(ground, list(targets.values()))
            for table in chosen:
                await assert_reachable(ground, targets[table])
            async with database.engine.connect() as connection:
                version, role = (await connection.execute(_SERVER)).one()
            yield Proof(ground, version, role)
    finally:
        await ground.close()


async def prove(
    database: Database,
    metadata: MetaData | Sequence[MetaData],
    *,
    seeding_url: str | None = None,
    owner_url: str | None = None,
    tables: Iterable[str] | None = None,
    attacks: Iterable[str] | None = None,
    values: ValueFactories | None = None,
) -> Report:
    """Tries every attack on every table.

    Everything happens on rows that the proof makes for tenants of its own and removes at the end; every attack is
    rolled back. Existing rows are neither needed nor touched.

    Args:
        database: as services have it, of the application's role.
        metadata: made by `tenancy.metadata()`; the database must be migrated to it.
        seeding_url: makes the rows: a superuser, or a login of the system role; by default the setting `system_url`.
        owner_url: for attacks by way of the owner; by default the setting `owner_url`. A superuser's lets them go on as
            the application role as well.
        tables: only these, as "schema.table".
        attacks: only these, by name.
        values: own sample values by "schema.table.column", for constraints that the types do not tell.

    Raises:
        ProofError: the proof could not be made: the application's role is privileged, a table cannot be filled, or a
            tenant does not reach its own rows.
        ConfigurationError: there is no such table or attack, or a URL is missing.
    """
    started = time.perf_counter()
    names = None if tables is None else list(tables)
    chosen = pairs(metadata, tables=names, attacks=attacks)
    async with prepared(
        database, metadata, seeding_url=seeding_url, owner_url=owner_url, tables=names, values=values
    ) as proof:
        outcomes = [await proof.attempt(pair) for pair in chosen]
    return Report(tuple(outcomes), proof.server_version, proof.role, time.perf_counter() - started)


def _chosen(known: Mapping[str, _T], names: Iterable[str] | None, what: str) -> list[_T]:
    if names is None:
        return list(known.values())
    names = list(names)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ConfigurationError(f"There is no {what} {', '.join(unknown)}. There are: {', '.join(sorted(known))}.")
    return [known[name] for name in names]
