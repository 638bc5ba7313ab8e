"""Which policies the tests of a run made PostgreSQL ask: `--tenancy-coverage`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncConnection

from tenancy.integrations.pytest.databases import TestDatabase, in_thread
from tenancy.prove import PolicyUse
from tenancy.prove.coverage import count_policies, counted_policies
from tenancy.security.derive import derive
from tenancy.session.owner import one_connection
from tenancy.session.urls import roles_of

#: A policy by table, role, command and name.
_Key = tuple[str, str, str, str]
#: Under which an xdist worker hands over what it counted.
_OUTPUT = "tenancy_coverage"


class Coverage:
    """The count of a run; with xdist each worker counts in its own database, and the counts are added up."""

    def __init__(self) -> None:
        self._times: Counter[_Key] = Counter()
        self._counted: TestDatabase | None = None

    def start(self, database: TestDatabase, metadata: Sequence[MetaData]) -> None:
        """Makes the policies of the database count."""
        roles = roles_of(database.settings)

        async def count(connection: AsyncConnection) -> None:
            await count_policies(connection, derive(metadata, roles).tables.values(), roles)

        _run(database, count)
        self._counted = database

    def stop(self) -> None:
        """Reads the count, while the database is there."""
        if self._counted is not None:
            self.add(_run(self._counted, counted_policies))
            self._counted = None

    def add(self, uses: Iterable[PolicyUse]) -> None:
        for use in uses:
            self._times[use.table, use.role, use.command, use.policy] += use.times

    def hand_over(self, output: dict[str, Any]) -> None:
        """As a worker: what was counted, for the controller."""
        output[_OUTPUT] = [[*key, times] for key, times in self._times.items()]

    def take_over(self, output: dict[str, Any]) -> None:
        """As the controller: what a worker has counted."""
        self.add(PolicyUse(*one) for one in output.get(_OUTPUT, ()))

    def summarize(self, terminalreporter: pytest.TerminalReporter) -> None:
        """How many policies were asked, and which never were."""
        if not self._times:
            return
        untouched = sorted(key for key, times in self._times.items() if not times)
        asked = len(self._times) - len(untouched)
        terminalreporter.section("policies asked by PostgreSQL")
        terminalreporter.write_line(f"{asked} of {len(self._times)}, counted by table, role, command and policy")
        for table, role, command, policy in untouched:
            terminalreporter.write_line(f"never asked: {policy} on {table}, {command} by {role}")


def _run(database: TestDatabase, work: Any) -> Any:
    """Runs something on a connection of the administrator's, and commits."""

    async def run() -> Any:
        async with one_connection(database.url("postgres"), database.settings) as connection, connection.begin():
            return await work(connection)

    return in_thread(lambda: asyncio.run(run()))
