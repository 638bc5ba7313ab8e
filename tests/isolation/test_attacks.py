"""One tenant against another: every attack on every table of five schemas, on each PostgreSQL that is here."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

import pytest

from tenancy import Database
from tenancy.integrations.pytest.proofs import PAIR_PROPERTY
from tenancy.prove import Pair, Proof, all_attacks, pairs, prepared
from tenancy.prove.belonging import granted, is_private, is_scoped, is_shared
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
    if pair.table.fullname in subject.left_out:
        pytest.skip(f"{pair.table.fullname} is left out: {subject.left_out[pair.table.fullname]}")
    outcome = await proof.attempt(pair)
    assert outcome.held, str(outcome)


def test_every_attack_is_tried_on_every_table_that_it_concerns(record_testsuite_property: object) -> None:
    """Every attack on each table of a tenant or a user, save that on foreign keys where there are none to attack."""
    tried = Counter(pair.table.fullname for pair in PAIRS)
    per_table = len(all_attacks())
    scoped = [table for table in TABLES if is_scoped(table)]
    assert {tried[table.fullname] for table in scoped} == {per_table, per_table - 1}
    with_keys = {pair.table.fullname for pair in PAIRS if pair.attack.name == "foreign_key"}
    assert with_keys >= {f"trovella.{name}" for name in ("plan_step", "ai_usage", "ai_call_details", "member")}
    shared = [table.fullname for table in TABLES if is_shared(table)]
    private = [table.fullname for table in TABLES if is_private(table)]
    assert all(tried[name] >= 10 for name in (*shared, *private))
    record_testsuite_property("attacks_times_tables", len(PAIRS))  # type: ignore[operator]
    assert len(TABLES) == 113
    per_schema = Counter(pair.table.schema for pair in PAIRS)
    assert per_schema == {"agenthifive": 541, "codebuff": 574, "connectors": 472, "mutate": 617, "trovella": 597}


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
