"""The ORM statements that are measured, as every contestant writes them: only what it says of the tenant differs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Executable, Select, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.contestant import SessionContestant
from benchmarks.data.tasks import Models
from benchmarks.ground import Place

TASKS = text("SELECT id, project_id FROM public.task WHERE organization_id = :tenant ORDER BY created_at LIMIT 50")
COUNT = text("SELECT count(*) FROM public.task WHERE organization_id = :tenant")
INSERT_OF_MANY = "insert of 10,000"
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Statements:
    """The statements of one contestant for one tenant.

    Attributes:
        contestant: who writes them.
        tenant: whose rows they mean.
        tasks: keys of some tasks of the tenant's.
        project: the key of one of its projects.
        count: how many tasks it has.
    """

    contestant: SessionContestant
    tenant: UUID
    tasks: Sequence[UUID]
    project: UUID
    count: int

    @classmethod
    async def of(cls, contestant: SessionContestant, tenant: UUID, place: Place) -> Statements:
        async with place.connect() as connection:
            rows = (await connection.execute(TASKS, {"tenant": tenant})).all()
            count = await connection.scalar(COUNT, {"tenant": tenant})
        return cls(contestant, tenant, [row.id for row in rows], rows[0].project_id, count or 0)

    def all(self) -> dict[str, Callable[[AsyncSession], Awaitable[object]]]:
        """By name, what runs each statement as often as one batch does."""
        task = self.models.task
        times = {"newest 20": 50, "join, newest 20": 50}
        # All rows of a large tenant take a while; those of a small one are read so often that the first time is few.
        all_rows = min(20, max(2, 20_000 // self.count))
        return {
            "point": _each(self._tasks().where(task.id == key) for key in self.tasks),
            **{name: _each([select] * times.get(name, all_rows)) for name, select in self.selects().items()},
            "update": _each(update(task).where(*self._where(), task.id == key).values(title="-") for key in self.tasks),
            "delete": _each(delete(task).where(*self._where(), task.id == key) for key in self.tasks),
            "insert": _each(insert(task).values(**self._row()) for _ in range(50)),
            INSERT_OF_MANY: self._insert_many,
        }

    def selects(self) -> dict[str, Select[Any]]:
        """The statements that read many rows."""
        task, project = self.models.task, self.models.project
        titles = self._tasks(task.title, project.name).join(project, project.id == task.project_id)
        counts = self._tasks(project.id, func.count()).join(project, project.id == task.project_id)
        return {
            "newest 20": self._tasks().order_by(task.created_at.desc()).limit(20),
            "aggregate": self._tasks(func.count(), func.max(task.title)),
            "join, newest 20": titles.order_by(task.created_at.desc()).limit(20),
            "join, aggregate": counts.group_by(project.id).order_by(func.count().desc()).limit(10),
        }

    @property
    def models(self) -> Models:
        return self.contestant.models

    def _where(self) -> tuple[ColumnElement[bool], ...]:
        return self.contestant.where(self.tenant, self.models.task)

    def _tasks(self, *columns: Any) -> Select[Any]:
        return select(*(columns or (self.models.task,))).select_from(self.models.task).where(*self._where())

    def _row(self) -> dict[str, object]:
        ids = {"id": uuid4(), "organization_id": self.tenant, "project_id": self.project}
        return {**ids, "title": "A new task", "created_at": NOW}

    async def _insert_many(self, session: AsyncSession) -> None:
        await session.execute(insert(self.models.task), [self._row() for _ in range(10_000)])


def _each(statements: Iterable[Executable]) -> Callable[[AsyncSession], Awaitable[object]]:
    executables = list(statements)

    async def run(session: AsyncSession) -> None:
        for statement in executables:
            await session.execute(statement, execution_options={"synchronize_session": False})

    return run
