"""`diff(want, have) → changes`, as a pure function: complete, exact, and undone by its reverses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tenancy.security.changes import (
    Change,
    CreateFunction,
    CreatePolicy,
    CreateSchema,
    DropFunction,
    DropPolicy,
    DropSchema,
    ForceRowSecurity,
    GrantPrivileges,
    ReplaceFunction,
    RevokePrivileges,
    RowSecurity,
)
from tenancy.security.derive import derive
from tenancy.security.diff import diff
from tenancy.security.values import DatabaseSecurity, Function, Grant, Policy, SchemaSecurity, TableSecurity

from .shop import shop

names = st.sampled_from(["a", "b", "Ä", 'odd "name"'])
expressions = st.none() | st.sampled_from(["true", "(x = 1)"])
policies = st.builds(
    Policy,
    name=names,
    command=st.sampled_from(["ALL", "SELECT", "INSERT", "UPDATE", "DELETE"]),
    permissive=st.booleans(),
    roles=st.sampled_from([("public",), ("app",), ("app", "system")]),
    using=expressions,
    check=expressions,
)
grants = st.builds(
    Grant,
    grantee=st.sampled_from(["public", "app", "system"]),
    privilege=st.sampled_from(["SELECT", "INSERT", "UPDATE", "TRUNCATE", "USAGE"]),
    column=st.none() | names,
    grantable=st.booleans(),
) | st.builds(
    Grant,
    grantee=st.sampled_from(["app", "system"]),
    privilege=st.just("USAGE"),
    column=names,
    sequence=st.just(value=True),
)
schema_grants = st.builds(
    Grant, grantee=st.sampled_from(["public", "app"]), privilege=st.sampled_from(["USAGE", "CREATE"])
)
functions = st.builds(
    Function,
    name=names,
    returns=st.just("uuid"),
    body=st.sampled_from(["RETURN 1", "RETURN 2"]),
    volatility=st.sampled_from(["STABLE", "IMMUTABLE"]),
    settings=st.sampled_from([(), ("search_path=a",)]),
)


def unique_policies() -> st.SearchStrategy[frozenset[Policy]]:
    """A table has one policy of a name."""
    return st.lists(policies, max_size=4, unique_by=lambda policy: policy.name).map(frozenset)


def unique_grants() -> st.SearchStrategy[frozenset[Grant]]:
    """A role holds a privilege on an object with or without GRANT OPTION, not both."""
    key = {"unique_by": lambda grant: replace(grant, grantable=False)}
    return st.lists(grants, max_size=6, **key).map(frozenset)  # type: ignore[arg-type]


tables = st.builds(
    TableSecurity,
    schema=st.sampled_from(["one", "two"]),
    name=names,
    enabled=st.booleans(),
    forced=st.booleans(),
    policies=unique_policies(),
    grants=unique_grants(),
)
schemas = st.builds(SchemaSecurity, name=st.sampled_from(["one", "two"]), grants=st.frozensets(schema_grants))


@st.composite
def databases(draw: st.DrawFn) -> DatabaseSecurity:
    """The tables' schemas are there."""
    drawn = draw(st.lists(tables, max_size=4))
    keyed = {table.key: table for table in drawn}
    named = {one.name: one for one in draw(st.lists(schemas, max_size=2))}
    bodies = {function.signature: function for function in draw(st.lists(functions, max_size=3))}
    return DatabaseSecurity({**{schema: SchemaSecurity(schema) for schema, _ in keyed}, **named}, keyed, bodies)


class World:
    """A database as the changes see it: what a statement of PostgreSQL would do, on values."""

    def __init__(self, database: DatabaseSecurity) -> None:
        self.schemas = dict(database.schemas)
        self.tables = dict(database.tables)
        self.functions = dict(database.functions)

    def apply(self, changes: Iterable[Change]) -> World:
        for change in changes:
            self._apply(change)
        return self

    def _apply(self, change: Change) -> None:  # noqa: C901 - one case per kind of change
        match change:
            case CreateSchema(name):
                assert name not in self.schemas
                self.schemas[name] = SchemaSecurity(name)
            case DropSchema(name):
                assert self.schemas.pop(name) == SchemaSecurity(name)
            case RowSecurity(schema, table, enabled):
                assert self._table(schema, table).enabled is not enabled
                self._replace(schema, table, enabled=enabled)
            case ForceRowSecurity(schema, table, forced):
                assert self._table(schema, table).forced is not forced
                self._replace(schema, table, forced=forced)
            case CreatePolicy(schema, table, policy):
                present = self._table(schema, table).policies
                assert policy.name not in {one.name for one in present}
                self._replace(schema, table, policies=present | {policy})
            case DropPolicy(schema, table, policy):
                assert policy in self._table(schema, table).policies
                self._replace(schema, table, policies=self._table(schema, table).policies - {policy})
            case GrantPrivileges(schema, table):
                self._set_grants(schema, table, self._grants(schema, table) | self._named(change))
            case RevokePrivileges(schema, table):
                assert self._named(change) <= self._grants(schema, table)
                self._set_grants(schema, table, self._grants(schema, table) - self._named(change))
            case CreateFunction(function):
                assert function.signature not in self.functions
                self.functions[function.signature] = function
            case DropFunction(function):
                assert self.functions.pop(function.signature) == function
            case ReplaceFunction(function, previous):
                assert self.functions[function.signature] == previous
                self.functions[function.signature] = function
            case _:
                raise AssertionError(change)

    def _table(self, schema: str, table: str) -> TableSecurity:
        # Its structure is Alembic's: a table that only one side knows is there, without any protection.
        return self.tables.get((schema, table), TableSecurity(schema, table))

    def _replace(self, schema: str, table: str, **changed: object) -> None:
        self.tables[schema, table] = replace(self._table(schema, table), **changed)  # type: ignore[arg-type]

    def _grants(self, schema: str, table: str | None) -> frozenset[Grant]:
        return self.schemas[schema].grants if table is None else self._table(schema, table).grants

    def _set_grants(self, schema: str, table: str | None, granted: frozenset[Grant]) -> None:
        options = [replace(grant, grantable=False) for grant in granted]
        assert len(set(options)) == len(options), "PostgreSQL holds one grant of a privilege"
        if table is None:
            self.schemas[schema] = SchemaSecurity(schema, granted)
        else:
            self._replace(schema, table, grants=granted)

    @staticmethod
    def _named(change: GrantPrivileges | RevokePrivileges) -> frozenset[Grant]:
        return frozenset(
            Grant(change.role, privilege, change.column, change.sequence, change.grantable)
            for privilege in change.privileges
        )


@settings(deadline=None)
@given(databases())
def test_nothing_differs_from_itself(database: DatabaseSecurity) -> None:
    """No change where nothing is to be changed."""
    assert diff(database, database) == []


@settings(deadline=None)
@given(databases(), databases())
def test_the_changes_make_what_is_wanted(want: DatabaseSecurity, have: DatabaseSecurity) -> None:
    """Everything that is wanted is there afterwards, exactly; what nobody named is left alone."""
    world = World(have).apply(diff(want, have))

    for key, table in want.tables.items():
        assert world.tables.get(key, TableSecurity(*key)) == table
    assert {**have.schemas, **want.schemas} == world.schemas
    assert {**have.functions, **want.functions} == world.functions
    untouched = have.tables.keys() - want.tables.keys()
    assert {key: world.tables[key] for key in untouched} == {key: have.tables[key] for key in untouched}


@settings(deadline=None)
@given(databases(), databases())
def test_the_reverses_restore_what_was_there(want: DatabaseSecurity, have: DatabaseSecurity) -> None:
    """The changes undone in reverse order leave the database as it was, whatever it was."""
    changes = diff(want, have)
    world = World(have).apply(changes).apply(change.reverse() for change in reversed(changes))

    assert world.schemas == dict(have.schemas)
    assert world.functions == dict(have.functions)
    for key in {*world.tables, *have.tables}:
        assert world.tables[key] == have.tables.get(key, TableSecurity(*key))


@settings(deadline=None)
@given(databases(), databases())
def test_every_change_is_the_reverse_of_its_reverse(want: DatabaseSecurity, have: DatabaseSecurity) -> None:
    """Upgrade and downgrade are each other's."""
    for change in diff(want, have):
        assert change.reverse().reverse() == change


def test_it_closes_before_it_opens() -> None:
    """Between two statements of a revision nothing is open that neither state would have open."""
    have = derive(shop())
    want = DatabaseSecurity(
        have.schemas,
        {key: replace(table, grants=table.grants | {Grant("public", "SELECT")}) for key, table in have.tables.items()},
        have.functions,
    )
    bare = {key: TableSecurity(*key, grants=frozenset({Grant("app", "TRUNCATE")})) for key in have.tables}

    changes = diff(want, DatabaseSecurity(have.schemas, bare, have.functions))

    for key in have.tables:
        of_table = [
            change for change in changes if (getattr(change, "schema", ""), getattr(change, "table", "")) == key
        ]
        kinds = [type(change) for change in of_table]
        assert kinds[0] is RevokePrivileges
        assert GrantPrivileges in kinds
        opening = kinds.index(GrantPrivileges)
        assert all(kind is GrantPrivileges for kind in kinds[opening:])
        if have.tables[key].forced:
            assert kinds[1:3] == [RowSecurity, ForceRowSecurity]
