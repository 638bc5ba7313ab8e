"""`tenancy vectors`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from tenancy.cli.output import console, emit_json, say
from tenancy.schema.loading import load_metadata
from tenancy.session.vectors.own_indexes import Action, OwnIndex, apply, surveyed
from tenancy.settings import Settings


def vectors(
    rows: Annotated[int, typer.Option(min=1, help="From how many rows on a tenant gets an index of its own.")] = 10_000,
    apply_: Annotated[bool, typer.Option("--apply", help="Make and drop the indexes, instead of naming them.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the indexes, with their SQL, as JSON.")] = False,
) -> None:
    """Give large tenants HNSW indexes of their own: `session.nearest()` then searches nobody else's vectors.

    Which tenants are large, the statistics of the last ANALYZE say. Indexes are made like those that the table has for
    all tenants, CONCURRENTLY, and dropped when their tenant has become half as small. It can be run at any time, as
    the owner; interrupted, it leaves no half-made index.

    Examples:
    - `tenancy vectors` says what it would do.
    - `tenancy vectors --apply` does it: nightly, for instance.
    - `tenancy vectors --rows 50000 --json`
    """
    settings = Settings()
    found = asyncio.run(_run(settings, rows, apply_=apply_))
    if as_json:
        emit_json({"applied": apply_, "indexes": [vars(one) for one in found]})
        return
    if found:
        _show(found)
    changes = sum(one.action is not Action.KEEP for one in found)
    words = "made or dropped" if apply_ else "to make or drop; run `tenancy vectors --apply`"
    say(f"{len(found)} indexes of single tenants, {changes} {words}.")


async def _run(settings: Settings, rows: int, *, apply_: bool) -> list[OwnIndex]:
    found = await surveyed(load_metadata(settings), settings, rows)
    if apply_:
        async for one in apply(found, settings):
            say(f"{one.action} {one.schema}.{one.name}: {one.condition}, {one.rows:,} rows")
    return found


def _show(found: list[OwnIndex]) -> None:
    table = Table("table", "rows of", "rows", "index", "")
    for one in found:
        table.add_row(f"{one.schema}.{one.table}", one.condition, f"{one.rows:,}", one.name, one.action)
    console.print(table)
