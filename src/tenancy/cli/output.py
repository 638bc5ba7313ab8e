"""What the commands share: where they write, how they say what went wrong, and how they exit."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

#: Answers go to stdout, everything about getting there to stderr.
console = Console()
progress_console = Console(stderr=True)

#: Exit codes of every command.
CLEAN, FINDINGS, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130


def say(text: str) -> None:
    """One line about what is being done."""
    progress_console.print(text, highlight=False)


def fail(error: Exception) -> None:
    """What went wrong, without a traceback."""
    progress_console.print(f"[bold red]{type(error).__name__}[/]", end=" ", highlight=False)
    progress_console.print(str(error), markup=False, highlight=False)


def emit_json(value: Any) -> None:
    """The answer for a machine: one JSON document on stdout."""
    json.dump(value, sys.stdout, indent=2, default=str)
    sys.stdout.write("\n")


def progress_bar() -> Progress:
    """How far something is, with its name, on stderr."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=progress_console)
