"""The proof is not vacuous: whatever wall is broken, on whichever table, the attack that is there for it turns red."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from tenancy import Database
from tenancy.errors import ConfigurationError, ProofError
from tenancy.prove import Laboratory, Mutant, Mutation, Variant, all_attacks, all_mutations, laboratory
from tenancy.prove.attack import every
from tenancy.prove.coverage import count_policies, counted_policies
from tenancy.prove.mutation import REACHABLE, UNPRIVILEGED
from tenancy.reference import trovella
from tenancy.security.derive import derive
from tenancy.security.roles import Roles

from .conftest import METADATA, Subject

#: Mutations of what the five schemas do not have; `test_scopes` and `test_queries` make them elsewhere.
NOT_HERE = {"cascade_across_tenants", "open_scoped_query", "sequence_privilege"}
PLAN = trovella.ResearchPlan.__table__


@pytest.fixture(scope="module")
async def lab(pytestconfig: pytest.Config, postgres_version: int, subject: Subject) -> AsyncIterator[Laboratory]:
    """All tables, seeded once for all mutations; on PostgreSQL's other versions those of one schema."""
    database, tables = subject.database, subject.tables
    if postgres_version != pytestconfig.getoption("--tenancy-postgres"):
        tables = tuple(name for name in tables if name.startswith("trovella."))
    async with (
        Database(database.settings) as db,
        laboratory(db, METADATA, admin_url=database.url("postgres"), tables=tables) as lab,
    ):
        yield lab


@pytest.mark.parametrize("mutation", all_mutations(), ids=lambda mutation: mutation.name)
async def test_none_survives(request: pytest.FixtureRequest, lab: Laboratory, mutation: Mutation) -> None:
    """On every table of the five schemas that it can be made on."""
    outcomes = [await lab.try_mutant(mutant) for mutant in lab.mutants([mutation.name])]
    assert outcomes or mutation.name in NOT_HERE, f"{mutation.name} was not made on any table"
    assert [str(outcome) for outcome in outcomes if not outcome.killed] == []
    request.node.user_properties.append(("mutants_killed", len(outcomes)))


async def test_there_are_thousands(lab: Laboratory) -> None:
    """Each kind of table is broken in many ways."""
    mutants = lab.mutants()
    assert len(mutants) > 50 * len(lab.ground.targets)
    assert len({str(mutant) for mutant in mutants}) == len(mutants)


@pytest.mark.parametrize("mutation", all_mutations(), ids=lambda mutation: mutation.name)
async def test_a_mutation_says_what_it_breaks_and_what_notices(lab: Laboratory, mutation: Mutation) -> None:
    """A report is read by people who have not read the code; and what is to notice exists."""
    assert len(mutation.breaks) > 30
    assert mutation.breaks.endswith(".")
    known = {attack.name for attack in all_attacks() if not attack.committed} | {REACHABLE, UNPRIVILEGED}
    assert {name for mutant in lab.mutants([mutation.name]) for name in mutant.variant.caught_by} <= known


def harmless(statement: str, *caught_by: str) -> Mutant:
    variant = Variant("", (statement,), caught_by)
    return Mutant("harmless", Mutation("Breaks nothing.", every, lambda wall: [variant], "harmless"), PLAN, variant)


async def test_what_breaks_nothing_survives(lab: Laboratory) -> None:
    """So that a kill says something."""
    outcome = await lab.try_mutant(harmless("SELECT 1", "select", "insert", REACHABLE, UNPRIVILEGED))
    assert not outcome.killed
    assert "SURVIVED" in str(outcome)


async def test_another_attack_does_not_count(lab: Laboratory) -> None:
    """That something turns red is not enough: it must be what is there for this mistake."""
    disable = f"ALTER TABLE {PLAN.fullname} DISABLE ROW LEVEL SECURITY"
    assert not (await lab.try_mutant(harmless(disable, "truncate"))).killed
    assert (await lab.try_mutant(harmless(disable, "truncate", "select"))).killed_by == "select"


async def test_a_mutation_that_cannot_be_made_is_an_error(lab: Laboratory) -> None:
    """Not a kill; and the laboratory is as it was."""
    with pytest.raises(ProofError, match=r"harmless\[trovella.research_plan\] could not be made: 42P01"):
        await lab.try_mutant(harmless("DROP TABLE trovella.no_such_table", "select"))
    with pytest.raises(ConfigurationError, match="no attack of this name"):
        await lab.try_mutant(harmless("SELECT 1", "no_such_attack"))
    assert not (await lab.try_mutant(harmless("SELECT 1", "select", REACHABLE))).killed


async def test_every_policy_is_asked(lab: Laboratory) -> None:
    """By PostgreSQL's own count, for statements of the application and of the owner."""
    uses = await lab.count_policies()
    assert len(uses) > 6 * len(lab.ground.targets)
    assert [use for use in uses if not use.times] == []


async def test_a_policy_that_nothing_asks_is_listed(lab: Laboratory) -> None:
    """The count is of what PostgreSQL did, not of what somebody meant to try."""
    security = derive(trovella.Base.metadata).tables["trovella", "research_plan"]
    async with lab.ground.savepoint() as connection:
        await count_policies(connection, [security], Roles())
        async with lab.ground.application(lab.ground.targets[PLAN].parties.attacker) as application:
            await application.execute(text("SELECT * FROM trovella.research_plan"))
        asked = {(use.role, use.policy): use.times for use in await counted_policies(connection)}
    assert asked["tenancy_app", "research_plan_select"] > 0
    assert asked["tenancy_app", "research_plan_guard"] > 0
    assert sum(times > 0 for times in asked.values()) == 2


async def test_a_superuser_is_needed(subject: Subject) -> None:
    """The owner could not break all of it, and would not know."""
    async with Database(subject.database.settings) as db:
        with pytest.raises(ProofError, match="administrator's URL"):
            async with laboratory(db, trovella.Base.metadata, admin_url=subject.database.url("owner")):
                pass
