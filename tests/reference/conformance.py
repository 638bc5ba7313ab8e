"""Compares a schema in a database with a facts file: what it holds that the facts do not state, and the reverse.

PostgreSQL itself spells the facts: they are built in a scratch schema inside a savepoint, and one reader reads both
schemas. So two spellings of a type, a default or a predicate are equal exactly when PostgreSQL says so. A difference
that isolation needs carries the rule that explains it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import BinaryExpression, BindParameter, Connection, MetaData
from sqlalchemy import Column as TableColumn
from sqlalchemy.sql.visitors import iterate

from tenancy.schema.metadata import conventions_of

from .catalog import Catalog, ForeignKey, Index, Item, Key, PrimaryKey, Unique, read_catalog
from .facts_file import Facts, facts_catalog


@dataclass(frozen=True)
class Difference:
    """`want` is what the facts state, `have` what the database holds; None where one of them lacks it."""

    key: Key
    want: Item | None
    have: Item | None
    #: Why the difference is allowed; None where it is not.
    rule: str | None = None


@dataclass(frozen=True)
class Comparison:
    """Both sides, and which tables belong to a tenant: what a rule may look at."""

    want: Catalog
    have: Catalog
    #: The tenant column of each tenant-scoped table; the table of the tenants themselves is none.
    tenant_columns: Mapping[str, str]
    #: The user column of each table whose rows belong to users.
    user_columns: Mapping[str, str]
    #: The columns of each table that is visible through a parent, or one of several, that refer to it.
    parent_columns: Mapping[str, tuple[str, ...]]
    #: The columns of each table that a resolver compares with a secret.
    looked_up_columns: Mapping[str, frozenset[str]]

    def tenant_foreign_keys(self) -> Iterator[ForeignKey]:
        """The keys in the database that carry the tenant to another tenant-scoped table."""
        for key, item in self.have.items():
            if isinstance(item, ForeignKey) and {key.table, item.target} <= self.tenant_columns.keys():
                pair = (self.tenant_columns[key.table], self.tenant_columns[item.target])
                if len(item.columns) > 1 and pair in zip(item.columns, item.target_columns, strict=True):
                    yield item


def differences(
    connection: Connection, schema: str, facts: Facts, metadata: MetaData | None = None
) -> list[Difference]:
    """Every difference between a schema and the facts, each with the rule that allows it, if one does.

    Args:
        connection: of a role that may read the catalog and create a schema; the facts are built and rolled back.
        schema: the PostgreSQL schema to compare.
        facts: a facts file, from `load_facts`.
        metadata: of the models, for what its resolvers look up.
    """
    tenant_columns = {
        table["name"]: table["tenant_column"]
        for table in facts["tables"]
        if "tenant_column" in table and not table.get("tenant_root")
    }
    want, have = facts_catalog(connection, facts), read_catalog(connection, schema)
    user_columns = {table["name"]: table["owner_column"] for table in facts["tables"] if "owner_column" in table}
    parent_columns = {
        table["name"]: tuple(reference.split(" -> ")[0] for reference in table["parent"])
        for table in facts["tables"]
        if "parent" in table
    }
    looked_up = {} if metadata is None else looked_up_columns(metadata)
    comparison = Comparison(want, have, tenant_columns, user_columns, parent_columns, looked_up)
    return [
        replace(difference, rule=next((name for name, allows in RULES.items() if allows(difference, comparison)), None))
        for key in sorted(want.keys() | have.keys())
        if (difference := Difference(key, want.get(key), have.get(key))).want != difference.have
    ]


def looked_up_columns(metadata: MetaData) -> dict[str, frozenset[str]]:
    """The columns that resolvers compare with secrets, by table."""
    found: dict[str, frozenset[str]] = {}
    for resolver in conventions_of(metadata).resolvers:
        for comparison in iterate(resolver.statement):
            if isinstance(comparison, BinaryExpression):
                sides = (comparison.left, comparison.right)
                if any(isinstance(side, BindParameter) and side.required for side in sides):
                    for side in sides:
                        if isinstance(side, TableColumn):
                            found[side.table.name] = found.get(side.table.name, frozenset()) | {side.name}
    return found


def composite_key(difference: Difference, comparison: Comparison) -> bool:
    """A foreign key of the facts, with the tenant as its last column; SET NULL names the column that it may empty."""
    want, have = difference.want, difference.have
    tenant_columns = comparison.tenant_columns
    if not (isinstance(want, ForeignKey) and {difference.key.table, want.target} <= tenant_columns.keys()):
        return False
    return have == replace(
        want,
        columns=(*want.columns, tenant_columns[difference.key.table]),
        target_columns=(*want.target_columns, tenant_columns[want.target]),
        on_delete_columns=want.columns if want.on_delete.startswith("SET ") else (),
    )


def unique_of_composite_key(difference: Difference, comparison: Comparison) -> bool:
    """A unique constraint that is led by the tenant and that a composite foreign key refers to."""
    have, table = difference.have, difference.key.table
    if difference.want is not None or not isinstance(have, Unique) or table not in comparison.tenant_columns:
        return False
    return have.columns[0] == comparison.tenant_columns[table] and any(
        key.target == table and set(key.target_columns) == set(have.columns) for key in comparison.tenant_foreign_keys()
    )


def unique_within_tenant(difference: Difference, comparison: Comparison) -> bool:
    """A unique constraint or index of the facts, led by the tenant: its error tells nothing about other tenants."""
    want, have, tenant = difference.want, difference.have, comparison.tenant_columns.get(difference.key.table)
    if tenant is None:
        return False
    if isinstance(want, Unique):
        return have == replace(want, columns=(tenant, *want.columns))
    if not (isinstance(want, Index) and want.unique and isinstance(have, Index)):
        return False
    # The tenant's column has the default operator class of its type, whatever that is.
    led = replace(
        want,
        columns=(tenant, *want.columns),
        operator_classes=(have.operator_classes[0], *want.operator_classes),
        options=(0, *want.options),
    )
    return have == led


def index_led_by_tenant(difference: Difference, comparison: Comparison) -> bool:
    """An index that the facts lack, on a tenant-scoped table of which they have none that the tenant leads."""
    return _is_missing_index(difference, comparison, comparison.tenant_columns.get(difference.key.table))


def index_led_by_tenant_too(difference: Difference, comparison: Comparison) -> bool:
    """The twin of an index of the facts, led by the tenant: a list in its order touches no other tenant's rows."""
    table, have = difference.key.table, difference.have
    if difference.want is not None or not isinstance(have, Index) or have.unique:
        return False
    twins = {item.columns for key, item in comparison.want.items() if key.table == table and isinstance(item, Index)}
    return have.columns[0] == comparison.tenant_columns.get(table) and have.columns[1:] in twins


def index_led_by_user(difference: Difference, comparison: Comparison) -> bool:
    """The same on a table whose rows belong to users, for the column of the user."""
    return _is_missing_index(difference, comparison, comparison.user_columns.get(difference.key.table))


def index_led_by_other_user(difference: Difference, comparison: Comparison) -> bool:
    """The same on a table whose primary key names two users, for the one that is not the owner of the facts."""
    table, have = difference.key.table, difference.have
    owner = comparison.user_columns.get(table)
    if owner is None or not isinstance(have, Index):
        return False
    of_table = [item for key, item in comparison.want.items() if key.table == table]
    keys = {item.columns: (item.target, item.target_columns) for item in of_table if isinstance(item, ForeignKey)}
    named = next((item.columns for item in of_table if isinstance(item, PrimaryKey)), ())
    both = {owner, have.columns[0]} <= set(named) and keys.get((owner,)) == keys.get((have.columns[0],)) is not None
    return both and _is_missing_index(difference, comparison, have.columns[0])


def index_led_by_parent(difference: Difference, comparison: Comparison) -> bool:
    """The same on a table that is visible through a parent, for the column that refers to it."""
    columns = comparison.parent_columns.get(difference.key.table, ())
    return any(_is_missing_index(difference, comparison, column) for column in columns)


def index_of_resolver(difference: Difference, comparison: Comparison) -> bool:
    """The same on a table that a resolver reads, for a column that it compares with a secret."""
    columns = comparison.looked_up_columns.get(difference.key.table, frozenset())
    return any(_is_missing_index(difference, comparison, column) for column in columns)


def _is_missing_index(difference: Difference, comparison: Comparison, column: str | None) -> bool:
    """Whether an index is led by this column, by which rows are chosen, and the facts have no such index."""
    table, have = difference.key.table, difference.have
    if column is None or difference.want is not None or not isinstance(have, Index):
        return False
    led = any(
        isinstance(item, Index | Unique | PrimaryKey) and item.columns[0] == column
        for key, item in comparison.want.items()
        if key.table == table
    )
    return have.columns[0] == column and not have.unique and not led


def unique_hash(difference: Difference, comparison: Comparison) -> bool:
    """A unique constraint over the hash of a secret, which leads to its tenant: it must not lead to two."""
    table, have = difference.key.table, difference.have
    if difference.want is not None or not isinstance(have, Unique) or table not in comparison.tenant_columns:
        return False
    return len(have.columns) == 1 and have.columns[0].endswith(("key_hash", "token_hash"))


#: The differences that isolation needs, by what is said of each.
RULES: Mapping[str, Callable[[Difference, Comparison], bool]] = {
    "composite key between tenant-scoped tables": composite_key,
    "unique that a composite key refers to": unique_of_composite_key,
    "unique within the tenant": unique_within_tenant,
    "unique hash of a secret": unique_hash,
    "index led by the tenant": index_led_by_tenant,
    "index of the facts, led by the tenant": index_led_by_tenant_too,
    "index led by the user": index_led_by_user,
    "index led by the other user": index_led_by_other_user,
    "index led by the parent's key": index_led_by_parent,
    "index that a resolver looks up": index_of_resolver,
}
