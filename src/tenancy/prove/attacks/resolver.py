from random import Random
from typing import Any

from sqlalchemy import Column, MetaData, Table

from tenancy.prove.attack import Attack
from tenancy.prove.expectation import returns
from tenancy.prove.ground import Attempt
from tenancy.prove.values import sample_value
from tenancy.schema.metadata import conventions_of
from tenancy.schema.resolver import Resolver
from tenancy.session.resolving import call

#: What a careless comparison takes for a match.
_WILDCARDS = ("%", "_%", "", ".*", "' OR true --")


def resolvers_reading(table: Table) -> list[Resolver]:
    """The declared resolvers that read a table."""
    declared = conventions_of(table.metadata).resolvers
    return [one for one in declared if table in one.tables]


def guesses(resolver: Resolver) -> list[dict[str, Any]]:
    """Secrets that nobody was given: made up, missing, and wildcards."""
    random = Random()  # noqa: S311 - made up, not kept
    scratch = Table("secrets", MetaData(), *(Column(name, one.type) for name, one in resolver.parameters.items()))
    made_up = {column.name: sample_value(column, random, unique=True) for column in scratch.columns}
    texts = [name for name, value in made_up.items() if type(value) is str]
    found = [made_up, dict.fromkeys(made_up)]
    return found + [{**made_up, **dict.fromkeys(texts, wildcard)} for wildcard in _WILDCARDS if texts]


async def attempt(on: Attempt) -> None:
    for resolver in resolvers_reading(on.target.declared):
        nothing = returns([([] if resolver.many else None,)])
        async with on.nobody() as nobody:
            for secrets in guesses(resolver):
                await nobody.expect(call(resolver, secrets), nothing)


ATTACK = Attack(
    tries="Asks the resolvers that read the table with secrets that nobody has: made up, missing, wildcards.",
    why="A resolver runs before the tenant is known, with rights that see every row: it must find what it is given the "
    "exact secret for, and nothing otherwise.",
    applies_to=lambda table: bool(resolvers_reading(table)),
    attempt=attempt,
)
