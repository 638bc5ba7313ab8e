"""Declared functions: statements that are written beside the models and become functions in the database.

Two kinds: resolvers find ids before the tenant is known (`tenancy.schema.resolver`), scoped queries read the current
tenant's rows (`tenancy.schema.query`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Function,
    MetaData,
    Select,
    Table,
    bindparam,
    literal,
    quoted_name,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.util import find_tables
from sqlalchemy.sql.visitors import iterate
from sqlalchemy.types import TypeEngine

from tenancy.errors import ConfigurationError
from tenancy.schema.metadata import conventions_of
from tenancy.schema.naming import INSTALLED_SCHEMA

# A paramstyle without %: the default one would double a % inside a name.
_preparer = postgresql.dialect(paramstyle="named").identifier_preparer  # type: ignore[no-untyped-call]


def parameter(name: str, type_: TypeEngine[Any] | type[TypeEngine[Any]]) -> BindParameter[Any]:
    """What the caller of a declared function gives: `Document.title.like(parameter("prefix", Text) + "%")`."""
    return bindparam(name, type_=type_, required=True)


@dataclass(frozen=True, eq=False)
class DeclaredFunction:
    """A statement with parameters, under the name of its function."""

    name: str
    metadata: MetaData
    statement: Select[Any] | CompoundSelect[Any]

    @cached_property
    def parameters(self) -> dict[str, BindParameter[Any]]:
        """What the caller gives, by name, in the order of the function's arguments."""
        found = (one for one in iterate(self.statement) if isinstance(one, BindParameter) and one.required)
        return {str(one.key): one for one in found}

    @cached_property
    def tables(self) -> frozenset[Table]:
        """What it reads."""
        found = find_tables(self.statement, include_joins=False, include_aliases=False)
        return frozenset(one for one in found if isinstance(one, Table))

    @property
    def schema(self) -> str:
        """Where the function is: beside its tables, or, where these name no schema, in `tenancy`.

        The owner can give a function to the system role only in a schema of its own, and `public` is not.
        """
        return self.metadata.schema or INSTALLED_SCHEMA

    def call(self, arguments: Mapping[str, Any], type_: TypeEngine[Any] | None = None) -> Function[Any]:
        """The function with arguments, values or SQL expressions, as a SQL expression.

        Raises:
            ConfigurationError: the arguments are not those that the function takes.
        """
        if arguments.keys() != self.parameters.keys():
            raise ConfigurationError(
                f"{type(self).__name__} {self.name} takes {', '.join(self.parameters) or 'nothing'}, and was given "
                f"{', '.join(arguments) or 'nothing'}."
            )
        given = [_given(arguments[name], one.type) for name, one in self.parameters.items()]
        # Quoted here: SQLAlchemy leaves the names of functions as they are, and never quotes a capital in their
        # schema's. PostgreSQL would take upper case for lower.
        name, schema = (quoted_name(_preparer.quote(part), quote=False) for part in (self.name, self.schema))
        return Function(name, *given, type_=type_, packagenames=(schema,))


def _given(argument: Any, type_: TypeEngine[Any]) -> ColumnElement[Any]:
    return argument if isinstance(argument, ColumnElement) else literal(argument, type_)


def refuse_taken_name(name: str, metadata: MetaData) -> None:
    """Each declared function needs a name of its own.

    Raises:
        ConfigurationError: there is one of this name.
    """
    if any(other.name == name for other in conventions_of(metadata).functions):
        raise ConfigurationError(f"There are two declared functions {name}: each needs a name of its own.")
