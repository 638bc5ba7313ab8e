"""The page: `performance.md` and its plots, from the results."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.comparison import Comparison, Measurement
from benchmarks.contestant import contestants
from benchmarks.loader import loaders
from benchmarks.plot import plot
from benchmarks.result import Result
from benchmarks.search import searches
from benchmarks.target import Target
from benchmarks.workload import workloads

HEADING = """\
# Performance

<!-- Written by `make bench` from benchmarks/results/*.json; do not edit. -->

What a tenant costs, beside the ways of doing without. In each comparison all contestants take part in one run, on one
server: in every round each runs one short batch, in random order. A figure is the **median of the ratios within each
round** to the baseline, with its quartiles in parentheses: below 1 is faster. The baseline's own column gives its time.
The machine's noise meets all alike, so ratios can be compared where times cannot; on a busy machine the quartiles are
far apart, and a figure is worth as much as they are close.

At *scale 1* there are a million tasks of 1,000 tenants, at *scale 10* ten million of 100,000, and ten times as much of
all else; each section says of what.

The server is the embedded one, made for the run and started with `fsync`, `synchronous_commit` and `full_page_writes`
off and `shared_buffers` of 128 MB: no disk is waited for, which shows differences that a disk would hide. Networks are
simulated by a proxy in a process of its own that holds everything back for the time named, and a little longer. `make
bench` measures anew; `make bench ARGS="--help"` tells how to measure less or more, or a part of it.
"""


def write(results: Sequence[Result], docs: Path) -> Path:
    """Writes the page and its plots.

    Args:
        results: of any of the workloads.
        docs: the folder; plots go to `performance/` in it.
    """
    by_workload = {name: sorted(_of(name, results), key=lambda one: one.scale) for name in workloads()}
    lines = [HEADING, "## Targets", "", *_targets(by_workload), ""]
    for workload in workloads().values():
        if measured := by_workload[workload.name]:
            lines += [f"## {workload.title}", "", workload.words.partition("\n")[2].strip(), ""]
            for result in measured:
                lines += _section(result, docs)
    lines += ["## Contestants", "", *_contestants()]
    path = docs / "performance.md"
    docs.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    return path


def _of(workload: str, results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.workload == workload]


def _targets(by_workload: dict[str, list[Result]]) -> Iterator[str]:
    scales = sorted({result.scale for results in by_workload.values() for result in results})
    yield "| what | to reach | " + " | | ".join(map(_scale, scales)) + " | |"
    yield "|---|---|" + "---|---|" * len(scales)
    for workload in workloads().values():
        measured = {result.scale: result for result in by_workload[workload.name]}
        for target in workload.targets:
            cells = [_reached(target, measured.get(scale)) for scale in scales]
            yield f"| {target.what} | {target.goal} | " + " | ".join(cells) + " |"


def _scale(scale: float) -> str:
    return f"scale {scale:g}"


def _reached(target: Target, result: Result | None) -> str:
    """Two cells: the figures, and whether the target is reached."""
    if result is None:
        return " | not measured"
    figures = list(target.figures(result.comparisons).values())
    return f"{_range(figures)} | {_verdict(target, figures)}"


def _range(figures: Sequence[float]) -> str:
    ends = list(dict.fromkeys(f"{one:.3g}" for one in (min(figures), max(figures)))) if figures else []
    return " to ".join(ends)


def _verdict(target: Target, figures: Sequence[float]) -> str:
    reached = sum(map(target.reached, figures))
    if not figures:
        return "**not measured**"
    if reached == len(figures):
        return "reached"
    return "**not reached**" if len(figures) == 1 else f"**not reached** in {len(figures) - reached} of {len(figures)}"


def _section(result: Result, docs: Path) -> Iterator[str]:
    here = result.environment
    packages = ", ".join(f"{name} {version}" for name, version in here.packages.items())
    yield from (f"Data: {result.data}", "")
    rounds = sorted({comparison.rounds for comparison in result.comparisons})
    yield (
        f"Measured on {here.date} by `{result.command}`, {' or '.join(map(str, rounds))} rounds: PostgreSQL "
        f"{here.postgresql}, Python {here.python}, {packages}; {here.processors} processors ({here.processor}), load "
        f"{here.load:g} at the start."
    )
    yield ""
    for group in dict.fromkeys(comparison.group for comparison in result.comparisons):
        comparisons = [comparison for comparison in result.comparisons if comparison.group == group]
        title = group if result.scale == 1 else f"{group}, {_scale(result.scale)}"
        picture = f"{result.name}-{re.sub(r'[^a-z0-9]+', '-', group.lower()).strip('-')}.svg"
        plot(comparisons, docs / "performance" / picture)
        yield from (f"### {title[0].upper()}{title[1:]}", "", f"![{title}](performance/{picture})", "")
        yield from (*_table(comparisons), "", *_facts(comparisons))


def _table(comparisons: Sequence[Comparison]) -> Iterator[str]:
    names = list(dict.fromkeys(one.contestant for comparison in comparisons for one in comparison.measurements))
    yield "| | " + " | ".join(names) + " |"
    yield "|---|" + "---|" * len(names)
    for comparison in comparisons:
        measured = {one.contestant: one for one in comparison.measurements}
        cells = [_cell(comparison, measured[name]) if name in measured else "" for name in names]
        yield f"| {comparison.title} | " + " | ".join(cells) + " |"


def _cell(comparison: Comparison, one: Measurement) -> str:
    if one.contestant == comparison.baseline:
        return duration(one.seconds.median)
    return f"{one.ratio.median:.2f} ({one.ratio.low:.2f}…{one.ratio.high:.2f})"


def duration(seconds: float) -> str:
    """Seconds in the unit that fits: `340 µs`, `12.5 ms`, `3.1 s`."""
    for unit, factor in (("µs", 1e6), ("ms", 1e3)):
        if seconds * factor < 1000:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds:.3g} s"


def _facts(comparisons: Sequence[Comparison]) -> Iterator[str]:
    rows = [(comparison, one) for comparison in comparisons for one in comparison.measurements if one.facts]
    facts = list(dict.fromkeys(fact for _, one in rows for fact in one.facts))
    if not rows:
        return
    yield "| | | " + " | ".join(facts) + " |"
    yield "|---|---|" + "---|" * len(facts)
    for comparison, one in rows:
        cells = [f"{one.facts[fact]:,.4g}" if fact in one.facts else "" for fact in facts]
        yield f"| {comparison.title} | {one.contestant} | " + " | ".join(cells) + " |"
    yield ""


def _contestants() -> Iterator[str]:
    for kind in (contestants(), loaders(), searches()):
        for name, contestant in kind.items():
            words = (contestant.__doc__ or "").strip().partition("\n")[0]
            yield f"- **{name}**: {words}"
