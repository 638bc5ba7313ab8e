"""`metadata → DatabaseSecurity`: what the models ask for. Pure; no database is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Identity, MetaData, Table

from tenancy.errors import ConfigurationError, InvalidScope
from tenancy.schema.access import Access, Command
from tenancy.schema.classification import Classification, classification_of
from tenancy.schema.foreign_key import missing_parents
from tenancy.schema.loading import as_list
from tenancy.schema.metadata import conventions_of
from tenancy.schema.naming import policy_name
from tenancy.schema.scope import Everyone, Nobody
from tenancy.security.declared import function_of
from tenancy.security.functions import helpers, installed_schema, installed_tables
from tenancy.security.predicate import predicate
from tenancy.security.roles import Roles
from tenancy.security.soundness import refuse_unsound
from tenancy.security.values import PUBLIC, DatabaseSecurity, Grant, Policy, SchemaSecurity, TableSecurity

_ROW_COMMANDS = tuple(Command)


def derive(
    metadata: MetaData | Sequence[MetaData], roles: Roles | None = None, *, default_schema: str = "public"
) -> DatabaseSecurity:
    """The security that the models ask for, with the `tenancy` schema that it stands on.

    Args:
        metadata: made by `tenancy.metadata()`; several are taken together.
        roles: the names of the three roles.
        default_schema: the PostgreSQL schema of tables that name none.

    Raises:
        UnclassifiedTable: a table does not say who may see its rows.
        InvalidScope: a scope does not fit its table.
        ConfigurationError: a tenant foreign key refers to a table that is not declared, or a scoped query contains
            what it may not.
    """
    roles = roles or Roles()
    all_metadata = as_list(metadata)
    tables = [_table_security(table, roles, default_schema) for one in all_metadata for table in _declared_tables(one)]
    for one in all_metadata:
        for table in one.tables.values():
            refuse_unsound(table)
    schemas = {
        table.schema: _schema_security(table.schema, roles) for table in tables if table.schema != default_schema
    }
    installed = installed_schema()
    declared = [
        function_of(function, roles, default_schema=default_schema)
        for one in all_metadata
        for function in conventions_of(one).functions
    ]
    return DatabaseSecurity(
        schemas={installed.name: installed, **schemas},
        tables={table.key: table for table in (*installed_tables(roles), *tables)},
        functions={function.signature: function for function in (*helpers(roles), *declared)},
        definer=roles.system,
    )


def _declared_tables(metadata: MetaData) -> Iterable[Table]:
    missing = missing_parents(conventions_of(metadata))
    if missing:
        raise ConfigurationError("; ".join(missing) + ". Import the module that declares it, or mend the name.")
    return metadata.tables.values()


def _table_security(table: Table, roles: Roles, default_schema: str) -> TableSecurity:
    """The security that one table asks for."""
    classification = classification_of(table)
    schema = table.schema or default_schema
    grants = frozenset(_grants(table, classification, roles))
    match classification.scope:
        case Everyone():
            if classification.access is not Access.READ_ONLY:
                raise InvalidScope(
                    f"{table.fullname} is shared: every tenant sees its rows, so what one tenant writes reaches all "
                    f"others. Set `__access__ = Access.READ_ONLY` and write by migrations or `db.system()`, or give it "
                    f"a tenant."
                )
            return TableSecurity(schema, table.name, grants=grants)
        case Nobody():
            # No policy and no FORCE: a stray GRANT shows nothing, and the owner's migrations still reach the rows.
            return TableSecurity(schema, table.name, enabled=True, grants=grants)
    condition = predicate(table, default_schema)
    policies = frozenset(_policies(table, classification, condition))
    return TableSecurity(schema, table.name, enabled=True, forced=True, policies=policies, grants=grants)


def _policies(table: Table, classification: Classification, condition: str) -> Iterator[Policy]:
    """Permissive policies per command, and a restrictive guard that no policy made by hand can widen.

    Both carry the whole predicate, so that losing either opens nothing; both are TO PUBLIC, so that they hold roles
    that nobody thought of, and the owner gets an error for a forgotten tenant instead of silently touching no row.
    """
    naming = conventions_of(table.metadata).policy_naming

    def name(command: str) -> str:
        return policy_name(naming, table.name, command)

    for command in classification.access.commands:
        yield Policy(
            name(command.value.lower()),
            command.value,
            permissive=True,
            roles=(PUBLIC,),
            using=None if command is Command.INSERT else condition,
            check=condition if command in (Command.INSERT, Command.UPDATE) else None,
        )
    yield Policy(name("guard"), "ALL", permissive=False, roles=(PUBLIC,), using=condition, check=condition)


def _grants(table: Table, classification: Classification, roles: Roles) -> Iterator[Grant]:
    commands = () if isinstance(classification.scope, Nobody) else classification.access.commands
    granted = {roles.application: commands, roles.system: _ROW_COMMANDS}
    sequence_column = _serial_column(table)
    for role, role_commands in granted.items():
        for command in role_commands:
            yield Grant(role, command.value)
        if Command.INSERT in role_commands and sequence_column is not None:
            yield Grant(role, "USAGE", column=sequence_column, sequence=True)


def _serial_column(table: Table) -> str | None:
    """The column that SQLAlchemy makes a SERIAL; an identity column needs no privilege on its sequence."""
    column = table.autoincrement_column
    if column is None or isinstance(column.server_default, Identity) or column.server_default is not None:
        return None
    return None if column.default is not None else column.name


def _schema_security(name: str, roles: Roles) -> SchemaSecurity:
    return SchemaSecurity(name, frozenset(Grant(role, "USAGE") for role in (roles.application, roles.system)))
