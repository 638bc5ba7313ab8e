"""Tests the proof itself: breaks what protects the tables, one wall at a time, and demands that it turns red.

A mutation counts as killed only by an attack, or a control, that is there for it: that something else turned red too
says nothing about whether the proof knows this mistake. And it counts which policies the attacks make PostgreSQL ask:
one that was never asked was never tried.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from sqlalchemy import MetaData, Table, make_url
from sqlalchemy.exc import DBAPIError

from tenancy.errors import ConfigurationError, ProofError
from tenancy.prove.attack import all_attacks
from tenancy.prove.choosing import chosen_of
from tenancy.prove.controls import assert_reachable, assert_unprivileged
from tenancy.prove.coverage import count_policies, counted_policies
from tenancy.prove.ground import RolledBackGround
from tenancy.prove.mutation import REACHABLE, UNPRIVILEGED, Mutation, Variant, Wall, all_mutations
from tenancy.prove.progress import Progress, silent
from tenancy.prove.report import MutationOutcome, PolicyUse, subject_of
from tenancy.prove.rows import ValueFactories
from tenancy.prove.runner import chosen_tables, pairs
from tenancy.prove.seeding import insert_seeds, make_seeds
from tenancy.prove.transaction import Evidence, Leaked, refusal
from tenancy.schema.loading import as_list
from tenancy.security.derive import derive
from tenancy.security.values import TableSecurity
from tenancy.session.database import Database
from tenancy.session.urls import roles_of, url_of


class Mutant(NamedTuple):
    """One variant of one mutation on one table, or on the database."""

    name: str
    mutation: Mutation
    table: Table | None
    variant: Variant

    @property
    def subject(self) -> str:
        """What is broken: "schema.table", or `WHOLE_DATABASE`."""
        return subject_of(self.table)

    def __str__(self) -> str:
        return f"{self.name}[{self.subject}]"


class Laboratory:
    """Seeded tables of which each wall can be broken, and stands again afterwards."""

    def __init__(
        self, ground: RolledBackGround, tables: Sequence[Table], walls: Sequence[tuple[Table | None, Wall]]
    ) -> None:
        self.ground = ground
        self._tables = tables
        self._walls = walls
        self._attacks = {attack.name: attack for attack in all_attacks()}

    def mutants(self, names: Iterable[str] | None = None) -> list[Mutant]:
        """What can be broken, by all mutations or by those that are named.

        Raises:
            ConfigurationError: there is no such mutation.
        """
        chosen = chosen_of({one.name: one for one in all_mutations()}, names, "mutation")
        return [mutant for table, wall in self._walls for one in chosen for mutant in _mutants(one, table, wall)]

    async def try_mutant(self, mutant: Mutant) -> MutationOutcome:
        """Breaks one wall, and tries the attacks that are there for it until one turns red.

        Raises:
            ProofError: it could not be broken, or an attack could not be tried.
        """
        started = time.perf_counter()
        evidence = [Evidence(sql, "done", "done", as_expected=True) for sql in mutant.variant.statements]
        killed_by = None
        try:
            async with self.ground.savepoint(*mutant.variant.statements):
                for name in mutant.variant.caught_by:
                    seen = await self._turns_red(name, mutant)
                    if seen:
                        killed_by = name
                        evidence += seen
                        break
        except DBAPIError as error:
            answer = refusal(error, "; ".join(mutant.variant.statements))
            raise ProofError(f"{mutant} could not be made: {answer}") from error
        return MutationOutcome(mutant.name, mutant.subject, killed_by, tuple(evidence), time.perf_counter() - started)

    async def count_policies(self, progress: Progress = silent) -> tuple[PolicyUse, ...]:
        """Tries every attack that needs no committed rows, and says how often each policy was asked."""
        names = [table.fullname for table in self._tables]
        metadata = list(dict.fromkeys(table.metadata for table in self._tables))
        tried = [pair for pair in pairs(metadata, tables=names) if not pair.attack.committed]
        secured = [wall.security for _, wall in self._walls if wall.security is not None]
        async with self.ground.savepoint() as connection:
            await count_policies(connection, secured, roles_of(self.ground.database.settings))
            for number, pair in enumerate(tried, 1):
                # Counted is what was asked; whether it holds, the proof says.
                with suppress(Leaked):
                    await pair.attack.attempt(self.ground.attempt(pair.table))
                progress("policies", number, len(tried))
            return await counted_policies(connection)

    async def _turns_red(self, name: str, mutant: Mutant) -> list[Evidence]:
        """What gave the mutant away; nothing where the attack or control holds."""
        if name in (REACHABLE, UNPRIVILEGED):
            try:
                await self._control(name, mutant.table)
            except ProofError as error:
                return [Evidence(f"-- control: {name}", "passes", str(error), as_expected=False)]
            return []
        attack = self._attacks.get(name)
        if attack is None or attack.committed:
            raise ConfigurationError(f"{mutant} is to be caught by {name}: no attack of this name can be tried here.")
        attempt = self.ground.attempt(mutant.table if attack.applies_to else None)
        with suppress(Leaked):
            await attack.attempt(attempt)
            return []
        return attempt.evidence

    async def _control(self, name: str, table: Table | None) -> None:
        targets = self.ground.targets.values() if table is None else [self.ground.targets[table]]
        if name == UNPRIVILEGED:
            await assert_unprivileged(self.ground, targets)
        else:
            for target in targets:
                await assert_reachable(self.ground, target)


@asynccontextmanager
async def laboratory(
    database: Database,
    metadata: MetaData | Sequence[MetaData],
    *,
    admin_url: str | None = None,
    tables: Iterable[str] | None = None,
    values: ValueFactories | None = None,
) -> AsyncIterator[Laboratory]:
    """Seeds the tables in a transaction that is rolled back.

    Breaking takes exclusive locks for as long as the transaction lasts: use a database that nobody else does.

    Args:
        database: as services have it.
        metadata: made by `tenancy.metadata()`; the database must be migrated to it.
        admin_url: of a superuser; by default the setting `owner_url`.
        tables: only these, as "schema.table".
        values: own sample values, see `prove`.

    Raises:
        ProofError: a table cannot be filled, or the URL is no superuser's.
        ConfigurationError: there is no such table, or a URL is missing.
    """
    settings = database.settings
    chosen = chosen_tables(metadata, tables)
    seeds = make_seeds(chosen, values)
    roles = roles_of(settings)
    login = make_url(url_of(settings, "application")).username or roles.application
    secured = derive(as_list(metadata), roles).tables

    def security(table: Table) -> TableSecurity:
        return secured[table.schema or "public", table.name]

    async with RolledBackGround.open(database, admin_url or url_of(settings, "owner")) as ground:
        if not ground.superuser:
            raise ProofError("Mutations break what only a superuser may: name an administrator's URL.")
        await insert_seeds(ground.connection, settings, seeds)
        ground.targets = seeds.targets
        walls: list[tuple[Table | None, Wall]] = [(None, Wall(roles, login))]
        walls += [(table, Wall(roles, login, seeds.targets[table], security(table))) for table in chosen]
        yield Laboratory(ground, chosen, walls)


def _mutants(mutation: Mutation, table: Table | None, wall: Wall) -> Iterator[Mutant]:
    applies = mutation.applies_to is None if table is None else mutation.applies_to and mutation.applies_to(table)
    if applies:
        for name, variant in mutation.of(wall):
            yield Mutant(name, mutation, table, variant)
