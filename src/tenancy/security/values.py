"""What protects a database, as plain values: the same from the models (`derive`) and from the catalog (`read`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: How PUBLIC is written in `Policy.roles` and `Grant.grantee`; PostgreSQL reserves the name, no role can have it.
PUBLIC = "public"


@dataclass(frozen=True, order=True)
class Policy:
    """One row-level security policy of a table."""

    name: str
    #: ALL, SELECT, INSERT, UPDATE or DELETE.
    command: str
    permissive: bool
    roles: tuple[str, ...]
    using: str | None = None
    check: str | None = None


@dataclass(frozen=True)
class Grant:
    """One privilege of one role, on a table, on one of its columns, or on the sequence that a column owns."""

    grantee: str
    privilege: str
    column: str | None = None
    sequence: bool = False
    grantable: bool = False


@dataclass(frozen=True)
class TableSecurity:
    """Everything that decides who reaches a table's rows."""

    schema: str
    name: str
    #: ENABLE ROW LEVEL SECURITY.
    enabled: bool = False
    #: FORCE ROW LEVEL SECURITY: the owner is held to the policies as well.
    forced: bool = False
    policies: frozenset[Policy] = frozenset()
    grants: frozenset[Grant] = frozenset()

    @property
    def key(self) -> tuple[str, str]:
        return (self.schema, self.name)


@dataclass(frozen=True)
class SchemaSecurity:
    """Who may use a PostgreSQL schema, and who may create in it; its owner is not listed."""

    name: str
    grants: frozenset[Grant] = frozenset()


@dataclass(frozen=True)
class Function:
    """One function: a helper of the `tenancy` schema, a resolver or a scoped query."""

    name: str
    returns: str
    #: A SQL-standard body (`RETURN ...`, `BEGIN ATOMIC ...`), bound when it is created, or the text of a PL/pgSQL one.
    body: str
    language: str = "sql"
    arguments: str = ""
    volatility: str = "STABLE"
    parallel: str = "SAFE"
    security_definer: bool = False
    leakproof: bool = False
    settings: tuple[str, ...] = ()
    schema: str = "tenancy"
    #: The role with whose rights a SECURITY DEFINER function runs.
    owner: str = ""
    #: Who may call it, besides its owner.
    executors: tuple[str, ...] = (PUBLIC,)

    @property
    def signature(self) -> str:
        """What tells it from a function of the same name with other arguments."""
        return f"{self.schema}.{self.name}({self.arguments})"


@dataclass(frozen=True)
class DatabaseSecurity:
    """The security of a whole database, or of the part that some metadata describe."""

    schemas: Mapping[str, SchemaSecurity] = field(default_factory=dict)
    tables: Mapping[tuple[str, str], TableSecurity] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    #: The role with whose rights declared functions run: what else it owns of their kind is none any more.
    definer: str = field(default="", compare=False)
