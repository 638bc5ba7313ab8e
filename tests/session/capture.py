"""What reaches the database: statements as SQLAlchemy sends them, with their parameters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


@dataclass(frozen=True)
class Sent:
    """One statement. `parameters` is a tuple, for executemany a list of tuples."""

    sql: str
    parameters: Any


@dataclass
class Captured:
    """Every statement that the engine sent while it was watched."""

    statements: list[Sent] = field(default_factory=list)

    def on(self, table: str) -> list[Sent]:
        """The statements that name a table."""
        return [sent for sent in self.statements if table in sent.sql.replace('"', "").replace(",", " ").split()]

    def clear(self) -> None:
        self.statements.clear()


@contextmanager
def captured(engine: AsyncEngine) -> Iterator[Captured]:
    """Watches an engine."""
    result = Captured()

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        result.statements.append(Sent(statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield result
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
