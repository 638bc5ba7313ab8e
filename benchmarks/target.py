"""Targets: what a figure should come to, and whether it does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from benchmarks.comparison import Comparison, Measurement


@dataclass(frozen=True)
class Target:
    """What some measurements of a workload should come to.

    Attributes:
        what: in words, for the page.
        contestant: whose figure.
        comparisons: a regular expression for `group / title`.
        at_most: the figure that none of them may exceed.
        at_least: the figure that none of them may fall short of.
        fact: the name of the fact that is meant; by default the ratio to the baseline.
        seconds: only where the baseline takes at least, and less than, so long.
    """

    what: str
    contestant: str
    comparisons: str = ".*"
    at_most: float | None = None
    at_least: float | None = None
    fact: str | None = None
    seconds: tuple[float, float] = (0, inf)

    @property
    def goal(self) -> str:
        return f"≤ {self.at_most:g}" if self.at_most is not None else f"≥ {self.at_least:g}"

    def figures(self, comparisons: Sequence[Comparison]) -> dict[str, float]:
        """The figures that are meant, by what was compared; medians where there is a spread."""
        found = {}
        for comparison in comparisons:
            name = f"{comparison.group} / {comparison.title}"
            measured = {one.contestant: one for one in comparison.measurements}
            if re.fullmatch(self.comparisons, name) and self.contestant in measured:
                shortest, longest = self.seconds
                figure = self._figure(measured[self.contestant])
                if shortest <= measured[comparison.baseline].seconds.median < longest and figure is not None:
                    found[name] = figure
        return found

    def reached(self, figure: float) -> bool:
        if self.at_most is not None:
            return figure <= self.at_most
        return self.at_least is not None and figure >= self.at_least

    def _figure(self, measurement: Measurement) -> float | None:
        return measurement.ratio.median if self.fact is None else measurement.facts.get(self.fact)
