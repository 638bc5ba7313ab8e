"""One processor for the client and its server process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def on_one_processor(server: int) -> Iterator[None]:
    """Keeps this process and one of the server's on one processor, where the system allows that.

    Whether the two wake each other on one processor or across two is up to the system, changes by the second, and takes
    up to 60 µs: for a short statement far more than all that is compared.

    Args:
        server: the number of the server's process.
    """
    if not hasattr(os, "sched_setaffinity"):  # Linux alone has it
        yield
        return
    before = os.sched_getaffinity(0)
    try:
        with suppress(PermissionError):
            os.sched_setaffinity(server, {max(before)})
            os.sched_setaffinity(0, {max(before)})
        yield
    finally:
        os.sched_setaffinity(0, before)
        with suppress(OSError):
            os.sched_setaffinity(server, before)
