"""The signpost beside the wall: ORM statements say the tenant themselves, so that plans see it.

Row-level security holds without this. With `organization_id = :tenant` in the statement PostgreSQL merges both, the
policy becomes a one-time filter, and the plan is that of a hand-written query. The predicate is a loader option added to
every statement. SQLAlchemy's `with_loader_criteria` takes one expression, or a lambda that it analyses; ours differs by
entity and has nothing to analyse, so it is a subclass that says for which mappers it speaks and what. Both overridden
methods are SQLAlchemy's own, not public: `tests/session/test_criteria.py` pins them for select, joins, aliases, eager
and lazy loads, refresh, update and delete.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Table, and_, bindparam, or_, true
from sqlalchemy.orm import LoaderCriteriaOption, Mapper, ORMExecuteState, registry
from sqlalchemy.sql.util import _deep_annotate
from sqlalchemy.sql.visitors import InternalTraversal

from tenancy.errors import InvalidTenant, TenantMismatch
from tenancy.schema.classification import classification_of, is_classified
from tenancy.schema.identity import Identity, IdentityType
from tenancy.schema.mixins import SoftDeleted
from tenancy.schema.scope import AllOf, AnyOf, IsNull, Scope, TenantColumn, UserColumn
from tenancy.session.principal import Principal

#: Statement option: `execution_options(include_deleted=True)`.
INCLUDE_DELETED = "include_deleted"


class ScopeCriteria(LoaderCriteriaOption):
    """For each mapped class of a registry: the condition that its scope makes of the session's principal."""

    # What makes two statements the same to SQLAlchemy's cache: everything but the ids, which are its parameters.
    _traverse_internals = [
        ("registry", InternalTraversal.dp_plain_obj),
        ("known", InternalTraversal.dp_plain_obj),
        ("where_criteria", InternalTraversal.dp_clauseelement),
    ]
    inherit_cache = False

    def __init__(self, registry: registry, principal: Principal, *, include_deleted: bool) -> None:
        self.registry = registry
        self.known = (principal.tenant is not None, principal.user is not None, include_deleted)
        self.include_deleted = include_deleted
        self.tenant: BindParameter[Any] | None = _parameter("tenant", principal.tenant)
        self.user: BindParameter[Any] | None = _parameter("user", principal.user)
        self.where_criteria = and_(*(one for one in (self.tenant, self.user) if one is not None))
        self.include_aliases = True
        # The session adds the option to every statement, those of loaders as well; it must not also be inherited.
        self.propagate_to_loaders = False

    def _all_mappers(self) -> Iterator[Mapper[Any]]:
        return (mapper for mapper in self.registry.mappers if self._condition(mapper, mapper.class_) is not None)

    def _resolve_where_criteria(self, ext_info: Any) -> ColumnElement[bool]:
        condition = self._condition(ext_info.mapper, ext_info.entity)
        return _deep_annotate(  # type: ignore[no-any-return]
            true() if condition is None else condition,
            {"for_loader_criteria": self},
            detect_subquery_cols=True,
            ind_cols_on_fromclause=True,
        )

    def _condition(self, mapper: Mapper[Any], entity: Any) -> ColumnElement[bool] | None:
        conditions = []
        scope = _scope(mapper)
        if scope is not None:
            conditions.append(self._of(scope, mapper, entity))
        if issubclass(mapper.class_, SoftDeleted) and not self.include_deleted:
            conditions.append(entity.deleted_at.is_(None))
        present = [condition for condition in conditions if condition is not None]
        return and_(*present) if present else None

    def _of(self, scope: Scope, mapper: Mapper[Any], entity: Any) -> ColumnElement[bool] | None:
        """None where nothing can be said; where an id is missing the policy's error must come, not an empty result."""
        match scope:
            case TenantColumn(column):
                return None if self.tenant is None else _attribute(mapper, entity, column) == self.tenant
            case UserColumn(column):
                return None if self.user is None else _attribute(mapper, entity, column) == self.user
            case IsNull(column):
                return _attribute(mapper, entity, column).is_(None)  # type: ignore[no-any-return]
            case AllOf(scopes):
                known = self._known(scopes, mapper, entity)
                return and_(*known) if len(known) == len(scopes) else None
            case AnyOf(scopes):
                known = self._known(scopes, mapper, entity)
                return or_(*known) if known else None
        return None

    def _known(self, scopes: tuple[Scope, ...], mapper: Mapper[Any], entity: Any) -> list[ColumnElement[bool]]:
        conditions = (self._of(scope, mapper, entity) for scope in scopes)
        return [condition for condition in conditions if condition is not None]


def add_predicate(state: ORMExecuteState, principal: Principal) -> None:
    """Adds the session's condition to an ORM statement that reads, updates or deletes."""
    if not state.is_orm_statement or not (state.is_select or state.is_update or state.is_delete):
        return
    mapper = state.bind_mapper
    if mapper is None:
        return
    check_identity_types(mapper, principal)
    include_deleted = bool(state.execution_options.get(INCLUDE_DELETED, False))
    state.statement = state.statement.options(
        ScopeCriteria(mapper.registry, principal, include_deleted=include_deleted)
    )


def _parameter(name: str, value: Identity | None) -> BindParameter[Any] | None:
    return None if value is None else bindparam(name, value, unique=True)


@lru_cache(maxsize=4096)
def _scope(mapper: Mapper[Any]) -> Scope | None:
    """The scope of the columns that the mapper itself brings; a subclass in the same table has its parent's."""
    table = mapper.local_table
    if not isinstance(table, Table) or not is_classified(table):
        return None
    return classification_of(table).scope


def _attribute(mapper: Mapper[Any], entity: Any, column: str | None) -> Any:
    return getattr(entity, mapper.get_property_by_column(mapper.local_table.columns[column or ""]).key)


@lru_cache(maxsize=4096)
def tenant_attribute(mapper: Mapper[Any]) -> str | None:
    """The name of the attribute that holds the tenant of a mapped class, if it belongs to a tenant and no one else."""
    scope = _scope(mapper)
    if not isinstance(scope, TenantColumn):
        return None
    return mapper.get_property_by_column(mapper.local_table.columns[scope.column or ""]).key


@lru_cache(maxsize=4096)
def _identity_type(mapper: Mapper[Any]) -> IdentityType | None:
    scope = _scope(mapper)
    if not isinstance(scope, TenantColumn):
        return None
    column = mapper.local_table.columns[scope.column or ""]
    return IdentityType.of(column.type, str(column))


def check_identity_types(mapper: Mapper[Any], principal: Principal) -> None:
    """The tenant must be of the type of the column that it is compared with.

    Raises:
        InvalidTenant: it is not; the driver's or the server's complaint would name neither.
    """
    type_ = _identity_type(mapper)
    if type_ is not None and principal.tenant is not None and not isinstance(principal.tenant, type_.python_type):
        raise InvalidTenant(
            f"The session's tenant {principal.tenant!r} is a {type(principal.tenant).__name__}, but the tenants of "
            f"{mapper.class_.__name__} are of type {type_.value}: open the session with "
            f"a {type_.python_type.__name__}."
        )


def refuse_foreign(mapper: Mapper[Any], attributes: dict[str, Any], identity: str, principal: Principal) -> None:
    """Refuses an object whose tenant is another one than the session's.

    Raises:
        TenantMismatch: names both.
    """
    key = tenant_attribute(mapper)
    tenant = None if key is None else attributes.get(key)
    if tenant is not None and principal.tenant is not None and tenant != principal.tenant:
        raise TenantMismatch(
            f"{mapper.class_.__name__} {identity} belongs to tenant {tenant}, but the session is bound to tenant "
            f"{principal.tenant}. Open a session for that tenant: db.begin({tenant!r})."
        )
