"""`tenancy prove`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import TaskID
from rich.table import Table
from sqlalchemy import MetaData

from tenancy import prove as proof
from tenancy.cli.development import reachable
from tenancy.cli.output import FINDINGS, console, emit_json, progress_bar, say
from tenancy.embedded import EmbeddedServer
from tenancy.errors import ConfigurationError
from tenancy.prove.progress import Progress
from tenancy.prove.report import Report, html_page, junit_xml
from tenancy.prove.report.terminal import findings, mutation_overview, overview, verdict
from tenancy.schema.loading import load_metadata
from tenancy.session.database import Database
from tenancy.settings import Settings

#: Wider than any matrix.
_UNLIMITED = 10_000


def prove(
    table: Annotated[list[str] | None, typer.Option(help="Only this table, as schema.table; can be repeated.")] = None,
    attack: Annotated[list[str] | None, typer.Option(help="Only this attack, by name; can be repeated.")] = None,
    commit: Annotated[
        bool,
        typer.Option("--commit", help="Commit the rows, for attacks by other connections, and remove them."),
    ] = False,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Also prove the proof: on a scratch database, break every wall.")
    ] = False,
    mutation: Annotated[
        list[str] | None, typer.Option(help="With --mutate: only this mutation, by name; can be repeated.")
    ] = None,
    admin_url: Annotated[
        str | None,
        typer.Option(
            envvar="TENANCY_ADMIN_URL",
            help="With --mutate: an administrator's URL of the server; by default an embedded one.",
        ),
    ] = None,
    list_attacks: Annotated[bool, typer.Option("--list", help="List attacks and mutations, and what they do.")] = False,
    matrix: Annotated[
        bool, typer.Option("--matrix", help="Show the whole matrix, also where it is wider than the terminal.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report, with every statement, as JSON.")] = False,
    html: Annotated[
        Path | None, typer.Option(dir_okay=False, writable=True, help="Write the report as one HTML page.")
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(dir_okay=False, writable=True, help="Write the report as JUnit XML, for CI.")
    ] = None,
) -> None:
    """Prove isolation: every attack on every table, by one tenant against another.

    It can be any database, staging too: the proof makes rows for tenants of its own, and all happens in one transaction
    that is rolled back. Existing rows are neither needed nor touched. Exits with 0 where isolation held, 1 where
    something leaked, survived or was never asked, 2 where it could not run.

    Examples:
    - `tenancy prove`
    - `tenancy prove --table shop.basket --attack foreign_key --attack move`
    - `tenancy prove --commit` is for test databases: attackers log in and use sessions, as services do.
    - `tenancy prove --mutate` breaks a scratch database in thousands of ways, and each must be noticed.
    - `tenancy prove --html proof.html --junit proof.xml` is for CI.
    - `tenancy prove --list` says what is tried.
    """
    if list_attacks:
        _list(as_json=as_json)
        return
    if mutation and not mutate:
        raise ConfigurationError("--mutation chooses among the mutations of --mutate: say both.")
    settings = Settings()
    metadata = _models(settings, table, attack)
    for path in filter(None, (html, junit)):
        _make(path)
    if mutate:
        with _administered(admin_url) as url:
            report = _run(
                "Interrupted: the scratch database is dropped, and nothing is proven.",
                lambda progress: proof.prove_on_scratch(
                    url,
                    metadata,
                    settings=settings,
                    tables=table,
                    attacks=attack,
                    mutations=mutation,
                    progress=progress,
                ),
            )
    else:
        report = _run(
            f"Interrupted: the proof's rows are {'removed' if commit else 'rolled back'}, and nothing is proven.",
            lambda progress: _prove(reachable(settings), metadata, commit, table, attack, progress),
        )
    if html is not None:
        html.write_text(html_page(report), encoding="utf-8")
    if junit is not None:
        junit.write_text(junit_xml(report), encoding="utf-8")
    if as_json:
        emit_json(report.to_dict())
    else:
        _show(report, Console(width=_UNLIMITED) if matrix else console)
    if not report.held or report.survivors or report.untouched:
        raise typer.Exit(FINDINGS)


def _models(settings: Settings, tables: list[str] | None, attacks: list[str] | None) -> list[MetaData]:
    """The models to prove.

    Raises:
        ConfigurationError: there are none, or nothing to try on them, or no such table or attack.
    """
    metadata = load_metadata(settings)
    if not metadata:
        raise ConfigurationError('No models: write metadata = ["myapp.models:Base.metadata"] in [tool.tenancy].')
    if not proof.pairs(metadata, tables=tables, attacks=attacks):
        raise ConfigurationError("Nothing to try: none of these attacks says anything about any of these tables.")
    return metadata


def _make(path: Path) -> None:
    """An empty file, and its folder, before the work: no earlier report must be taken for that of a proof that failed.

    Raises:
        ConfigurationError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}.") from error


async def _prove(
    settings: Settings,
    metadata: Sequence[MetaData],
    commit: bool,
    tables: list[str] | None,
    attacks: list[str] | None,
    progress: Progress,
) -> Report:
    async with Database(settings) as database:
        return await proof.prove(database, metadata, commit=commit, tables=tables, attacks=attacks, progress=progress)


@contextmanager
def _administered(url: str | None) -> Iterator[str]:
    """An administrator's URL: the one given, or that of an embedded server which is gone afterwards."""
    if url is not None:
        yield url
        return
    say("No administrator's URL: using an embedded server, for this proof alone.")
    with EmbeddedServer.temporary() as server:
        yield server.url()


def _run(interrupted: str, work: Callable[[Progress], Awaitable[Report]]) -> Report:
    """Does the work, and shows how far it is."""

    async def run(progress: Progress) -> Report:
        try:
            return await work(progress)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            # The first Ctrl-C ends the attacks, and what they left is removed; a second one ends the removal as well.
            twice = task is not None and task.cancelling() > 1
            say("Interrupted twice: something of the proof's own may have stayed behind." if twice else interrupted)
            raise

    with progress_bar() as bar:
        tasks: dict[str, TaskID] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done)

        return asyncio.run(run(show))


def _show(report: Report, wide: Console) -> None:
    wide.print(overview(report, wide.width))
    if report.mutations:
        wide.print(mutation_overview(report, wide.width))
    for finding in findings(report):
        console.print(finding)
    console.print(verdict(report))


def _list(*, as_json: bool) -> None:
    attacks, mutations = proof.all_attacks(), proof.all_mutations()
    if as_json:
        emit_json(
            {
                "attacks": [{"name": one.name, "tries": one.tries, "why": one.why} for one in attacks],
                "mutations": [{"name": one.name, "breaks": one.breaks} for one in mutations],
            }
        )
        return
    for title, described in (
        ("attack", {one.name: one.tries for one in attacks}),
        ("mutation", {one.name: one.breaks for one in mutations}),
    ):
        shown = Table(title, "what it does", box=None, pad_edge=False)
        for name, words in described.items():
            shown.add_row(name, words)
        console.print(shown)
