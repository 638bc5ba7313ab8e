"""`tenancy demo`: two organizations share one database, and every attempt of one to reach the other fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from alembic import command
from alembic.config import Config
from rich.table import Table
from sqlalchemy import func, select

from tenancy.cli.attempts import ATTEMPTS, Prey, make
from tenancy.cli.development import development_settings, prepare_database
from tenancy.cli.output import FINDINGS, console
from tenancy.embedded import EmbeddedServer
from tenancy.errors import ConfigurationError
from tenancy.prove import prove
from tenancy.prove.report.terminal import overview
from tenancy.reference import trovella
from tenancy.reference.trovella import services
from tenancy.schema.loading import load_metadata
from tenancy.session.database import Database
from tenancy.session.urls import roles_of
from tenancy.settings import Settings

METADATA = [trovella.Base.metadata]


def demo(
    keep: Annotated[
        Path | None, typer.Option(help="Keep the server's data in this folder; by default nothing is left behind.")
    ] = None,
) -> None:
    """Show it: an embedded PostgreSQL, migrations, two organizations at work, and attacks that fail.

    Exits with 1 if any attempt reaches the other organization.

    Examples:
    - `tenancy demo`
    """
    started = time.monotonic()
    with _server(keep) as server:
        settings = _prepare(server)
        leaks = asyncio.run(_story(settings))
    _tell(f"\nDone in {time.monotonic() - started:.0f} seconds.")
    if leaks:
        raise typer.Exit(FINDINGS)


@contextmanager
def _server(keep: Path | None) -> Iterator[EmbeddedServer]:
    if keep is None:
        with EmbeddedServer.temporary() as server:
            yield server
    else:
        with EmbeddedServer(keep) as server:
            yield server


def _prepare(server: EmbeddedServer) -> Settings:
    """A migrated database on the server, and the settings to reach it."""
    _chapter(f"PostgreSQL {server.version}, embedded", f"process {server.pid}, no Docker, no root needed")
    names = Settings()
    roles = roles_of(names)
    settings = development_settings(server, names)
    asyncio.run(prepare_database(server, names))
    _tell(f"tenancy bootstrap        roles {roles.owner}, {roles.application}, {roles.system}")
    config = Config(toml_file=_project_file())
    config.attributes["settings"] = settings
    command.upgrade(config, "heads")
    tables = sum(len(one.tables) for one in load_metadata(names))
    _tell(f"alembic upgrade heads    {tables} tables of five reference schemas, as an owner that FORCE holds, too")
    return settings


def _project_file() -> Path:
    """The pyproject.toml whose migrations the demo runs: of this checkout."""
    path = Path(__file__).parents[3] / "pyproject.toml"
    if not path.exists():
        raise ConfigurationError("The demo runs the migrations of tenancy's repository: clone it, then `make demo`.")
    return path


async def _story(settings: Settings) -> int:
    """What happens; returns the number of leaks."""
    async with Database(settings) as db:
        _chapter("Two organizations at work", "one database, one pool, no `WHERE organization_id` in any service")
        acme, globex = await asyncio.gather(
            _work(db, "Acme Research", "Ada", "Which of our suppliers will deliver late?"),
            _work(db, "Globex Labs", "Gus", "What does our secret alloy cost to make?"),
        )
        await _show_views(db, acme, globex)
        _chapter("Acme turns on Globex", "as the application role, with Globex's ids in hand")
        leaks = await _attack(db, acme, globex)
        _chapter("The isolation proof", "every attack on every table, on rows made for it and removed again")
        report = await prove(db, METADATA, commit=True)
        console.print(overview(report, console.width))
    return leaks + len(report.leaks)


async def _work(db: Database, name: str, founder: str, question: str) -> Prey:
    """What a service does in an ordinary day."""
    organization_id, user_id = await services.found_organization(db, name, founder)
    async with db.begin(organization_id, user=user_id) as session:
        plan = await services.plan_research(session, user_id, question, ["collect", "compare", "conclude"])
        step_id = plan.steps[0].id
    async with db.begin(organization_id, user=user_id) as session:
        await services.complete_step(session, step_id, f"{name}: first findings", [0.02] * 1536)
    async with db.begin(organization_id, read_only=True) as session:
        found = await services.search(session, [0.02] * 1536)
        cost = await services.month_to_date_cost(session)
    _tell(f"{name:14} {founder} planned research in {len(plan.steps)} steps, searched ({found[0]!r}), spent ${cost}")
    return Prey(name, organization_id, user_id, plan.id, step_id)


async def _show_views(db: Database, *organizations: Prey) -> None:
    """The same statements, as each organization."""
    table = Table("SELECT count(*) FROM", *(f"as {one.name}" for one in organizations), box=None, pad_edge=False)
    for model in (trovella.Organization, trovella.ResearchPlan, trovella.PlanStep, trovella.DocumentChunk):
        counts = []
        for one in organizations:
            async with db.begin(one.organization_id) as session:
                counts.append(str(await session.scalar(select(func.count()).select_from(model))))
        table.add_row(str(model.__table__), *counts)
    async with db.system(reason="demo: count all plans", actor="tenancy demo") as session:
        everyone = await session.scalar(select(func.count()).select_from(trovella.ResearchPlan))
    console.print(table)
    _tell(f"The system role, on its own pool and with a record in tenancy.system_access, counts {everyone} plans.")


async def _attack(db: Database, attacker: Prey, prey: Prey) -> int:
    leaks = 0
    table = Table("attempt", "PostgreSQL's answer", "", box=None, pad_edge=False)
    for attempt in ATTEMPTS:
        reached, answer = await make(attempt, db, attacker, prey)
        leaks += reached
        table.add_row(attempt.words, answer, "[bold red]LEAK[/]" if reached else "[green]held[/]")
    console.print(table)
    return leaks


def _chapter(title: str, words: str) -> None:
    console.print(f"\n[bold]{title}[/]  [dim]{words}[/]", highlight=False, soft_wrap=True)


def _tell(line: str) -> None:
    console.print(line, highlight=False, soft_wrap=True)
