"""Where the rows go: the table of a model, its columns by the names that rows use, and the stamps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, inspect
from sqlalchemy.orm import Mapper

from tenancy.errors import ConfigurationError
from tenancy.schema.classification import classification_of
from tenancy.schema.identity import Identity
from tenancy.schema.scope import Scope, TenantColumn, UserColumn, alternatives, conjuncts
from tenancy.session.predicate import check_identity_types
from tenancy.session.principal import Principal


@dataclass(frozen=True)
class Target:
    """A table that rows are loaded into."""

    table: Table
    #: By the names of the model's attributes and by those of the columns.
    columns: Mapping[str, Column[Any]]
    #: What every row holds, whatever it says: whose it is.
    stamps: Mapping[Column[Any], Identity]
    #: What a row holds that does not say: of which subclass it is.
    defaults: Mapping[Column[Any], Any]
    #: No policy checks the rows.
    bypassing: bool

    def column(self, name: str) -> Column[Any]:
        """The column of that name.

        Raises:
            ConfigurationError: there is none.
        """
        if name not in self.columns:
            raise ConfigurationError(
                f"The rows give {name!r}, which is no column of {self.table.fullname}. It has: "
                f"{', '.join(dict.fromkeys(column.name for column in self.table.columns))}."
            )
        return self.columns[name]


def target_of(entity: type[Any] | Table, principal: Principal, *, bypassing: bool) -> Target:
    """Where rows of a principal go.

    Args:
        entity: a mapped class or a table.
        principal: whose the rows shall be.
        bypassing: no policy will check the rows, so the stamps must decide whose they are.

    Raises:
        ConfigurationError: it is neither, spans several tables, or cannot be loaded without policies.
        InvalidTenant: an id is not of the type of its column.
    """
    table, columns, defaults = _mapped(entity)
    check_identity_types(table, principal)
    scope = classification_of(table).scope
    stamps = _deciding_stamps(table, scope, principal) if bypassing else _stamps(scope, principal)
    return Target(
        table, columns, {table.columns[name]: identity for name, identity in stamps.items()}, defaults, bypassing
    )


def _mapped(entity: type[Any] | Table) -> tuple[Table, dict[str, Column[Any]], dict[Column[Any], Any]]:
    if isinstance(entity, Table):
        return entity, _by_name(entity), {}
    mapper = inspect(entity, raiseerr=False)
    if not isinstance(mapper, Mapper) or not isinstance(mapper.local_table, Table):
        raise ConfigurationError(f"{entity!r} is neither a mapped class nor a table.")
    if len(mapper.tables) > 1:
        names = ", ".join(str(table) for table in mapper.tables)
        raise ConfigurationError(
            f"{entity.__name__} stands on several tables: {names}. Load each by itself: "
            f"bulk_load({entity.__name__}.__table__, rows)."
        )
    columns = _by_name(mapper.local_table)
    for attribute in mapper.column_attrs:
        if isinstance(attribute.columns[0], Column):
            columns[attribute.key] = attribute.columns[0]
    identifying, identity = mapper.polymorphic_on, mapper.polymorphic_identity
    return mapper.local_table, columns, {identifying: identity} if isinstance(identifying, Column) else {}


def _by_name(table: Table) -> dict[str, Column[Any]]:
    columns: list[Any] = list(table.columns)
    return {**{column.name: column for column in columns}, **{column.key: column for column in columns}}


def _stamps(scope: Scope, principal: Principal) -> dict[str, Identity]:
    """The columns in which no row can hold another id; of what has alternatives, the policies decide."""
    stamps: dict[str, Identity] = {}
    for part in conjuncts(scope):
        if isinstance(part, TenantColumn | UserColumn):
            identity = principal.tenant if isinstance(part, TenantColumn) else principal.user
            if identity is not None:
                stamps[part.column or ""] = identity
    return stamps


def _deciding_stamps(table: Table, scope: Scope, principal: Principal) -> dict[str, Identity]:
    """The columns that make a row the principal's by themselves.

    Raises:
        ConfigurationError: there are none, so that nobody would check whose the rows are.
    """
    for alternative in alternatives(scope):
        stamps = _stamps(alternative, principal)
        if len(stamps) == len(list(conjuncts(alternative))):
            return stamps
    raise ConfigurationError(
        f"{table.fullname} cannot be loaded past its policies: its scope, {scope}, is not decided by columns that the "
        f"loader fills for {principal.named()}, so nobody would check whose the rows are. Use "
        f"`session.bulk_load` in a session of db.begin(), where the policies do; what is for everyone goes through "
        f"db.system()."
    )
