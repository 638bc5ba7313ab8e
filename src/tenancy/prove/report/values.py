"""What a proof found, as plain values and as a dictionary for machines."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table

from tenancy.prove.transaction import Evidence

#: Where a report names a table, for attacks and mutations that concern none of them but the database.
WHOLE_DATABASE = "(database)"


def subject_of(table: Table | None) -> str:
    """What a report calls a table, or, where there is none, the database."""
    return WHOLE_DATABASE if table is None else table.fullname


@dataclass(frozen=True)
class Outcome:
    """One attack on one table: whether isolation held, and every statement with its answer."""

    attack: str
    #: "schema.table", or `WHOLE_DATABASE`.
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
class MutationOutcome:
    """One thing broken on purpose on one table, and what noticed."""

    mutation: str
    #: "schema.table", or `WHOLE_DATABASE`.
    table: str
    #: The attack or control that turned red, of those that are there for it; None where none did.
    killed_by: str | None
    #: What was broken, and what the last attack tried.
    evidence: tuple[Evidence, ...]
    seconds: float

    @property
    def kind(self) -> str:
        """The name of the mutation, without that of its variant."""
        return self.mutation.partition("(")[0]

    @property
    def killed(self) -> bool:
        return self.killed_by is not None

    def __str__(self) -> str:
        return f"{self.mutation} on {self.table}: {f'killed by {self.killed_by}' if self.killed else 'SURVIVED'}"


@dataclass(frozen=True)
class PolicyUse:
    """How often PostgreSQL asked one policy of one table, for statements of one role."""

    table: str
    role: str
    #: What the policy is for: SELECT, INSERT, UPDATE, DELETE, or ALL.
    command: str
    policy: str
    times: int


@dataclass(frozen=True)
class Report:
    """The outcomes of one proof."""

    outcomes: tuple[Outcome, ...]
    server_version: str
    role: str
    seconds: float
    #: Attacks that were not tried, since they need rows that other connections see.
    left_out: tuple[str, ...] = ()
    #: Where the proof itself was tested by breaking the database.
    mutations: tuple[MutationOutcome, ...] = ()
    #: Where it was counted which policies were asked.
    coverage: tuple[PolicyUse, ...] = ()
    #: When the proof ended.
    finished: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def held(self) -> bool:
        """Whether isolation held everywhere; a proof that tried nothing has not held."""
        return bool(self.outcomes) and not self.leaks

    @property
    def survivors(self) -> tuple[MutationOutcome, ...]:
        return tuple(outcome for outcome in self.mutations if not outcome.killed)

    @property
    def untouched(self) -> tuple[PolicyUse, ...]:
        return tuple(use for use in self.coverage if not use.times)

    @property
    def covered(self) -> int:
        """How many percent of the policies were asked, rounded down; 0 where it was not counted."""
        return 100 * (len(self.coverage) - len(self.untouched)) // len(self.coverage) if self.coverage else 0

    @property
    def leaks(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if not outcome.held)

    @property
    def tables(self) -> tuple[str, ...]:
        named = dict.fromkeys(outcome.table for outcome in self.outcomes)
        return tuple(table for table in named if table != WHOLE_DATABASE)

    @property
    def attacks(self) -> tuple[str, ...]:
        return tuple(sorted({outcome.attack for outcome in self.outcomes}))

    def __str__(self) -> str:
        found = "\n".join(map(str, self.leaks)) or "isolation held"
        return f"{len(self.outcomes)} attacks on {len(self.tables)} tables, {len(self.leaks)} leaked\n{found}"

    def to_dict(self) -> dict[str, Any]:
        """For `--json`: everything, with the evidence; docs/proof.md says what each key means."""
        return {
            "held": self.held,
            "pairs": len(self.outcomes),
            "leaked": len(self.leaks),
            "server_version": self.server_version,
            "role": self.role,
            "finished": self.finished.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 3),
            "left_out": list(self.left_out),
            "outcomes": [asdict(outcome) for outcome in self.outcomes],
            "survived": len(self.survivors),
            "mutations": [asdict(outcome) for outcome in self.mutations],
            "untouched": len(self.untouched),
            "coverage": [asdict(use) for use in self.coverage],
        }
