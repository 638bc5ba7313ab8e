"""The proof knows scoped queries: each is attacked, and one that is open is noticed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tenancy import Database
from tenancy.prove import Laboratory, laboratory, pairs, prove

from .. import library
from ..conftest import MakeDatabase, TestDatabase
from .test_mutations import harmless

METADATA = library.Base.metadata
QUERIES = METADATA.info["tenancy"].queries


@pytest.fixture(scope="module")
def database(make_database: MakeDatabase) -> TestDatabase:
    database = make_database("queries", extensions=())
    database.create_all([METADATA])
    return database


@pytest.fixture(scope="module")
async def lab(database: TestDatabase) -> AsyncIterator[Laboratory]:
    async with (
        Database(database.settings) as db,
        laboratory(db, METADATA, admin_url=database.url("postgres")) as lab,
    ):
        yield lab


async def test_all_attacks_fail_on_a_schema_with_scoped_queries(database: TestDatabase) -> None:
    """On every kind of scope, by sessions and connections of their own."""
    async with Database(database.settings) as db:
        report = await prove(db, METADATA)
    assert report.held, str(report)
    attacked = {pair.table.name for pair in pairs(METADATA, attacks=["scoped_query"]) if pair.table is not None}
    assert attacked == {"document", "line", "loan", "note", "shelf"}


async def test_only_what_is_declared_may_run_with_other_rights(lab: Laboratory) -> None:
    """A function of a query's name with other arguments is none of the models'."""
    made = "CREATE FUNCTION library.find_documents(prefix text) RETURNS bigint STABLE SECURITY DEFINER"
    body = "SET search_path = pg_catalog, pg_temp RETURN (SELECT count(*) FROM library.document)"
    assert (await lab.try_mutant(harmless(f"{made} {body}", "undeclared_function"))).killed_by == "undeclared_function"
    assert not (await lab.try_mutant(harmless("SELECT 1", "undeclared_function"))).killed


async def test_no_open_query_survives(lab: Laboratory) -> None:
    """Each, with the tenant's condition taken out, and with its search_path taken away."""
    mutants = lab.mutants(["open_scoped_query"])
    assert {mutant.variant.label.partition(",")[0] for mutant in mutants} == {query.name for query in QUERIES}
    outcomes = [await lab.try_mutant(mutant) for mutant in mutants]
    assert [str(outcome) for outcome in outcomes if not outcome.killed] == []
