"""A mutation: one wall taken away on purpose, to see that the proof notices, and by which attack.

A module of `tenancy.prove.mutations` is one mutation and defines `MUTATION`; the module's name is the mutation's. The
folder is walked, so a new mutation is a new file and nothing else. What it breaks is broken inside the proof's own
transaction, by SQL that a superuser runs, and comes back by a rollback to a savepoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from sqlalchemy import Table

from tenancy.errors import ProofError
from tenancy.prove import mutations as folder
from tenancy.prove.attack import modules_of
from tenancy.prove.target import Target
from tenancy.schema.access import Command
from tenancy.security.quoting import identifier
from tenancy.security.roles import Roles
from tenancy.security.values import Policy, TableSecurity

#: Controls that a mutation may be caught by, besides attacks: then no proof can be made at all.
UNPRIVILEGED, REACHABLE = "unprivileged", "reachable"


@dataclass(frozen=True)
class Variant:
    """One way in which a mutation breaks a table or the database.

    Attributes:
        label: what tells it from the mutation's other variants.
        statements: the SQL, run as a superuser.
        caught_by: the attacks, or controls, that are there for it: one of them must turn red.
    """

    label: str
    statements: tuple[str, ...]
    caught_by: tuple[str, ...]


class Wall:
    """What a mutation breaks: a table as it is protected, or the database as a whole."""

    def __init__(
        self, roles: Roles, login: str, target: Target | None = None, security: TableSecurity | None = None
    ) -> None:
        self.roles = roles
        #: The application's login role.
        self.login = login
        #: What the models ask for.
        self.security = security
        self._target = target

    @property
    def target(self) -> Target:
        """The table, with the rows of both parties.

        Raises:
            ProofError: the mutation is one of the database as a whole.
        """
        if self._target is None:
            raise ProofError("A mutation of the database as a whole has no table: say in `applies_to` which it breaks.")
        return self._target

    @property
    def table(self) -> Table:
        return self.target.declared

    @property
    def schema(self) -> str:
        return self.table.schema or "public"

    @property
    def relation(self) -> str:
        """The table's name, quoted."""
        return identifier(self.schema, self.table.name)

    def beside(self, suffix: str) -> str:
        """The quoted name of something new in the table's schema."""
        return identifier(self.schema, f"tenancy_mutation_{suffix}")

    @property
    def application(self) -> str:
        return identifier(self.roles.application)

    @property
    def permissive(self) -> list[Policy]:
        """The policies for one command each, in order."""
        policies = self.security.policies if self.security else ()
        return sorted((policy for policy in policies if policy.permissive), key=lambda policy: policy.name)

    @property
    def guard(self) -> Policy:
        policies = self.security.policies if self.security else ()
        return next(policy for policy in policies if not policy.permissive)

    @property
    def predicate(self) -> str:
        """The condition of every policy of the table."""
        return self.guard.using or ""

    def alter(self, policy: Policy, what: str) -> str:
        return f"ALTER POLICY {identifier(policy.name)} ON {self.relation} {what}"

    def drop(self, policy: Policy) -> str:
        return f"DROP POLICY {identifier(policy.name)} ON {self.relation}"

    def allows(self, command: Command) -> bool:
        return self.target.allows(command)


@dataclass(frozen=True)
class Mutation:
    """One kind of mistake or sabotage.

    Attributes:
        breaks: what it does, in one sentence.
        applies_to: whether it can be made on a table; None for one of the database as a whole.
        variants: how it is made.
        name: the name of its file.
    """

    breaks: str
    applies_to: Callable[[Table], bool] | None
    variants: Callable[[Wall], Iterable[Variant]]
    name: str = ""

    def of(self, wall: Wall) -> Iterator[tuple[str, Variant]]:
        """The variants with their full names: `widen_policy(select, using)`."""
        for variant in self.variants(wall):
            yield f"{self.name}({variant.label})" if variant.label else self.name, variant


@cache
def all_mutations() -> tuple[Mutation, ...]:
    """Every mutation of the folder, by name."""
    return tuple(replace(module.MUTATION, name=name) for name, module in modules_of(folder).items())
