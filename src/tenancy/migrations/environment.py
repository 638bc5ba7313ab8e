"""`run()`: all that an Alembic `env.py` has to do."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from alembic import context
from alembic.autogenerate import comparators, renderers
from alembic.operations import Operations
from alembic.util import DispatchPriority
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.pool import NullPool

from tenancy.errors import MissingExtension, TenancyError
from tenancy.migrations import autogenerate, data, enums, operations, reflection, rendering
from tenancy.migrations.guard import refusing_unscoped_statements
from tenancy.migrations.installation import explaining_incomplete_installation
from tenancy.schema.classification import classification_of, is_classified
from tenancy.schema.loading import as_list, load_metadata
from tenancy.security.bootstrap import needed_extensions
from tenancy.security.functions import installed
from tenancy.security.quoting import identifier
from tenancy.security.statements import ddl
from tenancy.session.engine import search_path
from tenancy.session.owner import as_owner, owner_engine
from tenancy.session.urls import roles_of
from tenancy.session.vectors.own_indexes import is_own_index
from tenancy.settings import Settings


def setup() -> None:
    """Teaches Alembic the operations, the comparison and the rendering.

    Importing does not; calling twice is harmless.
    """
    if hasattr(Operations, operations.SecurityOperation.create_policy.__name__):
        return
    for operation in (operations.SecurityOperation, enums.EnumOperation, data.DataScope):
        # Their class methods are what revisions call.
        for name in (name for name, member in vars(operation).items() if isinstance(member, classmethod)):
            Operations.register_operation(name)(operation)
    Operations.implementation_for(operations.SecurityOperation)(operations.perform)
    Operations.implementation_for(enums.EnumOperation)(enums.perform)
    renderers.dispatch_for(operations.SecurityOperation)(rendering.render)
    renderers.dispatch_for(enums.EnumOperation)(enums.render)
    comparators.dispatch_for("schema", priority=DispatchPriority.FIRST)(reflection.remember_tables)
    # After Alembic's own comparison, whose operations ours surround.
    comparators.dispatch_for("schema", priority=DispatchPriority.LAST)(autogenerate.compare)


def run(metadata: MetaData | Sequence[MetaData] | None = None, settings: Settings | None = None) -> None:
    """Runs Alembic's command as the owner: the whole content of an `env.py`.

    Args:
        metadata: made by `tenancy.metadata()`; several are migrated together; by default those that the setting
            `metadata` names.
        settings: by default `config.attributes["settings"]`, and else from the environment.

    A connection in `config.attributes["connection"]` is used as it is; otherwise one to `TENANCY_OWNER_URL` is made.
    Each revision is one transaction: one that fails leaves nothing behind and can be run again.
    """
    setup()
    try:
        _run(metadata, settings or context.config.attributes.get("settings") or Settings())
    except TenancyError as error:
        if context.config.cmd_opts is None:
            raise
        # Called by the command `alembic`: say what to do, without a traceback.
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        raise SystemExit(2) from error


def _run(metadata: MetaData | Sequence[MetaData] | None, settings: Settings) -> None:
    declared = load_metadata(settings) if metadata is None else as_list(metadata)
    options = _options(declared, settings)
    given: Connection | None = context.config.attributes.get("connection")
    if context.is_offline_mode():
        context.configure(
            dialect_name="postgresql",
            # The default paramstyle would double every percent sign.
            dialect_opts={"paramstyle": "named"},
            literal_binds=True,
            **options,
        )
        _migrate_offline(settings)
    elif given is not None:
        _migrate(given, declared, options)
    else:
        asyncio.run(_migrate_as_owner(settings, declared, options))


def _options(declared: list[MetaData], settings: Settings) -> dict[str, Any]:
    schemas = {table.schema for one in [installed, *declared] for table in one.tables.values()}

    def include_name(name: str | None, type_: str, parents: Any) -> bool:
        if type_ == "schema":
            return name in schemas or name is None
        return type_ != "index" or not is_own_index(name)

    return {
        "target_metadata": [installed, *declared],
        "include_schemas": True,
        "include_name": include_name,
        "render_item": rendering.render_type,
        "compare_type": True,
        "compare_server_default": True,
        "transaction_per_migration": True,
        operations.ROLES_OPTION: roles_of(settings),
    }


def _migrate_offline(settings: Settings) -> None:
    with context.begin_transaction():
        context.execute(ddl(f"SET ROLE {identifier(settings.owner_role)}"))
        context.execute(ddl(f"SET search_path = {search_path(settings.search_path)}"))
        context.run_migrations()


async def _migrate_as_owner(settings: Settings, declared: list[MetaData], options: dict[str, Any]) -> None:
    engine = owner_engine(settings, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(as_owner, settings)
            await connection.run_sync(_migrate, declared, options)
    finally:
        await engine.dispose()


def _migrate(connection: Connection, declared: list[MetaData], options: dict[str, Any]) -> None:
    roots = [
        table
        for one in declared
        for table in one.tables.values()
        if is_classified(table) and classification_of(table).root
    ]
    _require_extensions(connection, declared)
    context.configure(connection=connection, **options)
    with (
        explaining_incomplete_installation(connection),
        refusing_unscoped_statements(connection, roots, options[operations.ROLES_OPTION]),
        context.begin_transaction(),
    ):
        context.run_migrations()


def _require_extensions(connection: Connection, declared: list[MetaData]) -> None:
    with connection.begin_nested() if connection.in_transaction() else connection.begin():
        installed_extensions = set(connection.scalars(text("SELECT extname FROM pg_extension")))
    missing = [name for name in needed_extensions(declared) if name not in installed_extensions]
    if missing:
        raise MissingExtension(
            f"The models need the extension {', '.join(missing)}, which this database lacks, and the owner may not "
            f"install it: run `tenancy bootstrap` as an administrator."
        )
