"""An attacker's ORM session: what it tries with objects, and what came back, is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

from sqlalchemy import CursorResult, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, make_transient_to_detached

from tenancy.errors import ProofError
from tenancy.prove.expectation import Answer, Expectation, returns
from tenancy.prove.rows import Row
from tenancy.prove.target import Target, key_of
from tenancy.prove.transaction import REFUSALS, Evidence, Transaction, judged, refusal

#: Objects of the table, None for none, or the result of a statement that writes.
Found = Iterable[Any] | CursorResult[Any] | None


class ObjectSession:
    """A session, and the class that is mapped to the table under attack.

    Each action stands in a savepoint, so that a refusal ends nothing else; leaving the savepoint flushes.

    Args:
        session: of a tenant and a user.
        target: the table under attack.
        evidence: where what is tried is kept.
        shared: tasks use the session at once, so that no savepoint could be one task's own.
    """

    def __init__(
        self, session: AsyncSession, target: Target, evidence: list[Evidence], *, shared: bool = False
    ) -> None:
        self.session = session
        self._within = nullcontext if shared else session.begin_nested
        self._target = target
        self._evidence = evidence

    async def expect(self, words: str, action: Callable[[Session], Found], expectation: Expectation) -> Answer:
        """Does something with the session, and flushes.

        Args:
            words: what, for the report.
            action: does it, and returns what was found.
            expectation: what must come of it.

        Raises:
            Leaked: the answer is not the expected one.
            ProofError: there was no answer, for a reason that has nothing to do with the attack.
        """
        words = f"{words}, of {self._target.name}"
        try:
            async with self._within():
                answer = await self.session.run_sync(lambda session: self._answer(action(session)))
        except REFUSALS as error:
            answer = refusal(error, words)
        return judged(words, answer, expectation, self._evidence)

    async def load(self, row: Row) -> Any:
        """The object of a row that the session's tenant owns.

        Raises:
            ProofError: there is none.
        """
        found = await self.session.get(self._target.mapped, self.identity(row))
        if found is None:
            raise ProofError(f"A tenant's session does not get its own row of {self._target.name}.")
        return found

    async def expect_victim_untouched(self) -> None:
        """Becomes the victim, in the same transaction and past the session, and finds each row where it was.

        Raises:
            Leaked: one is gone, or one was added.
        """
        victim = Transaction(await self.session.connection(), self._evidence)
        await victim.become(self._target.parties.victim)
        await victim.expect(select(*self._target.key), returns(self._target.keys(self._target.others)))

    def identity(self, row: Row) -> dict[str, Any]:
        """A row's primary key, as `session.get()` takes it."""
        return {column.key: row[column.key] for column in key_of(self._target.declared)}

    def new(self, row: Row) -> Any:
        """An object that is in no session and was never loaded."""
        made = self._target.mapped()
        for key, value in row.items():
            setattr(made, key, value)
        return made

    def detached(self, row: Row) -> Any:
        """An object of which it is only said that it was loaded: it would be written over the row of its key."""
        made = self.new(row)
        make_transient_to_detached(made)
        return made

    def _answer(self, found: Found) -> Answer:
        if isinstance(found, CursorResult):
            return Answer(affected=found.rowcount)
        keys = [column.key for column in key_of(self._target.declared)]
        present = (one for one in found or () if one is not None)
        return Answer(rows=tuple(tuple(getattr(one, key) for key in keys) for one in present))
