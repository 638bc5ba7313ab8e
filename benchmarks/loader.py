"""Loaders: ways to load many rows of one tenant. Each is a file of `loaders/`, found by walking it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from benchmarks.walking import classes_in
from tenancy import Database

#: A row of `event`: id, organization_id, kind, amount, created_at.
Row = tuple[UUID, UUID, str, int, datetime]
COLUMNS = ("id", "organization_id", "kind", "amount", "created_at")


class Loader(ABC):
    """One way. The first line of its docstring stands on the page.

    Attributes:
        name: for tables and plots.
        login: what it connects as.
    """

    name: ClassVar[str]
    login: ClassVar[str] = "tenancy_app_login"

    @abstractmethod
    async def open(self, url: str) -> None:
        """Makes its pool."""

    @abstractmethod
    async def load(self, tenant: UUID, rows: Sequence[Row]) -> None:
        """Loads and commits all rows, which are the tenant's."""

    @abstractmethod
    async def close(self) -> None: ...


class TenancyLoader(Loader):
    """A loader that goes through tenancy.

    Attributes:
        database: what it connects with, once it is open.
    """

    database: Database

    async def open(self, url: str) -> None:
        self.database = Database.from_url(url)

    async def close(self) -> None:
        await self.database.close()


def loaders() -> dict[str, type[Loader]]:
    """Every loader by its name, in the order of the files."""
    # mypy takes no abstract class for a type.
    return {one.name: one for one in classes_in("benchmarks.loaders", Loader)}  # type: ignore[type-abstract]
