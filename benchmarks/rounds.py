"""Rounds: short batches of every contestant in turn, in random order, so that noise of the machine meets all alike."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from random import Random

#: Runs one batch, given the round's number, and returns seconds per operation.
Batch = Callable[[int], Awaitable[float]]
#: Seconds per operation, of each contestant, round by round.
Timings = dict[str, list[float]]


async def interleave(batches: Mapping[str, Batch], rounds: int, *, warm: int = 1) -> Timings:
    """Runs every batch once per round.

    Args:
        batches: by the contestant's name.
        rounds: how many are measured.
        warm: how many go before, unmeasured: connections are opened, statements prepared, pages read.
    """
    # What is random is the same in every run.
    order, draw = list(batches), Random(0)
    timings: Timings = {name: [] for name in batches}
    for number in range(-warm, rounds):
        draw.shuffle(order)
        for name in order:
            seconds = await batches[name](number)
            if number >= 0:
                timings[name].append(seconds)
    return timings


async def timed(
    operation: Callable[[], Awaitable[object]], operations: int = 1, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Seconds per operation of something that does several, by a clock of the module `time`."""
    started = clock()
    await operation()
    return (clock() - started) / operations
