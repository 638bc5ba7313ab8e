"""`prove_isolation()`: one test for each attack on each table, and the seeded database that they share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from sqlalchemy import MetaData

from tenancy.errors import TenancyError
from tenancy.integrations.pytest.failures import explained
from tenancy.prove import Outcome, Pair, Proof, pairs, prepared
from tenancy.prove.rows import ValueFactories
from tenancy.schema.loading import as_list
from tenancy.session.database import Database

#: On the reports of isolation tests, for JUnit and for the summary: the attack and the table.
PAIR_PROPERTY = "tenancy_pair"
#: What `prove_isolation` returned while a test module was imported, and pytest has not made tests of.
uncollected: list[Callable[..., None]] = []
#: Of a proof that is not assigned to a name.
DEFAULT_NAME = "test_isolation"
UNCOLLECTED = (
    "prove_isolation() was called, but pytest does not collect its tests. Assign them to a name of the module that "
    "pytest takes for a test's: `test_isolation = prove_isolation(Base.metadata)`."
)


@dataclass(frozen=True)
class Subject:
    """What one line of `prove_isolation` is about; lines about the same share one seeding."""

    metadata: tuple[MetaData, ...]
    tables: tuple[str, ...] | None
    values: tuple[tuple[str, Callable[..., object]], ...]


def prove_isolation(
    metadata: MetaData | Sequence[MetaData],
    *,
    tables: Iterable[str] | None = None,
    attacks: Iterable[str] | None = None,
    values: ValueFactories | None = None,
) -> Callable[..., None]:
    """A test for each attack on each table that it concerns, for a test module.

    ```python
    test_isolation = prove_isolation(Base.metadata)
    ```

    Where it is not assigned, pytest collects it as `test_isolation`.

    The tests run on the fixture `tenancy_database`, through the `Database` that `tenancy_connect` makes. They are plain
    functions with an event loop of their own, so they need no plugin for async tests and disturb none.

    Args:
        metadata: made by `tenancy.metadata()`.
        tables: only these, as "schema.table".
        attacks: only these, by name.
        values: own sample values by "schema.table.column", where constraints ask for what the types do not say; they
            come before those of the fixture `tenancy_values`.

    Raises:
        ConfigurationError: there is no such table or attack.
    """
    names = None if tables is None else tuple(tables)
    subject = Subject(tuple(as_list(metadata)), names, tuple((values or {}).items()))
    chosen = pairs(metadata, tables=names, attacks=attacks)

    def test_isolation(_tenancy_attempt: Callable[[], tuple[Pair, Outcome]]) -> None:  # noqa: PT019 - it has a value
        with explained():
            pair, outcome = _tenancy_attempt()
        if not outcome.held:
            pytest.fail(described(pair, outcome), pytrace=False)

    parameters = [pytest.param((subject, pair), id=str(pair)) for pair in chosen]
    tests: Callable[..., None] = pytest.mark.parametrize("_tenancy_attempt", parameters, indirect=True)(test_isolation)
    uncollected.append(tests)
    return tests


def described(pair: Pair, outcome: Outcome) -> str:
    """What a person needs to see of an attack: what it is for, and every statement with its answer."""
    lines = [f"{pair.attack.name} on {outcome.table}: {'held' if outcome.held else 'LEAKED'}", ""]
    lines += [f"Tries: {pair.attack.tries}", f"Why:   {pair.attack.why}", ""]
    for evidence in outcome.evidence:
        lines.append(f"{'  ' if evidence.as_expected else '> '}{evidence.sql}")
        if evidence.expected != evidence.answer:
            lines += [f"      expected {evidence.expected}", f"      got      {evidence.answer}"]
    return "\n".join(lines)


class Proofs:
    """The seeded proofs of a test run, on an event loop of their own."""

    def __init__(self, database: Database, administrator_url: str, values: ValueFactories) -> None:
        self._database = database
        self._administrator_url = administrator_url
        self._values = values
        # Given a factory, the runner leaves the thread's current loop alone: it is some other plugin's.
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._stack = AsyncExitStack()
        self._stack.push_async_callback(database.close)
        self._proofs: dict[Subject, Proof | TenancyError] = {}

    def proof(self, subject: Subject) -> Proof:
        """The proof of a subject, seeded when it is first asked for; what fails then is not tried again for each pair.

        Raises:
            TenancyError: it could not be made: a table cannot be filled, the role is privileged.
        """
        if subject not in self._proofs:
            try:
                self._proofs[subject] = self._runner.run(self._prepared(subject))
            except TenancyError as error:
                self._proofs[subject] = error
        found = self._proofs[subject]
        if isinstance(found, TenancyError):
            raise found
        return found

    def attempt(self, subject: Subject, pair: Pair) -> Outcome:
        """Tries one attack on one table.

        Raises:
            TenancyError: it could not be tried.
        """
        return self._runner.run(self.proof(subject).attempt(pair))

    def close(self) -> None:
        """Removes the rows."""
        try:
            self._runner.run(self._stack.aclose())
        finally:
            self._runner.close()

    async def _prepared(self, subject: Subject) -> Proof:
        return await self._stack.enter_async_context(
            prepared(
                self._database,
                subject.metadata,
                commit=True,
                seeding_url=self._administrator_url,
                owner_url=self._administrator_url,
                tables=subject.tables,
                values={**self._values, **dict(subject.values)},
            )
        )
