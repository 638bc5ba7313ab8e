"""How long work tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

#: Called with what is being done ("attacks", "mutations", "policies"), how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


def silent(what: str, done: int, total: int) -> None:
    """Tells nothing."""
