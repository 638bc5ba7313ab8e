"""Tests the proof itself: breaks what protects the tables, one wall at a time, and demands that it turns red.

A mutation counts as killed only by an attack, or a control, that is there for it: that something else turned red too
says nothing about whether the proof knows this mistake.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from sqlalchemy import MetaData, Table, make_url
from sqlalchemy.exc import DBAPIError

from tenancy.errors import ConfigurationError, ProofError
from tenancy.prove.attack import Attack, all_attacks
from tenancy.prove.controls import assert_reachable, assert_unprivileged
from tenancy.prove.ground import Attempt, RolledBackGround
from tenancy.prove.mutation import REACHABLE, UNPRIVILEGED, Mutation, Variant, Wall, all_mutations
from tenancy.prove.report import WHOLE_DATABASE, MutationOutcome
from tenancy.prove.rows import ValueFactories
from tenancy.prove.runner import chosen_of, chosen_tables
from tenancy.prove.seeding import insert_seeds, make_seeds
from tenancy.prove.target import Target
from tenancy.prove.transaction import Evidence, Leaked, refusal
from tenancy.schema.loading import as_list
from tenancy.security.derive import derive
from tenancy.session.database import Database
from tenancy.session.urls import roles_of, url_of


class Mutant(NamedTuple):
    """One variant of one mutation on one table, or on the database."""

    name: str
    table: Table | None
    variant: Variant

    @property
    def subject(self) -> str:
        return WHOLE_DATABASE if self.table is None else self.table.fullname


class Laboratory:
    """A seeded database in which walls can be broken one by one, and stand again afterwards."""

    def __init__(self, ground: RolledBackGround, mutants: Sequence[Mutant]) -> None:
        self.ground = ground
        self.mutants = mutants
        self._attacks = {attack.name: attack for attack in all_attacks()}

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
                    if seen is not None:
                        killed_by = name
                        evidence += seen
                        break
        except DBAPIError as error:
            answer = refusal(error, "; ".join(mutant.variant.statements))
            raise ProofError(f"{mutant.name} on {mutant.subject} could not be made: {answer}") from error
        return MutationOutcome(mutant.name, mutant.subject, killed_by, tuple(evidence), time.perf_counter() - started)

    async def _turns_red(self, name: str, mutant: Mutant) -> Sequence[Evidence] | None:
        """What gave it away; None where the attack or control holds."""
        if name in (REACHABLE, UNPRIVILEGED):
            try:
                await self._control(name, mutant.table)
            except ProofError as error:
                return [Evidence(f"-- control: {name}", "passes", str(error), as_expected=False)]
            return None
        attack = self._attack(name, mutant)
        attempt = Attempt(self.ground, self._target(mutant.table) if attack.applies_to else None)
        try:
            await attack.attempt(attempt)
        except Leaked:
            return attempt.evidence
        return None

    async def _control(self, name: str, table: Table | None) -> None:
        if name == UNPRIVILEGED:
            await assert_unprivileged(
                self.ground, self.ground.targets.values() if table is None else [self._target(table)]
            )
        else:
            await assert_reachable(self.ground, self._target(table))

    def _attack(self, name: str, mutant: Mutant) -> Attack:
        attack = self._attacks.get(name)
        if attack is None or attack.committed:
            raise ConfigurationError(
                f"{mutant.name} is to be caught by {name}, and there is no such attack that needs no committed rows."
            )
        return attack

    def _target(self, table: Table | None) -> Target:
        if table is None:
            raise ConfigurationError("A mutation of the database as a whole cannot be caught by an attack on a table.")
        return self.ground.targets[table]


@asynccontextmanager
async def laboratory(
    database: Database,
    metadata: MetaData | Sequence[MetaData],
    *,
    admin_url: str | None = None,
    tables: Iterable[str] | None = None,
    mutations: Iterable[str] | None = None,
    values: ValueFactories | None = None,
) -> AsyncIterator[Laboratory]:
    """Seeds the tables in a transaction that is rolled back, and says which mutants there are.

    Breaking takes exclusive locks for as long as the transaction lasts: use a database that nobody else does.

    Args:
        database: as services have it.
        metadata: made by `tenancy.metadata()`; the database must be migrated to it.
        admin_url: of a superuser; by default the setting `owner_url`.
        tables: only these, as "schema.table".
        mutations: only these, by name.
        values: own sample values, see `prove`.

    Raises:
        ProofError: a table cannot be filled, or the URL is no superuser's.
        ConfigurationError: there is no such table or mutation, or a URL is missing.
    """
    chosen = chosen_tables(metadata, tables)
    known = {mutation.name: mutation for mutation in all_mutations()}
    chosen_mutations = chosen_of(known, mutations, "mutation")
    seeds = make_seeds({one: [t for t in chosen if t.metadata is one] for one in as_list(metadata)}, values)
    async with RolledBackGround.open(database, admin_url or url_of(database.settings, "owner")) as ground:
        if not ground.superuser:
            raise ProofError("Mutations break what only a superuser may: name an administrator's URL.")
        await insert_seeds(ground.connection, database.settings, seeds)
        ground.targets = seeds.targets
        yield Laboratory(ground, list(_mutants(ground, metadata, chosen, chosen_mutations)))


async def mutate(
    database: Database,
    metadata: MetaData | Sequence[MetaData],
    *,
    admin_url: str | None = None,
    tables: Iterable[str] | None = None,
    mutations: Iterable[str] | None = None,
    values: ValueFactories | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[MutationOutcome, ...]:
    """Every mutation on every table that it applies to; `progress` is called with how many are done, of how many.

    Other arguments and errors as for `laboratory`.
    """
    outcomes = []
    async with laboratory(
        database, metadata, admin_url=admin_url, tables=tables, mutations=mutations, values=values
    ) as lab:
        for mutant in lab.mutants:
            outcomes.append(await lab.try_mutant(mutant))
            if progress is not None:
                progress(len(outcomes), len(lab.mutants))
    return tuple(outcomes)


def _mutants(
    ground: RolledBackGround,
    metadata: MetaData | Sequence[MetaData],
    tables: Iterable[Table],
    mutations: Sequence[Mutation],
) -> Iterator[Mutant]:
    settings = ground.database.settings
    roles = roles_of(settings)
    login = make_url(url_of(settings, "application")).username or roles.application
    security = derive(as_list(metadata), roles)
    for table in (None, *tables):
        target = None if table is None else ground.targets[table]
        protected = None if table is None else security.tables[table.schema or "public", table.name]
        wall = Wall(roles, login, target, protected)
        for mutation in mutations:
            if (
                (mutation.applies_to is None)
                if table is None
                else (mutation.applies_to is not None and mutation.applies_to(table))
            ):
                for name, variant in mutation.of(wall):
                    yield Mutant(name, table, variant)
