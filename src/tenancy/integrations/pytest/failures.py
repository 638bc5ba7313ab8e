"""How errors of tenancy's own look in a test run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tenancy.errors import TenancyError


@contextmanager
def explained() -> Iterator[None]:
    """Inside, an error of ours fails the test by its words alone: they say what to do, a traceback would hide them."""
    try:
        yield
    except TenancyError as error:
        raise pytest.fail.Exception(f"{type(error).__name__}: {error}", pytrace=False) from None
