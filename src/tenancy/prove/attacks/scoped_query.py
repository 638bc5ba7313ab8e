from decimal import Decimal
from itertools import islice, product
from random import Random
from typing import Any

from sqlalchemy import BindParameter, Column, Enum, Executable, Integer, MetaData, Numeric, String, Table
from sqlalchemy.types import TypeEngine

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import UNSET, Expectation, returns
from tenancy.prove.ground import Attempt
from tenancy.prove.target import Target
from tenancy.prove.transaction import Transaction
from tenancy.prove.values import sample_value
from tenancy.schema.identity import implementation_of
from tenancy.schema.metadata import conventions_of
from tenancy.schema.query import ScopedQuery
from tenancy.security.querying import tables_of

#: What finds more than it says, by the type of the argument.
_WILDCARDS: dict[type, tuple[Any, ...]] = {
    str: ("", "%", "_%", "' OR true --", "\\"),
    int: (0,),
    Decimal: (Decimal(-1),),
}
#: A query of many parameters is not asked for every combination.
_MOST = 100

_ANSWERED = Expectation("an answer under policies", lambda answer: answer.rows is not None)


def queries_reading(table: Table) -> list[ScopedQuery]:
    """The scoped queries that read a table."""
    return [query for query in conventions_of(table.metadata).queries if table in tables_of(query)]


def guesses(query: ScopedQuery, target: Target) -> list[dict[str, Any]]:
    """Arguments: of the victim's rows and of the attacker's what has the parameter's type, wildcards, made up ones."""
    candidates = [_candidates(one, target) for one in query.parameters.values()]
    together = islice(product(*candidates), _MOST)
    return [dict(zip(query.parameters, values, strict=True)) for values in together]


def _candidates(parameter: BindParameter[Any], target: Target) -> list[Any]:
    scratch = Table("arguments", MetaData(), Column("made_up", parameter.type))
    made_up = sample_value(scratch.c.made_up, Random())  # noqa: S311 - made up, not kept
    if isinstance(made_up, list):
        return [[value for row in target.others for value in row.values() if isinstance(value, type(made_up[0]))], []]
    columns = [key for key, one in target.declared.columns.items() if _is_alike(one.type, parameter.type)]
    of_rows = [row.get(key) for row in (*target.others, *target.own) for key in columns]
    plain = isinstance(implementation_of(parameter.type), String | Numeric | Integer)
    wildcards = _WILDCARDS.get(type(made_up), ()) if plain else ()
    found = [*(value for value in of_rows if isinstance(value, type(made_up))), *wildcards, made_up]
    return list({repr(value): value for value in found}.values())


def _is_alike(one: TypeEngine[Any], other: TypeEngine[Any]) -> bool:
    """Whether a value of one type may stand for the other."""
    one, other = implementation_of(one), implementation_of(other)
    if isinstance(other, Enum):
        return isinstance(one, Enum) and one.enums == other.enums
    return isinstance(one, String if isinstance(other, String) else type(other))


async def attempt(on: Attempt) -> None:
    for query in queries_reading(on.target.declared):
        for arguments in guesses(query, on.target):
            call = query.select(**arguments)
            for party in (on.parties.attacker, on.parties.stranger):
                async with on.application(party) as transaction:
                    await transaction.expect(call, await _under_policies(transaction, query, arguments))
            async with on.nobody() as nobody:
                await nobody.expect(call, UNSET)


async def _under_policies(transaction: Transaction, query: ScopedQuery, arguments: dict[str, Any]) -> Expectation:
    """Exactly what the query's own statement finds where policies hold it."""
    statement: Executable = query.returning.params(**arguments)
    return returns((await transaction.expect(statement, _ANSWERED)).rows or ())


ATTACK = Attack(
    tries="Asks the scoped queries that read the table for the victim's values, by wildcards, as stranger and nobody.",
    why="A scoped query runs with rights that see every row, and what keeps others' rows out is its own text: it must "
    "find what the same statement finds under the policies, and nothing without a tenant.",
    applies_to=lambda table: is_scoped(table) and bool(queries_reading(table)),
    attempt=attempt,
)
