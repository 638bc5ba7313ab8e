"""Plots: the ratios of a group of comparisons, medians between their quartiles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from benchmarks.comparison import Comparison

# Texts stay texts, and the same figures give the same file.
STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "tenancy", "font.size": 9}


def plot(comparisons: Sequence[Comparison], path: Path) -> None:
    """Writes one SVG: a line for each comparison, a point with its quartiles for each contestant."""
    names = list(dict.fromkeys(one.contestant for comparison in comparisons for one in comparison.measurements))
    lane = 0.8 / len(names)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9, 1.2 + len(comparisons) * (0.25 + 0.12 * len(names))), layout="constrained")
        axes = figure.add_subplot()
        for index, name in enumerate(names):
            points = [
                (row - 0.4 + lane * (index + 0.5), one.ratio)
                for row, comparison in enumerate(comparisons)
                for one in comparison.measurements
                if one.contestant == name
            ]
            medians = [ratio.median for _, ratio in points]
            axes.errorbar(
                medians,
                [height for height, _ in points],
                xerr=(
                    [ratio.median - ratio.low for _, ratio in points],
                    [ratio.high - ratio.median for _, ratio in points],
                ),
                fmt="o",
                markersize=4,
                color=f"C{index}",
                label=name,
            )
        axes.axvline(1, color="grey", linewidth=0.8)
        for row in range(1, len(comparisons)):
            axes.axhline(row - 0.5, color="lightgrey", linewidth=0.5)
        axes.set_yticks(range(len(comparisons)), [comparison.title for comparison in comparisons])
        axes.set_ylim(len(comparisons) - 0.5, -0.5)
        ratios = [one.ratio.median for comparison in comparisons for one in comparison.measurements]
        if max(ratios) > 4 * min(ratios):
            axes.set_xscale("log")
            axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.xaxis.set_minor_formatter(NullFormatter())
        baselines = {comparison.baseline for comparison in comparisons}
        baseline = baselines.pop() if len(baselines) == 1 else "the row's baseline"
        axes.set_xlabel(f"time, as a ratio to {baseline}: left is faster")
        figure.legend(loc="outside lower center", ncols=4, frameon=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="svg", metadata={"Date": None})
