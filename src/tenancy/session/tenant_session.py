"""The session of one principal: its statements say the tenant, and rows of another tenant are refused in Python."""

from __future__ import annotations

from typing import Any, TypeVar, TypeVarTuple, overload

from sqlalchemy import ColumnElement, Connection, Row, Select, event, inspect
from sqlalchemy.orm import InstanceState, ORMExecuteState, Session

from tenancy.schema.filling import PRINCIPAL_OPTION
from tenancy.session.begin import arm
from tenancy.session.criteria import add_predicate, check_types, refuse_foreign, refuse_foreign_origin
from tenancy.session.principal import Principal
from tenancy.session.unit_of_work import say_tenant_by_key
from tenancy.session.vectors.search import Search
from tenancy.session.vectors.statistics import Statistics

_O = TypeVar("_O")
_P = TypeVar("_P")
_Ts = TypeVarTuple("_Ts")
#: Whose session an object was loaded or made in, in its state's `info`.
_ORIGIN = "tenancy_origin"


class TenantSession(Session):
    """A SQLAlchemy `Session` bound to one principal for its whole life.

    `Database` makes it. The tenant cannot be changed: a second tenant gets a second session, and so a second identity
    map. Every connection that the session begins a transaction on carries the principal in its execution options, where
    `tenancy.session.begin` finds it.
    """

    def __init__(self, *args: Any, principal: Principal, statistics: Statistics | None = None, **kwargs: Any) -> None:
        options = {**kwargs.pop("execution_options", {}), PRINCIPAL_OPTION: principal}
        super().__init__(*args, execution_options=options, **kwargs)
        self._principal = principal
        self._statistics = statistics or Statistics()
        #: What `_note_origin` notes of each object.
        self.origin = (principal.tenant, principal.user)

    @property
    def principal(self) -> Principal:
        """The tenant and the user that this session works for."""
        return self._principal

    @overload
    def nearest(self, statement: Select[_O], distance: ColumnElement[Any], *, limit: int) -> list[_O]: ...

    @overload
    def nearest(
        self, statement: Select[_O, _P, *_Ts], distance: ColumnElement[Any], *, limit: int
    ) -> list[Row[_O, _P, *_Ts]]: ...

    def nearest(self, statement: Select[*tuple[Any, ...]], distance: ColumnElement[Any], *, limit: int) -> list[Any]:
        """See `AsyncTenantSession.nearest`."""
        return Search.of(statement, distance, limit).run(self, self._principal, self._statistics)

    def connection(self, *args: Any, **kwargs: Any) -> Connection:
        """As SQLAlchemy's. On it UPDATE and DELETE of a table say the tenant, and what its driver begins has it."""
        connection = super().connection(*args, **kwargs)
        say_tenant_by_key(connection)
        if connection.dialect.is_async:
            arm(connection)
        return connection

    def bulk_save_objects(self, *args: Any, **kwargs: Any) -> None:
        self.connection()  # for the UPDATEs, as before a flush
        super().bulk_save_objects(*args, **kwargs)

    def bulk_update_mappings(self, *args: Any, **kwargs: Any) -> None:
        self.connection()
        super().bulk_update_mappings(*args, **kwargs)

    def merge(self, instance: _O, **kwargs: Any) -> _O:
        """As SQLAlchemy's; an object of another tenant is refused, also with `load=False`, and so are its relatives."""
        state = inspect(instance, raiseerr=False)
        if isinstance(state, InstanceState):
            self.refuse_foreign(state)
            for _, _, related, _ in state.mapper.cascade_iterator("merge", state):
                self.refuse_foreign(related)
        return super().merge(instance, **kwargs)

    def refuse_foreign(self, state: InstanceState[Any]) -> None:
        """Refuses an object of another tenant.

        Raises:
            TenantMismatch: names both tenants.
        """
        identity = ", ".join(str(part) for part in state.identity) if state.identity else "(new)"
        refuse_foreign(state.mapper, state.dict, identity, self._principal)
        if state.key is not None:
            refuse_foreign_origin(state.mapper, state.info.get(_ORIGIN), state.dict, identity, self._principal)


def _add_predicate(state: ORMExecuteState) -> None:
    session: Any = state.session
    add_predicate(state, session.principal)
    if state.is_update or state.is_delete:
        session.connection(bind_arguments=state.bind_arguments)


def _note_origin(session: TenantSession, state: InstanceState[Any]) -> None:
    """An object that was loaded without its tenant, or has none of its own, is still whose session it came from."""
    state.info[_ORIGIN] = session.origin


def _refuse_foreign_object(session: TenantSession, state: InstanceState[Any]) -> None:
    session.refuse_foreign(state)


def _look_at_rows(session: TenantSession, context: Any, instances: Any) -> None:
    # For what the flush will send.
    session.connection()
    for instance in (*session.new, *session.dirty):
        state: InstanceState[Any] = inspect(instance)
        check_types(state.mapper, session.principal)
        session.refuse_foreign(state)


# On the class, once: on each session, listening took most of the time of making one.
event.listen(TenantSession, "do_orm_execute", _add_predicate)
event.listen(TenantSession, "before_attach", _refuse_foreign_object, raw=True)
event.listen(TenantSession, "before_flush", _look_at_rows)
event.listen(TenantSession, "loaded_as_persistent", _note_origin, raw=True)
event.listen(TenantSession, "pending_to_persistent", _note_origin, raw=True)
