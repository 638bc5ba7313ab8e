"""The owner's connection to a module's own `database`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from ..conftest import TestDatabase


@pytest.fixture
def owner(database: TestDatabase) -> Iterator[Connection]:
    """The owner's; nothing is kept."""
    with database.connect() as connection:
        connection.execute(text("SET LOCAL ROLE tenancy_owner"))
        yield connection
