"""Runs the attacks: on every table that one applies to, with rows of both parties, and never in vain."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from sqlalchemy import MetaData, Table, text

from tenancy.errors import ProofError
from tenancy.prove.attack import Attack, all_attacks
from tenancy.prove.choosing import chosen_of
from tenancy.prove.controls import assert_reachable, assert_unprivileged
from tenancy.prove.ground import CommittedGround, Ground, RolledBackGround
from tenancy.prove.progress import Progress, silent
from tenancy.prove.report import Outcome, Report, subject_of
from tenancy.prove.rows import ValueFactories
from tenancy.prove.seeding import Seeds, committed, insert_seeds, make_seeds
from tenancy.prove.transaction import Leaked
from tenancy.schema.loading import as_list
from tenancy.session.database import Database
from tenancy.session.urls import url_of

_SERVER = text("SELECT current_setting('server_version'), current_user")


class Pair(NamedTuple):
    """One attack on one table, or, where there is none, on the database as a whole."""

    attack: Attack
    table: Table | None

    @property
    def subject(self) -> str:
        """What is attacked: "schema.table", or `WHOLE_DATABASE`."""
        return subject_of(self.table)

    def __str__(self) -> str:
        return f"{self.attack.name}[{self.subject}]"


def pairs(
    metadata: MetaData | Sequence[MetaData],
    *,
    tables: Iterable[str] | None = None,
    attacks: Iterable[str] | None = None,
) -> list[Pair]:
    """Every attack on every table that it applies to, and those on the database; no database is asked.

    Args:
        metadata: made by `tenancy.metadata()`.
        tables: only these, as "schema.table".
        attacks: only these, by name.

    Raises:
        ConfigurationError: there is no such table or attack.
    """
    known = {attack.name: attack for attack in all_attacks()}
    chosen = chosen_of(known, attacks, "attack")
    on_database = [Pair(attack, None) for attack in chosen if attack.applies_to is None]
    return on_database + [
        Pair(attack, table)
        for table in chosen_tables(metadata, tables)
        for attack in chosen
        if attack.applies_to is not None and attack.applies_to(table)
    ]


class Proof:
    """A seeded database in which attacks can be tried one by one."""

    def __init__(self, ground: Ground, server_version: str, role: str) -> None:
        self._ground = ground
        self.server_version = server_version
        self.role = role

    def can_try(self, pair: Pair) -> bool:
        """Whether the attack's rows are where it needs them: some need rows that other connections see."""
        return isinstance(self._ground, CommittedGround) or not pair.attack.committed

    async def attempt(self, pair: Pair) -> Outcome:
        """Tries one attack on one table.

        Raises:
            ProofError: it could not be tried.
        """
        attempt = self._ground.attempt(pair.table)
        started = time.perf_counter()
        try:
            await pair.attack.attempt(attempt)
        except Leaked:
            held = False
        else:
            held = True
        if not any(evidence.expected != "done" for evidence in attempt.evidence):
            raise ProofError(f"{pair} tried nothing.")
        return Outcome(pair.attack.name, pair.subject, held, tuple(attempt.evidence), time.perf_counter() - started)


@asynccontextmanager
async def prepared(
    database: Database,
    metadata: MetaData | Sequence[MetaData],
    *,
    commit: bool = False,
    seeding_url: str | None = None,
    owner_url: str | None = None,
    tables: Iterable[str] | None = None,
    values: ValueFactories | None = None,
) -> AsyncIterator[Proof]:
    """Seeds the tables and makes sure that attacks on them say something; at the end the rows are gone.

    Arguments and errors as for `prove`.
    """
    chosen = chosen_tables(metadata, tables)
    seeds = make_seeds(chosen, values)
    async with _ground(database, seeds, commit, seeding_url, owner_url) as ground:
        ground.targets = seeds.targets
        await assert_unprivileged(ground, seeds.targets.values())
        for table in chosen:
            await assert_reachable(ground, seeds.targets[table])
        async with ground.login() as connection:
            version, role = (await connection.execute(_SERVER)).one()
        yield Proof(ground, version, role)


@asynccontextmanager
async def _ground(
    database: Database, seeds: Seeds, commit: bool, seeding_url: str | None, owner_url: str | None
) -> AsyncIterator[Ground]:
    settings = database.settings
    owner_url = owner_url or url_of(settings, "owner")
    if not commit:
        async with RolledBackGround.open(database, owner_url) as rolled_back:
            await insert_seeds(rolled_back.connection, settings, seeds)
            yield rolled_back
        return
    async with (
        committed(seeding_url or url_of(settings, "system"), settings, seeds),
        CommittedGround.open(database, owner_url) as ground,
    ):
        yield ground


async def prove(
    database: Database,
    metadata: MetaData | Sequence[MetaData],
    *,
    commit: bool = False,
    seeding_url: str | None = None,
    owner_url: str | None = None,
    tables: Iterable[str] | None = None,
    attacks: Iterable[str] | None = None,
    values: ValueFactories | None = None,
    progress: Progress = silent,
) -> Report:
    """Tries every attack on every table, on rows of its own. Existing rows are neither needed nor touched.

    Args:
        database: as services have it, of the application's role.
        metadata: made by `tenancy.metadata()`; the database must be migrated to it.
        commit: by default all happens in one transaction that is rolled back. Attacks by other connections and
            sessions need rows that these can see: with `commit` the rows are committed, and removed at the end.
        seeding_url: makes the rows that are committed: a superuser, or a login of the system role; by default the
            setting `system_url`.
        owner_url: a superuser, or a login of the owner's role; by default the setting `owner_url`. Without `commit` it
            makes the rows and attacks as well, and must be a member of all three roles.
        tables: only these, as "schema.table".
        attacks: only these, by name.
        values: own sample values by "schema.table.column", for constraints that the types do not tell.
        progress: is told how far it is.

    Raises:
        ProofError: the proof could not be made: the application's role is privileged, a table cannot be filled, or a
            tenant does not reach its own rows.
        ConfigurationError: there is no such table or attack, or a URL is missing.
    """
    started = time.perf_counter()
    names = None if tables is None else list(tables)
    chosen = pairs(metadata, tables=names, attacks=attacks)
    async with prepared(
        database,
        metadata,
        commit=commit,
        seeding_url=seeding_url,
        owner_url=owner_url,
        tables=names,
        values=values,
    ) as proof:
        tried = [pair for pair in chosen if proof.can_try(pair)]
        outcomes = []
        for pair in tried:
            outcomes.append(await proof.attempt(pair))
            progress("attacks", len(outcomes), len(tried))
    left_out = dict.fromkeys(pair.attack.name for pair in chosen if not proof.can_try(pair))
    return Report(
        tuple(outcomes), proof.server_version, proof.role, time.perf_counter() - started, left_out=tuple(left_out)
    )


def chosen_tables(metadata: MetaData | Sequence[MetaData], names: Iterable[str] | None) -> list[Table]:
    """The tables of some metadata, or those of them that are named.

    Raises:
        ConfigurationError: there is no such table.
    """
    declared = {table.fullname: table for one in as_list(metadata) for table in one.sorted_tables}
    return chosen_of(declared, names, "table")
