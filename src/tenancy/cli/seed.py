"""`tenancy dev seed`: tenants full of sample rows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from random import Random, SystemRandom
from typing import Annotated

import typer
from rich.progress import Progress
from sqlalchemy import Column, Connection, MetaData, Table, text
from sqlalchemy.dialects.postgresql import insert

from tenancy.cli.development import development_server
from tenancy.cli.output import emit_json, progress_bar, say
from tenancy.errors import ConfigurationError
from tenancy.prove.belonging import is_shared
from tenancy.prove.rows import Row, sample_rows
from tenancy.prove.values import sample_value
from tenancy.schema.loading import load_metadata
from tenancy.schema.metadata import conventions_of
from tenancy.security.quoting import identifier
from tenancy.session.owner import one_connection
from tenancy.session.principal import Principal
from tenancy.session.urls import development_url, roles_of
from tenancy.settings import Settings


def seed(
    tenants: Annotated[int, typer.Option(min=1, help="How many tenants.")] = 3,
    rows: Annotated[int, typer.Option(min=1, help="Rows per table and tenant.")] = 20,
    schema: Annotated[str | None, typer.Option(help="Only the tables of this PostgreSQL schema.")] = None,
    random_seed: Annotated[int | None, typer.Option("--seed", help="The same seed makes the same rows.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the tenants' ids as JSON.")] = False,
) -> None:
    """Fill the embedded development server with tenants and rows. Migrate it first: `alembic upgrade heads`.

    Each tenant is one transaction: Ctrl-C leaves whole tenants behind, and running it again with the same seed goes on.

    Examples:
    - `tenancy dev seed --tenants 100 --rows 50`
    """
    settings = Settings()
    server = development_server()
    number = SystemRandom().randrange(10**6) if random_seed is None else random_seed
    chosen = [one for one in load_metadata(settings) if schema in (None, *one.schemas)]
    if not chosen:
        raise ConfigurationError(f"No metadata has tables in the schema {schema!r}.")
    url = development_url(server, "system", roles_of(settings))
    say(f"Seeding with --seed {number}; the same seed makes the same rows.")
    with progress_bar() as progress:
        seeded = asyncio.run(_seed(url, settings, chosen, tenants, rows, number, progress))
    if as_json:
        emit_json({"seed": number, "tenants": seeded})
    else:
        say(
            f"{sum(map(len, seeded.values()))} tenants seeded: " + ", ".join(f"{k} {v[0]} …" for k, v in seeded.items())
        )


async def _seed(
    url: str,
    settings: Settings,
    chosen: list[MetaData],
    tenants: int,
    rows: int,
    number: int,
    progress: Progress,
) -> dict[str, list[str]]:
    seeded: dict[str, list[str]] = {}
    async with one_connection(url, settings) as connection:
        await connection.execute(text(f"SET ROLE {identifier(settings.system_role)}"))
        await connection.commit()
        for metadata in chosen:
            name = metadata.schema or "public"
            task = progress.add_task(name, total=tenants)
            shared: dict[Table, list[Row]] = {}
            for principal in _principals(metadata, tenants, number):
                async with connection.begin():
                    await connection.run_sync(_seed_tenant, metadata, principal, rows, number, shared)
                seeded.setdefault(name, []).append(str(principal.tenant))
                progress.advance(task)
    return seeded


def _seed_tenant(
    connection: Connection,
    metadata: MetaData,
    principal: Principal,
    rows: int,
    number: int,
    shared: dict[Table, list[Row]],
) -> None:
    for table, made in sample_rows(metadata, principal, count=rows, seed=number, existing=shared):
        # What is there already came from an earlier run with the same seed.
        connection.execute(insert(table).on_conflict_do_nothing(), made)
        if is_shared(table):
            shared[table] = made


def _principals(metadata: MetaData, tenants: int, number: int) -> Iterator[Principal]:
    """One tenant and one of its users after the other, by the types that the metadata gives them."""
    random = Random(f"{number}/{metadata.schema}")  # noqa: S311 - sample data
    conventions = conventions_of(metadata)
    ids = Table("ids", MetaData(), Column("tenant", conventions.tenant_type), Column("user", conventions.user_type))
    for _ in range(tenants):
        yield Principal(*(sample_value(column, random, unique=True) for column in ids.columns))
