"""The report on a terminal: a line per table, or the whole matrix, and everything that was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from tenancy.prove.attack import all_attacks
from tenancy.prove.report.trial import Trial, attack_trials, condensed, failed, grouped, mutation_kinds, mutation_trials
from tenancy.prove.report.values import Report
from tenancy.prove.transaction import Evidence

HELD = "✓"
LEAKED = "✗"


def overview(report: Report, width: int) -> RichTable:
    """The matrix, or, where it is wider than so many columns of a terminal, a line per table."""
    return matrix(report) if _width(attack_trials(report)) <= width else _tally(report)


def mutation_overview(report: Report, width: int) -> RichTable:
    """The matrix of mutations, or, where it is wider than so many columns of a terminal, a line per mutation."""
    trials = mutation_kinds(report)
    return _matrix(_mutation_title(report), trials) if _width(trials) <= width else _mutation_tally(report)


def matrix(report: Report) -> RichTable:
    """Tables down, attacks across: held, leaked, or a dot where an attack says nothing about a table."""
    return _matrix(_title(report), attack_trials(report))


def findings(report: Report) -> Iterator[RenderableType]:
    """Everything that went wrong, in full: leaks, mutations that survived, policies that nobody asked."""
    words = {attack.name: f"{attack.tries} {attack.why}" for attack in all_attacks()}
    for name, trials in grouped(failed(attack_trials(report)), lambda trial: trial.name).items():
        yield Text.assemble(("LEAKED", "bold red"), " ", (name, "bold"))
        yield Padding(Text(words.get(name, "")), (0, 0, 0, 2))
        yield from map(_in_full, trials)
    for name, trials in grouped(failed(mutation_trials(report)), lambda trial: trial.name).items():
        yield Text.assemble(("SURVIVED", "bold red"), " ", (name, "bold"))
        yield from map(_in_full, trials)
    if report.coverage:
        yield Text(f"{report.covered} % of {len(report.coverage)} policies were asked.")
    for use in report.untouched:
        yield Text.assemble(("  never asked", "red"), f"  {use.policy} on {use.table}: {use.command} by {use.role}")


def verdict(report: Report) -> Text:
    """The whole proof in one line."""
    style, word = ("bold green", "HELD") if report.held else ("bold red", "LEAKED")
    if report.held and report.survivors:
        style, word = "bold red", "HELD, but attacks missed mutations"
    mutations = f", {len(report.survivors)} of {len(report.mutations)} mutations survived" if report.mutations else ""
    left_out = f"; not tried: {', '.join(report.left_out)}" if report.left_out else ""
    tables = f"{len(report.tables)} table{'s' * (len(report.tables) != 1)}"
    return Text.assemble(
        (word, style),
        f"  {len(report.leaks)} of {len(report.outcomes)} attacks leaked, on {tables}{mutations}, "
        f"in {report.seconds:.0f} seconds{left_out}",
    )


def _title(report: Report) -> str:
    return f"{len(report.outcomes)} attacks as {report.role} on PostgreSQL {report.server_version}"


def _mutation_title(report: Report) -> str:
    return f"{len(report.mutations)} mutations, each of which an attack must notice"


def _tally(report: Report) -> RichTable:
    """A line per table: how many attacks held, how many leaked and which, how many say nothing about it."""
    shown = _lines(_title(report), "table", "held", "leaked", "n/a")
    for table, trials in grouped(attack_trials(report), lambda trial: trial.table).items():
        leaked = [trial.name for trial in failed(trials)]
        silent = str(len(report.attacks) - len(trials))
        shown.add_row(Text(table), *_counts(len(trials), len(leaked)), silent, _named(leaked))
    return shown


def _mutation_tally(report: Report) -> RichTable:
    """A line per mutation: how often it was killed, in all its variants, and where one survived."""
    shown = _lines(_mutation_title(report), "mutation", "killed", "survived")
    kinds = {one.mutation: one.kind for one in report.mutations}
    for mutation, trials in grouped(mutation_trials(report), lambda trial: kinds[trial.name]).items():
        survived = list(dict.fromkeys(trial.table for trial in failed(trials)))
        shown.add_row(Text(mutation), *_counts(len(trials), len(failed(trials))), _named(survived))
    return shown


def _width(trials: Sequence[Trial]) -> int:
    """How wide a matrix is: the longest table, and two columns for each attack."""
    longest = max((cell_len(trial.table) for trial in trials), default=0)
    return longest + 2 * len({trial.name for trial in trials})


def _matrix(title: str, trials: Sequence[Trial]) -> RichTable:
    good = {(trial.table, trial.name): trial.good for trial in trials}
    names = sorted({trial.name for trial in trials})
    shown = RichTable(title=Text(title), title_justify="left", box=None, padding=(0, 1, 0, 0), pad_edge=False)
    shown.add_column("", no_wrap=True)
    for name in names:
        # Written downwards, so that some thirty columns fit on a terminal.
        shown.add_column("\n".join(name.replace("_", " ")), justify="center", vertical="bottom", no_wrap=True)
    for table in sorted({trial.table for trial in trials}):
        shown.add_row(Text(table), *(_cell(good.get((table, name))) for name in names))
    return shown


def _cell(good: bool | None) -> Text:
    if good is None:
        return Text("·", style="dim")
    return Text(HELD, style="green") if good else Text(LEAKED, style="bold red")


def _lines(title: str, first: str, *numbers: str) -> RichTable:
    """A line each: a name, numbers, and the names of what went wrong."""
    shown = RichTable(title=Text(title), title_justify="left", box=None, padding=(0, 2, 0, 0), pad_edge=False)
    shown.add_column(first, no_wrap=True)
    for number in numbers:
        shown.add_column(number, justify="right", no_wrap=True)
    shown.add_column("", overflow="fold")
    return shown


def _counts(tried: int, failed: int) -> tuple[Text, Text]:
    return Text(str(tried - failed), style="green"), Text(str(failed), style="bold red" if failed else "dim")


def _named(failed: Sequence[str]) -> Text:
    return Text(", ".join(failed), style="red")


def _in_full(trial: Trial) -> RenderableType:
    """The table, and every statement with what had to happen and what did."""
    heading = Text(f"on {trial.table}", style="bold")
    return Padding(Group(heading, *(_statement(*one) for one in condensed(trial.evidence))), (0, 0, 1, 2))


def _statement(one: Evidence, times: str) -> RenderableType:
    shown = Text.assemble((one.sql, "cyan"), times)
    if one.expected == one.answer:
        return Padding(Group(shown, Text(f"  {one.answer}", style="dim")), (0, 0, 0, 2))
    got = Text(f"  got      {one.answer}", style="dim" if one.as_expected else "bold red")
    return Padding(Group(shown, Text(f"  expected {one.expected}", style="dim"), got), (0, 0, 0, 2))
