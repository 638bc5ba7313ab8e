"""One tenant against another: every attack on every table of five schemas, on each PostgreSQL that is here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator

import pytest

from tenancy import Database
from tenancy.integrations.pytest.proofs import PAIR_PROPERTY
from tenancy.prove import Pair, Proof, all_attacks, pairs, prepared
from tenancy.prove.belonging import granted, is_private, is_scoped, is_shared
from tenancy.prove.report import WHOLE_DATABASE
from tenancy.schema.access import Command
from tenancy.schema.classification import classification_of

from .conftest import METADATA, TABLES, Subject

PAIRS = pairs(METADATA)


@pytest.fixture(scope="module")
async def proof(subject: Subject) -> AsyncIterator[Proof]:
    """One seeding for all attacks of this module."""
    database = subject.database
    async with (
        Database(database.settings) as db,
        prepared(db, METADATA, commit=True, owner_url=database.url("postgres"), tables=subject.tables) as proof,
    ):
        yield proof


@pytest.mark.parametrize("pair", PAIRS, ids=str)
async def test_isolation(request: pytest.FixtureRequest, subject: Subject, proof: Proof, pair: Pair) -> None:
    """The attack gets exactly the answers that it must get, and reaches nothing."""
    request.node.user_properties.append((PAIR_PROPERTY, str(pair)))
    if pair.subject in subject.left_out:
        pytest.skip(f"{pair.subject} is left out: {subject.left_out[pair.subject]}")
    outcome = await proof.attempt(pair)
    assert outcome.held, str(outcome)


#: Attacks on what not every table of a tenant or a user has.
_CONDITIONAL = {
    "cascade",
    "foreign_key",
    "references",
    "resolver",
    "scoped_query",
    "sequence",
    "stray_grant",
    "unique_key",
}


def test_every_attack_is_tried_on_every_table_that_it_concerns(record_testsuite_property: object) -> None:
    """Every attack on each table of a tenant or a user, save those on what the table has not; and on the database."""
    tried: dict[str, set[str]] = defaultdict(set)
    for pair in PAIRS:
        tried[pair.subject].add(pair.attack.name)
    on_database = {attack.name for attack in all_attacks() if attack.applies_to is None}
    everything = {attack.name for attack in all_attacks()} - on_database - _CONDITIONAL
    assert all(tried[table.fullname] >= everything for table in TABLES if is_scoped(table))
    assert tried[WHOLE_DATABASE] == on_database
    assert len(on_database) > 5
    for name, tables in {
        "foreign_key": ("plan_step", "ai_usage", "ai_call_details", "member"),
        "resolver": ("member", "invitation"),
        "unique_key": ("research_plan",),
    }.items():
        assert all(name in tried[f"trovella.{table}"] for table in tables)
    assert all("stray_grant" in tried[table.fullname] for table in TABLES if is_private(table))
    assert all(len(tried[table.fullname]) >= 15 for table in TABLES if is_shared(table) or is_private(table))
    record_testsuite_property("attacks_times_tables", len(PAIRS))  # type: ignore[operator]
    assert len(TABLES) == 113
    assert len(PAIRS) > 6_000


def test_the_application_may_do_what_the_models_say_and_no_more() -> None:
    """Tables that are only appended to are attacked as such: their UPDATE and DELETE must be refused."""
    for table in TABLES:
        if is_scoped(table):
            assert granted(table) == classification_of(table).access.commands
    trovella = [table for table in TABLES if table.schema == "trovella"]
    assert [t.name for t in trovella if granted(t) == (Command.SELECT, Command.INSERT)] == [
        "mcp_tool_call_log",
        "ai_usage",
        "ai_call_details",
        "plan_audit_log",
    ]


def test_only_what_needs_pgvector_is_left_out(subject: Subject) -> None:
    """Where a server has no pgvector, the one table with embeddings is missing, and says why."""
    assert set(subject.left_out) <= {"trovella.document_chunk"}
    assert set(subject.tables) | set(subject.left_out) == {table.fullname for table in TABLES}


@pytest.mark.parametrize("attack", all_attacks(), ids=lambda attack: attack.name)
def test_an_attack_says_what_it_tries_and_why(attack: object) -> None:
    """A report is read by people who have not read the code."""
    for text in (attack.tries, attack.why):  # type: ignore[attr-defined]
        assert len(text) > 30
        assert text.endswith(".")
