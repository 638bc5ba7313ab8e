"""The signpost beside the wall: ORM statements say the tenant themselves, so that plans see it.

Row-level security holds without this. With `organization_id = :tenant` in the statement PostgreSQL merges both, the
policy becomes a one-time filter, and the plan is that of a hand-written query. The predicate is a loader option added
to every statement. SQLAlchemy's `with_loader_criteria` takes one expression, or a lambda that it analyses; ours differs
by entity and has nothing to analyse, so it is a subclass that says for which mappers it speaks and what. The overridden
methods are SQLAlchemy's own, not public: `tests/session/test_criteria.py` pins them for select, joins, aliases, eager
and lazy loads, refresh, update and delete.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sqlalchemy import ClauseElement, ColumnElement, Insert, Select, Table, and_, true
from sqlalchemy.orm import LoaderCriteriaOption, Mapper, ORMExecuteState, registry
from sqlalchemy.sql.util import _deep_annotate
from sqlalchemy.sql.visitors import InternalTraversal, iterate

from tenancy.errors import TenantMismatch
from tenancy.schema.identity import Identity
from tenancy.schema.mixins import SoftDeleted
from tenancy.schema.scope import Scope, TenantColumn, UserColumn, conjuncts
from tenancy.session.predicate import Parameters, check_identity_types, condition, ids_of, scope_of
from tenancy.session.principal import Principal

#: Statement option: `execution_options(include_deleted=True)`.
INCLUDE_DELETED = "include_deleted"


class ScopeCriteria(LoaderCriteriaOption):
    """For each mapped class of a registry: the condition that its scope makes of the session's principal.

    Args:
        registry: whose classes.
        principal: whose ids.
        include_deleted: keep soft-deleted rows.
        changed: the class of an UPDATE or DELETE, which can speak of the columns of its own table only.
        propagates: for what has no statement of its own.
    """

    # What makes two statements the same to SQLAlchemy's cache: everything but the ids, which are its parameters.
    _traverse_internals = [  # noqa: RUF012 - SQLAlchemy declares it so
        ("registry", InternalTraversal.dp_plain_obj),
        ("changed", InternalTraversal.dp_plain_obj),
        ("known", InternalTraversal.dp_plain_obj),
        ("where_criteria", InternalTraversal.dp_clauseelement),
    ]
    inherit_cache = False

    def __init__(
        self,
        registry: registry,
        principal: Principal,
        *,
        include_deleted: bool = False,
        changed: Mapper[Any] | None = None,
        propagates: bool = False,
    ) -> None:
        self.registry = registry
        self.changed = changed
        self.known = (principal.tenant is not None, principal.user is not None, include_deleted)
        self.include_deleted = include_deleted
        self.principal = principal
        self.include_aliases = True
        # The session adds the option to every statement, those of lazy loads as well; what propagates would also be
        # kept with every loaded object. But joined eager loads, which are no statement of their own, take what
        # propagates only: for them speaks another one.
        self.propagate_to_loaders = propagates
        if propagates:
            self.spoken = self
            # Annotated beforehand: what `_resolve_where_criteria` annotates would be another parameter than that in the
            # cache key, of the same hash, and SQLAlchemy would compare the two at each execution.
            self.parameters = Parameters.of(principal, self.annotations)
            given = [one for one in (self.parameters.tenant, self.parameters.user) if one is not None]
            self.where_criteria = given[0] if len(given) == 1 else and_(true(), *given)
        else:
            self.spoken = ScopeCriteria(
                registry, principal, include_deleted=include_deleted, changed=changed, propagates=True
            )
            self.parameters, self.where_criteria = self.spoken.parameters, self.spoken.where_criteria

    @property
    def annotations(self) -> dict[str, Any]:
        """By which SQLAlchemy knows what stems from this criteria."""
        return {"for_loader_criteria": self}

    def get_global_criteria(self, attributes: dict[Any, Any]) -> None:
        for mapper in self._all_mappers():
            attributes.setdefault(("additional_entity_criteria", mapper), []).append(self.spoken)

    def _all_mappers(self) -> Iterator[Mapper[Any]]:
        return (mapper for mapper in self.registry.mappers if self.condition(mapper, mapper.class_) is not None)

    def _resolve_where_criteria(self, ext_info: Any) -> ColumnElement[bool]:
        said = self.condition(ext_info.mapper, ext_info.entity)
        return _deep_annotate(
            true() if said is None else said,
            self.annotations,
            detect_subquery_cols=True,
            ind_cols_on_fromclause=True,
        )

    def condition(self, mapper: Mapper[Any], entity: Any, *, deleted: bool = True) -> ColumnElement[bool] | None:
        """What is said of a mapped class, or of an alias of it; with `deleted`, also about soft deletion."""
        tables = [mapper.local_table] if mapper is self.changed else mapper.tables
        conditions = [
            condition(scope, table, _attributes(mapper, entity, table), self.parameters)
            for table, scope in _scopes(mapper)
            if table in tables
        ]
        if deleted and not self.include_deleted and issubclass(mapper.class_, SoftDeleted):
            (column,) = mapper.column_attrs["deleted_at"].columns
            conditions.append(entity.deleted_at.is_(None) if column.table in tables else None)
        present = [one for one in conditions if one is not None]
        return and_(*present) if present else None


def add_predicate(state: ORMExecuteState, principal: Principal) -> None:
    """Adds the session's condition to a statement that reads, updates or deletes rows of mapped classes."""
    statement: Any = state.statement
    reads = state.is_select or (isinstance(statement, Insert) and statement.select is not None)
    if not (reads or state.is_update or state.is_delete):
        return
    mapper = state.bind_mapper if state.is_orm_statement else None
    speaks_for = _registry_inside(statement) if mapper is None else mapper.registry
    if speaks_for is None:
        return
    given = statement._with_options  # noqa: SLF001 - SQLAlchemy has no public way to see a statement's options
    if any(isinstance(option, ScopeCriteria) and option.principal == principal for option in given):
        # An eager load that is a statement of its own has inherited the option of the one that it belongs to.
        return
    include_deleted = bool(state.execution_options.get(INCLUDE_DELETED, False))
    option = scope_criteria(speaks_for, mapper, principal, include_deleted=include_deleted, changes=not reads)
    state.statement = statement.options(option)
    if state.is_column_load and mapper is not None and isinstance(statement, Select):
        # SQLAlchemy leaves criteria out when it refreshes an object. A deleted one must stay refreshable.
        said = option.condition(mapper, mapper.class_, deleted=False)
        state.statement = state.statement if said is None else state.statement.where(said)  # type: ignore[attr-defined]


@lru_cache(maxsize=4096)
def scope_criteria(
    speaks_for: registry,
    mapper: Mapper[Any] | None,
    principal: Principal,
    *,
    include_deleted: bool = False,
    changes: bool = False,
) -> ScopeCriteria:
    """The option of a principal, kept for when it comes again: to make one takes as long as to make a small statement.

    Args:
        speaks_for: the registry of the classes that the statement names.
        mapper: the statement's own class, if it has one.
        principal: the session's.
        include_deleted: see `ScopeCriteria`.
        changes: whether the statement changes rows of its class.

    Raises:
        InvalidTenant: the principal's ids are not of the types of the mapper's columns.
    """
    if mapper is not None:
        check_types(mapper, principal)
    return ScopeCriteria(speaks_for, principal, include_deleted=include_deleted, changed=mapper if changes else None)


def _registry_inside(statement: ClauseElement) -> registry | None:
    """Of a statement that has its mapped classes further inside: a union, `select(exists().where(...))`."""
    for element in iterate(statement):
        mapper = element._annotations.get("parentmapper")  # noqa: SLF001 - as above
        if isinstance(mapper, Mapper):
            return mapper.registry
    return None


@lru_cache(maxsize=4096)
def _scopes(mapper: Mapper[Any]) -> tuple[tuple[Table, Scope], ...]:
    """The scopes of all tables that a mapped class stands on; with joined-table inheritance they are several."""
    found = ((table, scope_of(table)) for table in mapper.tables if isinstance(table, Table))
    return tuple((table, scope) for table, scope in found if scope is not None)


def _attributes(mapper: Mapper[Any], entity: Any, table: Table) -> Any:
    return lambda column: getattr(entity, _key(mapper, table, column))


@lru_cache(maxsize=4096)
def _owners(mapper: Mapper[Any]) -> tuple[tuple[str, str], ...]:
    """Whose an object must be: "tenant" or "user", and the attribute that says so."""
    return tuple(
        ("tenant" if isinstance(part, TenantColumn) else "user", _key(mapper, table, part.column or ""))
        for table, scope in _scopes(mapper)
        for part in conjuncts(scope)
        if isinstance(part, TenantColumn | UserColumn)
    )


def _key(mapper: Mapper[Any], table: Table, column: str) -> str:
    return mapper.get_property_by_column(table.columns[column]).key


def check_types(mapper: Mapper[Any], principal: Principal) -> None:
    """The ids must be of the types of the columns that they are compared with.

    Raises:
        InvalidTenant: one is not.
    """
    for table, _ in _scopes(mapper):
        check_identity_types(table, principal)


def refuse_foreign(mapper: Mapper[Any], attributes: dict[str, Any], identity: str, principal: Principal) -> None:
    """Refuses an object whose tenant or user is another one than the session's.

    Raises:
        TenantMismatch: names both.
    """
    for who, key in _owners(mapper):
        owner, mine = attributes.get(key), getattr(principal, who)
        if owner is not None and mine is not None and owner != mine:
            raise TenantMismatch(
                f"{mapper.class_.__name__} {identity} belongs to {who} {owner}, but the session is bound to {who} "
                f"{mine}. Open a session for that {who}: db.begin({'' if who == 'tenant' else 'user='}{owner!r})."
            )


def refuse_foreign_origin(
    mapper: Mapper[Any],
    origin: tuple[Identity | None, Identity | None] | None,
    attributes: dict[str, Any],
    identity: str,
    principal: Principal,
) -> None:
    """Refuses an object that another tenant's or user's session has loaded, whatever of it is loaded.

    Raises:
        TenantMismatch: names both, or says that nobody can tell whose the object is.
    """
    needed = {who for table, _ in _scopes(mapper) for who in ids_of(table)}
    if origin is None:
        if needed and not any(attributes.get(key) is not None for _, key in _owners(mapper)):
            raise TenantMismatch(
                f"{mapper.class_.__name__} {identity} comes from no tenant's session, and what is loaded of it does "
                f"not say whose it is. Load it in this session: session.get({mapper.class_.__name__}, ...)."
            )
        return
    for who, theirs in zip(("tenant", "user"), origin, strict=True):
        mine = getattr(principal, who)
        if who in needed and theirs != mine:
            raise TenantMismatch(
                f"{mapper.class_.__name__} {identity} was loaded in a session of {who} {theirs}, but this session is "
                f"bound to {who} {mine}. Load it here."
            )
