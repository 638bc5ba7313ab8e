"""An attack or a mutation on one table, as every form of the report shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from tenancy.prove.report.values import Report
from tenancy.prove.transaction import Evidence


@dataclass(frozen=True)
class Trial:
    """One cell of a matrix."""

    #: The attack's or the mutation's.
    name: str
    table: str
    #: Whether it went as it must: the attack was held, the mutation was killed.
    good: bool
    #: In words.
    verdict: str
    evidence: tuple[Evidence, ...]
    seconds: float


def attack_trials(report: Report) -> list[Trial]:
    """The attacks of a report."""
    return [
        Trial(one.attack, one.table, one.held, "held" if one.held else "LEAKED", one.evidence, one.seconds)
        for one in report.outcomes
    ]


def mutation_trials(report: Report) -> list[Trial]:
    """The mutations of a report."""
    return [
        Trial(
            one.mutation,
            one.table,
            one.killed,
            f"killed by {one.killed_by}" if one.killed else "SURVIVED",
            one.evidence,
            one.seconds,
        )
        for one in report.mutations
    ]


def mutation_kinds(report: Report) -> list[Trial]:
    """The mutations of a report, all variants of one on one table taken together."""
    ordered = sorted(report.mutations, key=lambda one: (one.kind, one.table))
    merged = []
    for (kind, table), group in groupby(ordered, key=lambda one: (one.kind, one.table)):
        variants = list(group)
        survived = [one for one in variants if not one.killed]
        verdict = f"{len(survived)} of {len(variants)} survived" if survived else f"{len(variants)} killed"
        merged.append(Trial(kind, table, not survived, verdict, (), sum(one.seconds for one in variants)))
    return merged


def failed(trials: Iterable[Trial]) -> list[Trial]:
    """Those that did not go as they must."""
    return [trial for trial in trials if not trial.good]


def grouped(trials: Iterable[Trial], key: Callable[[Trial], str]) -> dict[str, list[Trial]]:
    """The trials by table or by name, in alphabetical order of both."""
    ordered = sorted(trials, key=lambda trial: (key(trial), trial.table, trial.name))
    return {value: list(group) for value, group in groupby(ordered, key)}


def condensed(evidence: Iterable[Evidence]) -> list[tuple[Evidence, str]]:
    """Each statement once where it was sent several times in a row with the same answer, and how often in words."""
    numbers = [(one, sum(1 for _ in same)) for one, same in groupby(evidence)]
    return [(one, f" ({number} times)" if number > 1 else "") for one, number in numbers]
