"""Searches: ways to find a tenant's vectors that are nearest to one. Each is a file of `searches/`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from benchmarks.data.vectors import Chunk
from benchmarks.walking import classes_in
from tenancy.session.async_session import AsyncTenantSession

LIMIT = 10


class Search(ABC):
    """One way. The first line of its docstring stands on the page."""

    name: ClassVar[str]

    @abstractmethod
    async def nearest(self, session: AsyncTenantSession, vector: list[float]) -> list[Chunk]:
        """The nearest ten of the session's tenant, by cosine distance; fewer where the way finds no more."""


def searches() -> dict[str, type[Search]]:
    """Every search by its name, in the order of the files."""
    # mypy takes no abstract class for a type.
    return {one.name: one for one in classes_in("benchmarks.searches", Search)}  # type: ignore[type-abstract]
