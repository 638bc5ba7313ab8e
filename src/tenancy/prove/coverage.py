"""Which policies PostgreSQL has asked, counted by PostgreSQL itself.

Every policy of a scratch database is made to take a number from a sequence before it answers. A sequence counts on
through rollbacks, so it counts what attacks and tests tried, whatever they sent and however it ended: raw SQL, COPY and
MERGE, too. A policy that no row and no statement has reached was never tried, and its number stays 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tenancy.prove.report import PolicyUse
from tenancy.security.quoting import identifier, literal
from tenancy.security.roles import Roles
from tenancy.security.statements import statement
from tenancy.security.values import Policy, TableSecurity

_SCHEMA = "tenancy_coverage"
_COUNTED = text(statement("tenancy.prove", "coverage.sql", "numbers taken"))


async def count_policies(connection: AsyncConnection, tables: Iterable[TableSecurity], roles: Roles) -> None:
    """Makes every policy of the tables count how often it is asked. For scratch databases: it costs every statement.

    Args:
        connection: of the owner or a superuser, in a transaction; its end decides whether the counting stays.
        tables: as the models derive them.
        roles: by whose names is counted.
    """
    await connection.exec_driver_sql(f"CREATE SCHEMA {_SCHEMA}")
    for number, (table, policy) in enumerate(_policies(tables)):
        for role in _counted(roles):
            comment = literal("\n".join((table.schema, table.name, role, policy.command, policy.name)))
            await connection.exec_driver_sql(f"CREATE SEQUENCE {_sequence(number, role)}")
            await connection.exec_driver_sql(f"COMMENT ON SEQUENCE {_sequence(number, role)} IS {comment}")
        await connection.exec_driver_sql(_counting(number, table, policy, roles))
    await connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {_SCHEMA} TO PUBLIC")


async def counted_policies(connection: AsyncConnection) -> tuple[PolicyUse, ...]:
    """How often each policy was asked since `count_policies()`, for statements of the application and of the owner."""
    uses = []
    for described, times in await connection.execute(_COUNTED):
        schema, table, role, command, policy = described.split("\n")
        uses.append(PolicyUse(f"{schema}.{table}", role, command, policy, times))
    return tuple(sorted(uses, key=lambda use: (use.table, use.role, use.policy)))


def _policies(tables: Iterable[TableSecurity]) -> Iterator[tuple[TableSecurity, Policy]]:
    for table in sorted(tables, key=lambda one: one.key):
        yield from product([table], sorted(table.policies))


def _counted(roles: Roles) -> tuple[str, str]:
    return (roles.application, roles.owner)


def _sequence(number: int, role: str) -> str:
    return identifier(_SCHEMA, f"{number} {role}")


def _counting(number: int, table: TableSecurity, policy: Policy, roles: Roles) -> str:
    application, owner = (f"{literal(_sequence(number, role))}::regclass" for role in _counted(roles))
    sequence = f"CASE WHEN current_user = {literal(roles.owner)} THEN {owner} ELSE {application} END"
    conditions = {"USING": policy.using, "WITH CHECK": policy.check}
    # In a CASE, which PostgreSQL evaluates in order, so that nothing is answered before it is counted.
    counting = " ".join(
        f"{kind} (CASE WHEN nextval({sequence}) IS NULL THEN NULL ELSE {condition} END)"
        for kind, condition in conditions.items()
        if condition is not None
    )
    return f"ALTER POLICY {identifier(policy.name)} ON {identifier(table.schema, table.name)} {counting}"
