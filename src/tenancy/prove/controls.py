"""What must be true before an attack says anything: an unprivileged role, rows to reach, and an owner who reaches them.

A check of isolation that passes as a superuser, or on empty tables, or on tables that nobody can use at all, is the
commonest mistake of its kind.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, insert, select, text, update

from tenancy.errors import ProofError, UnsafeRole
from tenancy.prove.belonging import is_scoped, is_shared
from tenancy.prove.expectation import Expectation, affects, refused, returns
from tenancy.prove.ground import Attempt, Ground
from tenancy.prove.rows import Row
from tenancy.prove.target import Target
from tenancy.prove.transaction import Leaked, Transaction
from tenancy.schema.access import Command
from tenancy.security.statements import statement

_WAYS_ROUND = text(statement("tenancy.session", "role.sql", "ways round row-level security"))
_OWNED = text(statement("tenancy.prove", "controls.sql", "attacked tables that the login owns"))
#: A key that is taken, or referred to: what comes after the policies have let the row pass.
TAKEN_OR_REFERRED_TO = ("23001", "23503", "23505", "23P01")


async def assert_unprivileged(ground: Ground, targets: Iterable[Target]) -> None:
    """The application's role is held by row-level security.

    Raises:
        ProofError: it could get round it, by itself or by any chain of memberships; it says how.
    """
    schemas = [target.table.schema or "public" for target in targets]
    names = [target.table.name for target in targets]
    try:
        async with ground.login() as connection:
            ways = [f"{role} {way}" for _, role, way in await connection.execute(_WAYS_ROUND)]
            owned = await connection.execute(_OWNED, {"schemas": schemas, "names": names})
            ways += [f"{role} owns {table}" for role, table in owned]
    except UnsafeRole as error:
        raise ProofError(f"The proof would prove nothing: {error}") from error
    if ways:
        raise ProofError(
            f"The proof would prove nothing: the application's role could get round row-level security. "
            f"{'; '.join(dict.fromkeys(ways))}."
        )


async def assert_reachable(ground: Ground, target: Target) -> None:
    """Both parties have rows in the table, and reach and change them as the access says.

    Raises:
        ProofError: one does not; it names table and statement.
    """
    if not is_shared(target.declared) and not (target.own and target.others):
        raise ProofError(f"{target.name} has no row of both parties: an attack on it would prove nothing.")
    attempt = Attempt(ground, target)
    try:
        await _reach(attempt)
    except Leaked:
        last = attempt.evidence[-1]
        raise ProofError(
            f"{target.name}: a tenant does not reach its own rows, so that others do not would prove nothing. "
            f"{last.sql}: expected {last.expected}, got {last.answer}."
        ) from None


async def _reach(attempt: Attempt) -> None:
    target = attempt.target
    if is_shared(target.declared):
        async with attempt.attacker() as attacker:
            await _read(attacker, target, (*target.common, *target.own, *target.others))
    if not is_scoped(target.declared):
        return
    for principal, rows in ((target.parties.attacker, target.own), (target.parties.victim, target.others)):
        async with attempt.application(principal) as transaction:
            await _read(transaction, target, rows)
    async with attempt.attacker() as attacker:
        await _write(attacker, target)


async def _read(transaction: Transaction, target: Target, rows: Iterable[Row]) -> None:
    # One by one: that others come as well is for the attacks to find.
    for row in rows:
        await transaction.expect(select(*target.key).where(target.is_row(row)), returns(target.keys([row])))


async def _write(attacker: Transaction, target: Target) -> None:
    """The attacker's own writes pass: it is the policies that stop the others."""
    passes: Expectation = affects(1) | refused(*TAKEN_OR_REFERRED_TO)
    own = target.own[0]
    if target.allows(Command.INSERT):
        await attacker.expect(insert(target.table).values(target.insertable(target.own_spare)), passes)
    if target.allows(Command.UPDATE):
        changed = update(target.table).where(target.is_row(own)).values(target.belonging(own))
        await attacker.expect(changed, affects(1))
    if target.allows(Command.DELETE):
        await attacker.expect(delete(target.table).where(target.is_row(own)), passes)
