"""Scoped queries: searches that row-level security would keep from their indexes.

PostgreSQL asks an operator that is not leakproof (LIKE, `@>`, `@@`, `&&`, comparisons of numeric and enum) only after
a policy, so it cannot use an index under one. A scoped query is declared beside the models and becomes a function that
runs without policies, in which every table is narrowed by the condition of its policies. What else holds it, and what
it may contain, is in `tenancy.security.querying`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Column, ColumnElement, CompoundSelect, MetaData, Select, Table, column, select
from sqlalchemy import inspect as inspected
from sqlalchemy.orm import Mapper, aliased
from sqlalchemy.orm.util import AliasedInsp
from sqlalchemy.sql.visitors import iterate
from sqlalchemy.types import NullType

from tenancy.errors import ConfigurationError
from tenancy.schema.function import DeclaredFunction, refuse_taken_name
from tenancy.schema.metadata import conventions_of

#: The column by which the function's rows keep the order that the statement gave them.
_ORDER = "ordinality"


@dataclass(frozen=True, eq=False)
class ScopedQuery(DeclaredFunction):
    """A declared read of the current tenant's rows. Make it with `scoped_query()`."""

    def select(self, **arguments: Any) -> Select[Any]:
        """The statement to execute in a tenant's session: the same objects or columns, in the same order.

        Raises:
            ConfigurationError: the arguments are not those that the query takes.
        """
        rows, order = self._rows(arguments)
        chosen = select(rows) if self.mapper is not None else select(*(rows.c[name] for name in self.columns))
        return chosen if order is None else chosen.order_by(order)

    def rows(self, **arguments: Any) -> Any:
        """What is found, to build a statement on: an alias of the mapped class, or a table of the columns.

        `found = recent.rows(count=20); select(found).join(found.author).where(found.title != "")`

        Raises:
            ConfigurationError: the arguments are not those that the query takes.
        """
        return self._rows(arguments)[0]

    def _rows(self, arguments: dict[str, Any]) -> tuple[Any, ColumnElement[int] | None]:
        ordered = bool(self.statement._order_by_clauses)  # noqa: SLF001 - SQLAlchemy has no public way to see them
        # The table's own columns: by them relationships and the session's condition find their way.
        returned = self._of_table.values() or [column(name, one.type) for name, one in self.columns.items()]
        found = self.call(arguments).table_valued(*returned, with_ordinality=_ORDER if ordered else None)
        rows = found if self.mapper is None else aliased(self.mapper, found)
        return rows, found.c[_ORDER] if ordered else None

    @cached_property
    def mapper(self) -> Mapper[Any] | None:
        """Of the class whose objects are selected; None where columns are.

        Raises:
            ConfigurationError: the class is not mapped to one table, or not selected by itself.
        """
        entity = self._entity
        if entity is None:
            return None
        found: Mapper[Any] = inspected(entity).mapper
        if len(found.tables) != 1:
            raise ConfigurationError(
                f"Scoped query {self.name} selects {found.class_.__name__}, whose rows stand in {len(found.tables)} "
                f"tables. Select columns."
            )
        return found

    @cached_property
    def columns(self) -> dict[str, ColumnElement[Any]]:
        """What is returned, by name.

        Raises:
            ConfigurationError: a column has no name, or one that another has, or no type.
        """
        selected = list(self.returning.selected_columns)
        names = [str(getattr(one, "name", None) or "") for one in selected]
        twice = [name for name, times in Counter([*names, _ORDER]).items() if times > 1]
        if "" in names or twice or any(name.startswith("%(") for name in names):
            raise ConfigurationError(
                f"Scoped query {self.name} returns columns, and each needs a name of its own: "
                f'label them, `column.label("name")`. It has {", ".join(name or "one without" for name in names)}.'
            )
        for name, one in zip(names, selected, strict=True):
            if isinstance(one.type, NullType):
                raise ConfigurationError(
                    f"Scoped query {self.name} returns {name}, of which SQLAlchemy knows no type. Say it: "
                    f"type_coerce(..., Integer).label({name!r})."
                )
        return dict(zip(names, selected, strict=True))

    @cached_property
    def returning(self) -> Select[Any] | CompoundSelect[Any]:
        """The statement with the columns that the function returns: of a mapped class all that its table has."""
        entity = self._entity
        if self.mapper is None or entity is None or not isinstance(self.statement, Select):
            return self.statement
        attributes = [getattr(entity, key) for key in self._of_table]
        return self.statement.with_only_columns(*attributes, maintain_column_froms=True)

    @cached_property
    def _of_table(self) -> dict[str, Column[Any]]:
        """Of a mapped class the columns of its table, by attribute; not what is computed beside them."""
        attributes = () if self.mapper is None else self.mapper.column_attrs
        return {one.key: one.columns[0] for one in attributes if isinstance(one.columns[0], Column)}

    @cached_property
    def _entity(self) -> Any:
        if not isinstance(self.statement, Select):
            return None
        selected = self.statement.column_descriptions
        entities = [one["expr"] for one in selected if _is_mapped(one["expr"])]
        if entities and len(selected) > 1:
            raise ConfigurationError(
                f"Scoped query {self.name} selects a mapped class and something else. Select the class, or columns."
            )
        return entities[0] if entities else None


def _is_mapped(selected: Any) -> bool:
    return isinstance(inspected(selected, raiseerr=False), Mapper | AliasedInsp)


def scoped_query(name: str, statement: Select[Any] | CompoundSelect[Any]) -> ScopedQuery:
    """Declares a scoped query; it belongs to the metadata of the tables that the statement reads.

    ```python
    find_documents = scoped_query(
        "find_documents",
        select(Document).where(Document.title.like(parameter("prefix", Text) + "%")).order_by(Document.created_at),
    )
    documents = await session.scalars(find_documents.select(prefix="Annual"))
    ```

    What the statement may not contain is refused when the function is derived.

    Args:
        name: the function's name in the database.
        statement: selects one mapped class, or columns. Say nothing of the tenant: it is added, to every table.

    Raises:
        ConfigurationError: the statement reads no table, or the name is taken.
    """
    metadata = next((one.metadata for one in map(_table_of, iterate(statement)) if one is not None), None)
    if not isinstance(metadata, MetaData):
        raise ConfigurationError(f"Scoped query {name} reads no table.")
    refuse_taken_name(name, metadata)
    made = ScopedQuery(name, metadata, statement)
    conventions_of(metadata).queries.append(made)
    return made


def _table_of(element: Any) -> Table | None:
    table = element if isinstance(element, Table) else getattr(element, "table", None)
    return table if isinstance(table, Table) else None
