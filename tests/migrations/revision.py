"""Autogenerate and run revisions on one connection, inside its transaction; what is run is the rendered text."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations import Operations
from pgvector import sqlalchemy as pgvector
from sqlalchemy import Connection, MetaData
from sqlalchemy.dialects import postgresql

from tenancy import Settings
from tenancy.migrations import environment, rendering, setup
from tenancy.security.functions import installed


@dataclass(frozen=True)
class Revision:
    """The bodies of `upgrade()` and `downgrade()`; both empty where nothing is to be done."""

    upgrade: str
    downgrade: str

    def __bool__(self) -> bool:
        return bool(self.upgrade or self.downgrade)


def autogenerate(
    connection: Connection, *metadata: MetaData, settings: Settings | None = None, structure: bool = True
) -> Revision:
    """What `alembic revision --autogenerate` would write for the metadata.

    Without `structure` Alembic's own comparison, which takes most of the time, is shown no table.
    """
    context = _context(connection, list(metadata), settings or Settings())
    if not structure:
        context.opts.update(include_name=lambda *_: False, include_object=lambda *_: False)
    script = produce_migrations(context, [installed, *metadata])
    assert script.upgrade_ops is not None
    assert script.downgrade_ops is not None
    return Revision(_rendered(context, script.upgrade_ops), _rendered(context, script.downgrade_ops))


def run(connection: Connection, body: str) -> None:
    """Runs the body of `upgrade()` or `downgrade()`."""
    with Operations.context(_context(connection, [], Settings())) as op:
        exec(body, {"op": op, "sa": sa, "postgresql": postgresql, "pgvector": pgvector})


def _context(connection: Connection, metadata: list[MetaData], settings: Settings) -> MigrationContext:
    setup()
    return MigrationContext.configure(connection, opts=environment._options(metadata, settings))


def _rendered(context: MigrationContext, operations: Any) -> str:
    text = render_python_code(operations, migration_context=context, render_item=rendering.render_type)
    body = textwrap.dedent(" " * 4 + text)
    return "\n".join(line for line in body.splitlines() if not line.startswith("# ###") and line != "pass")
