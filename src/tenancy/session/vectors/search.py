"""A search for the nearest rows: by an index or exactly, whichever is faster and finds them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, ColumnElement, Label, Result, Select, TextClause, bindparam, literal_column, select, text
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.orm.util import AliasedInsp
from sqlalchemy.sql.visitors import iterate

from tenancy.errors import ConfigurationError
from tenancy.schema.classification import classification_of
from tenancy.schema.scope import ParentRow, parts
from tenancy.session.criteria import scope_criteria
from tenancy.session.principal import Principal
from tenancy.session.vectors.statistics import Planned, Statistics, entries_of, planned

#: While it walks to the nearest, pgvector keeps so many candidates (`hnsw.ef_search`), at least and at most.
_LEAST_CANDIDATES, _MOST_CANDIDATES = 100, 1000
#: What part of others' entries in an index the candidates should be, so that the walk does not end among those alone.
_CANDIDATES = 0.004
#: So many of them should be the tenant's own, for each row that is wanted.
_OWN_CANDIDATES = 3
#: How many rows are compared while the index finds one candidate.
_ROWS_PER_CANDIDATE = 5
#: The index rounds distances, and so its order is nearly the right one: what is as near may stand behind the last.
_SPARE = 2
#: Asked once, before the first row is read. It holds until the transaction ends.
_SETTINGS = """
(SELECT concat(set_config('hnsw.iterative_scan', 'strict_order', true),
               set_config('hnsw.ef_search', :candidates, true))) IS NOT NULL
"""


@dataclass(frozen=True)
class Search:
    """What `nearest()` was asked for.

    Attributes:
        statement: the rows that are searched.
        distance: of their vectors from the one that was given.
        limit: how many rows are wanted.
        entity: the mapped class that has the vectors, or its alias.
        attribute: that of it with the vectors.
    """

    statement: Select[Any]
    distance: ColumnElement[Any]
    limit: int
    entity: Mapper[Any] | AliasedInsp[Any]
    attribute: str

    @classmethod
    def of(cls, statement: Select[Any], distance: ColumnElement[Any], limit: int) -> Search:
        """The search, once it is seen to be one.

        Raises:
            ConfigurationError: the statement has an order or a limit of its own, the limit is less than one, or the
                distance is not of one mapped class.
        """
        _refuse_order_and_limit(statement)
        if limit < 1:
            raise ConfigurationError(f"nearest(..., limit={limit}) asks for no row: the limit is at least 1.")
        entity, attribute = _searched(distance)
        return cls(statement, distance.element if isinstance(distance, Label) else distance, limit, entity, attribute)

    def run(self, session: Session, principal: Principal, statistics: Statistics) -> list[Any]:
        """The nearest rows, in the order of their distance.

        Args:
            session: in whose transaction they are searched.
            principal: the session's.
            statistics: the database's.

        Raises:
            UnclassifiedTable: the table of the vectors does not say whose its rows are.
            InvalidTenant: the session's id is not of the type of its column.
        """
        candidates = self._candidates(session, principal, statistics)
        found = [] if candidates is None else self._found_by_index(session, candidates)
        return found if len(found) >= self.limit else self._listed(_result(session, self._exact()))

    def _exact(self) -> Select[Any]:
        # An expression that no index serves.
        exactly = self.distance + literal_column("0")
        statement = self.statement
        if self._column.nullable:
            # Rows without a vector are near to nothing; no index has them, either.
            statement = statement.where(getattr(self.entity.entity, self.attribute).is_not(None))
        return statement.order_by(exactly).limit(self.limit)

    def _found_by_index(self, session: Session, candidates: int) -> list[Any]:
        measured = self._by_itself(self.statement.add_columns(self.distance)).limit(self.limit + _SPARE)
        found = _result(session, measured.where(_settings(candidates))).freeze()
        nearest_first = sorted(found.data, key=itemgetter(-1))[: self.limit]
        return self._listed(found.with_new_rows(nearest_first)())

    def _listed(self, result: Result[*tuple[Any, ...]]) -> list[Any]:
        """What the statement selects: the things themselves, where it is one."""
        columns = range(len(self.statement.column_descriptions))
        return list(result.scalars() if len(columns) == 1 else result.columns(*columns))

    def _by_itself(self, statement: Select[Any]) -> Select[Any]:
        return statement.order_by(self.distance).limit(self.limit)

    def _candidates(self, session: Session, principal: Principal, statistics: Statistics) -> int | None:
        """How many candidates an index is to be asked for; None where the exact search is faster, or finds more."""
        mapper, table = self.entity.mapper, self._column.table
        said = scope_criteria(mapper.registry, mapper, principal)
        if any(isinstance(part, ParentRow) for part in parts(classification_of(table).scope)):
            # The planner cannot tell how many rows a tenant has by way of their parents.
            return None

        def plan_of(statement: Select[Any]) -> Planned:
            counted: Select[Any] = statement.with_only_columns(literal_column("1"), maintain_column_froms=True)
            return planned(session.connection(), self._by_itself(counted).options(said))

        operator = getattr(getattr(self.distance, "operator", None), "opstring", None)
        key = (self._column, operator, principal.tenant, principal.user)
        plan = statistics.get(key, lambda: plan_of(select(self.entity.entity)))
        if plan.index is not None and _is_narrowed(self.statement):
            plan = plan_of(self.statement)
        if plan.index is None:
            return None
        index = plan.index
        entries = statistics.get((table, index), lambda: entries_of(session.connection(), table, index))
        return None if entries is None else _worthwhile(plan.rows, entries, self.limit)

    @property
    def _column(self) -> Column[Any]:
        columns: list[Any] = self.entity.mapper.column_attrs[self.attribute].columns
        return columns[0]  # type: ignore[no-any-return]


@lru_cache(maxsize=_MOST_CANDIDATES)
def _settings(candidates: int) -> TextClause:
    return text(_SETTINGS).bindparams(bindparam("candidates", str(candidates), unique=True))


def _worthwhile(rows: float, entries: float, limit: int) -> int | None:
    """With how many candidates an index is worth being searched for some of its entries; None where it is not."""
    own = _OWN_CANDIDATES * limit / min(rows / entries, 1)
    candidates = min(round(max(_CANDIDATES * max(entries - rows, 0), own, _LEAST_CANDIDATES)), _MOST_CANDIDATES)
    return candidates if own <= _MOST_CANDIDATES and rows > _ROWS_PER_CANDIDATE * candidates else None


def _result(session: Session, statement: Select[Any]) -> Result[*tuple[Any, ...]]:
    result = session.execute(statement)
    joined = result._unique_filter_state is not None  # noqa: SLF001 - not public: relatives were loaded by a join
    return result.unique() if joined else result


def _refuse_order_and_limit(statement: Select[Any]) -> None:
    limits = (statement._limit_clause, statement._offset_clause, statement._fetch_clause)  # noqa: SLF001 - not public
    others = (statement._order_by_clauses, statement._group_by_clauses, statement._distinct)  # noqa: SLF001 - as above
    if any(one is not None for one in limits) or any(others):
        raise ConfigurationError(
            "nearest() orders and limits the rows by itself: leave ORDER BY, LIMIT, OFFSET, GROUP BY and DISTINCT out "
            "of the statement. Write nearest(select(Chunk), Chunk.embedding.cosine_distance(vector), limit=10)."
        )


def _is_narrowed(statement: Select[Any]) -> bool:
    """Whether a statement is about fewer rows than all that the tenant has."""
    joins = (statement._setup_joins, statement._from_obj)  # noqa: SLF001 - not public
    return statement.whereclause is not None or any(joins)


def _searched(distance: ColumnElement[Any]) -> tuple[Mapper[Any] | AliasedInsp[Any], str]:
    """The mapped class, or its alias, that has the vectors, and the attribute with them."""
    annotations = [element._annotations for element in iterate(distance)]  # noqa: SLF001 - not public
    found = {(one["parententity"], one["proxy_key"]) for one in annotations if "proxy_key" in one}
    if len(found) != 1:
        raise ConfigurationError(
            f"nearest(..., {distance}) needs the distance of one mapped class's vectors from a vector: "
            f"Chunk.embedding.cosine_distance(vector)."
        )
    (searched,) = found
    return searched
