"""Comparisons: what rounds say about each contestant, as ratios to one of them."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import quantiles
from typing import Self

from pydantic import BaseModel, ConfigDict

from benchmarks.rounds import Timings


class Spread(BaseModel):
    """A median between its quartiles."""

    model_config = ConfigDict(frozen=True)

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Self:
        low, median, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
        return cls(low=_rounded(low), median=_rounded(median), high=_rounded(high))


class Measurement(BaseModel):
    """One contestant's part of a comparison."""

    model_config = ConfigDict(frozen=True)

    contestant: str
    #: Seconds per operation.
    seconds: Spread
    #: To the baseline, within each round.
    ratio: Spread
    #: What was counted besides: round trips, recall, rows per second.
    facts: dict[str, float] = {}


class Comparison(BaseModel):
    """Contestants side by side.

    Attributes:
        group: comparisons of a group share a plot and a table.
        title: what was compared, unlike any other of the workload.
        baseline: the contestant that the ratios are to.
        rounds: how many each contestant took part in.
        measurements: of each contestant, the baseline's own as well.
    """

    model_config = ConfigDict(frozen=True)

    group: str
    title: str
    baseline: str
    rounds: int
    measurements: list[Measurement]

    @classmethod
    def of(
        cls,
        group: str,
        title: str,
        timings: Timings,
        baseline: str,
        facts: Mapping[str, Mapping[str, float]] | None = None,
    ) -> Self:
        """The comparison that the rounds' timings give.

        Args:
            group: see the class, as for title.
            title: see the class.
            timings: seconds per operation, by contestant and round.
            baseline: one of the contestants.
            facts: what was counted, by contestant.
        """
        against = timings[baseline]
        return cls(
            group=group,
            title=title,
            baseline=baseline,
            rounds=len(against),
            measurements=[
                Measurement(
                    contestant=name,
                    seconds=Spread.of(seconds),
                    ratio=Spread.of([own / base for own, base in zip(seconds, against, strict=True)]),
                    facts=dict((facts or {}).get(name, {})),
                )
                for name, seconds in timings.items()
            ],
        )


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
