"""Sample values that a column's type does not tell, for seeds and the proof."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

#: The key of a column's sample in `Column.info`.
SAMPLE = "tenancy.sample"


def sampled(make: Callable[[Random], Any]) -> dict[str, Any]:
    """The `info` of a column whose values have a form.

    `mapped_column(info=sampled(lambda random: f"1.0.{random.randrange(100)}"))`

    Args:
        make: a value from randomness; the same randomness must give the same value.
    """
    return {SAMPLE: make}
