"""What a proof found: plain values, a dictionary for machines, and a matrix for people."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table as RichTable
from rich.text import Text

from tenancy.prove.transaction import Evidence

HELD = "✓"
LEAKED = "LEAKED"


@dataclass(frozen=True)
class Outcome:
    """One attack on one table: whether isolation held, and every statement with its answer."""

    attack: str
    table: str
    held: bool
    evidence: tuple[Evidence, ...]
    seconds: float

    def __str__(self) -> str:
        if self.held:
            return f"{self.attack} on {self.table}: held"
        last = self.evidence[-1]
        return f"{self.attack} on {self.table}: LEAKED\n  {last.sql}\n  expected {last.expected}, got {last.answer}"


@dataclass(frozen=True)
class Report:
    """The outcomes of one proof."""

    outcomes: tuple[Outcome, ...]
    server_version: str
    role: str
    seconds: float

    @property
    def held(self) -> bool:
        """Whether isolation held everywhere; a proof that tried nothing has not held."""
        return bool(self.outcomes) and not self.leaks

    @property
    def leaks(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if not outcome.held)

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(outcome.table for outcome in self.outcomes))

    @property
    def attacks(self) -> tuple[str, ...]:
        return tuple(sorted({outcome.attack for outcome in self.outcomes}))

    def __str__(self) -> str:
        found = "\n".join(map(str, self.leaks)) or "isolation held"
        return f"{len(self.outcomes)} attacks on {len(self.tables)} tables, {len(self.leaks)} leaked\n{found}"

    def to_dict(self) -> dict[str, Any]:
        """For `--json`: everything, with the evidence."""
        return {
            "held": self.held,
            "pairs": len(self.outcomes),
            "leaked": len(self.leaks),
            "server_version": self.server_version,
            "role": self.role,
            "seconds": round(self.seconds, 3),
            "outcomes": [asdict(outcome) for outcome in self.outcomes],
        }


def matrix(report: Report) -> RichTable:
    """Tables down, attacks across: held, leaked, or a dot where an attack says nothing about a table."""
    cells = {(outcome.table, outcome.attack): outcome.held for outcome in report.outcomes}
    title = f"{len(report.outcomes)} attacks as {report.role} on PostgreSQL {report.server_version}"
    shown = RichTable(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0), pad_edge=False)
    shown.add_column("", no_wrap=True)
    for attack in report.attacks:
        # Written downwards, so that some thirty columns fit on a terminal.
        shown.add_column("\n".join(attack.replace("_", " ")), justify="center", vertical="bottom", no_wrap=True)
    for table in report.tables:
        shown.add_row(table, *(_cell(cells.get((table, attack))) for attack in report.attacks))
    return shown


def _cell(held: bool | None) -> Text:
    if held is None:
        return Text("·", style="dim")
    return Text(HELD, style="green") if held else Text(LEAKED, style="bold red")
