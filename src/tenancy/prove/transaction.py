"""One transaction of an attack: statements go through it, and what they tried and what came back is kept."""

from __future__ import annotations

import reprlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import ClauseElement, Executable, func, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm.exc import DetachedInstanceError, StaleDataError

from tenancy.errors import ProofError, TenancyError, TenantMismatch
from tenancy.prove.expectation import Answer, Expectation
from tenancy.security.functions import TENANT_SETTING, USER_SETTING
from tenancy.session.principal import NOBODY, Principal
from tenancy.session.refusals import SERVER_CONDITIONS


@dataclass(frozen=True)
class Evidence:
    """One statement of an attack: what was sent, what had to happen, and what did."""

    sql: str
    expected: str
    answer: str
    as_expected: bool


#: What sessions refuse by themselves: another tenant's object, one that is not theirs or nobody's, a write that met no
#: row.
_SESSION_REFUSALS = (TenantMismatch, InvalidRequestError, StaleDataError, DetachedInstanceError)
REFUSALS = (DBAPIError, TenancyError, asyncpg.PostgresError, *_SESSION_REFUSALS)


class Leaked(Exception):
    """A statement of an attack was answered otherwise than it had to be; the evidence says how."""


class Transaction:
    """An attacker's transaction. Each statement stands in a savepoint, so that a refusal ends nothing else."""

    def __init__(
        self, connection: AsyncConnection, evidence: list[Evidence], secrets: frozenset[str] = frozenset()
    ) -> None:
        self._connection = connection
        self._evidence = evidence
        #: What no refusal may print, unless it was sent.
        self._secrets = secrets

    async def expect(self, statement: Executable, expectation: Expectation) -> Answer:
        """Runs a statement.

        Raises:
            Leaked: the answer is not the expected one.
            ProofError: the server gave no answer, for a reason that has nothing to do with the attack.
        """
        return await self.expect_of(_rendered(statement, self._connection), self._run, statement, expectation)

    async def expect_of(
        self, sql: str, run: Callable[[Any], Awaitable[Answer]], argument: Any, expectation: Expectation
    ) -> Answer:
        """As `expect`, for what goes through the driver: `run(argument)` sends it and returns the answer."""
        try:
            async with self._connection.begin_nested():
                answer = await run(argument)
        except REFUSALS as error:
            answer = refusal(error, sql)
            printed = [secret for secret in self._secrets if secret in str(answer)]
            if printed and any(secret not in _sent(argument) for secret in printed):
                expectation = expectation.but_silent()
        return judged(sql, answer, expectation, self._evidence)

    async def perform(self, sql: str) -> None:
        """Runs a statement that must work: what prepares an attack; as for `text()`, names are `sql.quoted()`.

        Raises:
            ProofError: it did not.
        """
        try:
            await self._connection.execute(text(sql))
        except REFUSALS as error:
            raise ProofError(f"An attack could not be prepared: {sql}: {refusal(error, sql)}") from error
        self._evidence.append(Evidence(_rendered(text(sql), self._connection), "done", "done", as_expected=True))

    async def become(self, principal: Principal = NOBODY) -> None:
        """Sets the tenant and the user as any SQL could, for the rest of the transaction."""
        settings = {TENANT_SETTING: principal.tenant, USER_SETTING: principal.user}
        values = {setting: "" if value is None else str(value) for setting, value in settings.items()}
        await self._connection.execute(
            select(*(func.set_config(setting, value, True) for setting, value in values.items()))
        )
        sql = "; ".join(f"SET LOCAL {setting} = {_parameters.repr(value)}" for setting, value in values.items())
        self._evidence.append(Evidence(sql, "done", "done", as_expected=True))

    def sql(self, statement: Executable) -> str:
        """A statement without parameters as PostgreSQL gets it, to be put into another one."""
        return str(statement.compile(dialect=self._connection.dialect))  # type: ignore[attr-defined]

    async def scalar(self, sql: str) -> Any:
        """One value that the attack needs to know."""
        return await self._connection.scalar(text(sql))

    async def rows(self, statement: Executable, **values: Any) -> Sequence[Any]:
        """Rows that the attack needs to know."""
        return (await self._connection.execute(statement, values)).all()

    async def driver(self) -> Any:
        """asyncpg's connection, inside this transaction."""
        await self._connection.scalar(text("SELECT 1"))  # the adapter begins with the first statement
        return (await self._connection.get_raw_connection()).driver_connection

    async def _run(self, statement: Executable) -> Answer:
        result = await self._connection.execute(statement)
        if result.returns_rows:
            return Answer(rows=tuple(tuple(row) for row in result.all()))
        return Answer(affected=result.rowcount)


async def expect_of_driver(driver: Any, sql: str, expectation: Expectation, evidence: list[Evidence]) -> None:
    """Runs a query on asyncpg's connection with no transaction around it.

    Raises:
        Leaked: the answer is not the expected one.
    """
    try:
        answer = Answer(rows=tuple(tuple(row) for row in await driver.fetch(sql)))
    except asyncpg.PostgresError as error:
        answer = refusal(error, sql)
    judged(sql, answer, expectation, evidence)


def judged(sql: str, answer: Answer, expectation: Expectation, evidence: list[Evidence]) -> Answer:
    """Keeps the answer as evidence.

    Raises:
        Leaked: it is not the expected one.
    """
    as_expected = expectation.accepts(answer)
    evidence.append(Evidence(sql, expectation.text, str(answer), as_expected))
    if not as_expected:
        raise Leaked
    return answer


def refusal(error: BaseException, sql: str) -> Answer:
    """A refusal as an answer: the server's by its SQLSTATE, the session's by its class.

    Raises:
        ProofError: the error is neither's, or says nothing about the statement.
    """
    cause: Any = error
    while cause is not None and not isinstance(getattr(cause, "sqlstate", None), str):
        cause = getattr(cause, "orig", None) or cause.__cause__
    if cause is None and isinstance(error, _SESSION_REFUSALS):
        # Without the address of a page that SQLAlchemy puts behind.
        message = str(error).splitlines()[0].partition(" (Background on this error")[0]
        return Answer(error=type(error), message=message)
    if cause is None or cause.sqlstate.startswith(SERVER_CONDITIONS):
        raise ProofError(f"The server could not answer {sql}: {error}") from error
    while isinstance(getattr(cause.__cause__, "sqlstate", None), str):
        cause = cause.__cause__
    detail = " ".join(filter(None, (getattr(cause, "detail", None), getattr(cause, "hint", None))))
    return Answer(sqlstate=cause.sqlstate, message=str(cause).splitlines()[0], detail=detail)


def _sent(argument: Any) -> str:
    """What a statement said, with its parameters in full; of what went through the driver nothing is known."""
    if not isinstance(argument, ClauseElement):
        return ""
    compiled: Any = argument.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    return f"{compiled} {compiled.params}"


def _rendered(statement: Executable, connection: AsyncConnection) -> str:
    compiled: Any = statement.compile(dialect=connection.dialect)  # type: ignore[attr-defined]
    sql = " ".join(str(compiled).split())
    return f"{sql}  -- {_parameters.repr(dict(compiled.params))}" if compiled.params else sql


_parameters = reprlib.Repr()
_parameters.maxdict = _parameters.maxlist = 4
_parameters.maxstring = _parameters.maxother = 60
