"""`tenancy prove`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import MetaData

from tenancy import prove as proof
from tenancy.cli.development import reachable
from tenancy.cli.output import FINDINGS, console, emit_json, progress_bar, say
from tenancy.errors import ConfigurationError
from tenancy.prove.report import Outcome, Report, html_page, junit_xml
from tenancy.prove.report.terminal import findings, mutation_overview, overview, verdict
from tenancy.schema.loading import load_metadata
from tenancy.session.database import Database
from tenancy.settings import Settings

#: Wider than any matrix.
_UNLIMITED = 10_000


def prove(
    table: Annotated[list[str] | None, typer.Option(help="Only this table, as schema.table; can be repeated.")] = None,
    attack: Annotated[list[str] | None, typer.Option(help="Only this attack, by name; can be repeated.")] = None,
    list_attacks: Annotated[bool, typer.Option("--list", help="List the attacks and what they try.")] = False,
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

    It connects as services do, on rows that it makes for tenants of its own and removes at the end; existing rows are
    neither needed nor touched. Exits with 0 where isolation held, 1 where something leaked, 2 where it could not run.

    Examples:
    - `tenancy prove`
    - `tenancy prove --table shop.basket --attack foreign_key --attack move`
    - `tenancy prove --html proof.html --junit proof.xml` is for CI.
    - `tenancy prove --list` says what is tried.
    """
    if list_attacks:
        _list(as_json=as_json)
        return
    settings = Settings()
    for path in filter(None, (html, junit)):
        _make(path)
    report = _attack(settings, load_metadata(settings), table, attack)
    if html is not None:
        html.write_text(html_page(report), encoding="utf-8")
    if junit is not None:
        junit.write_text(junit_xml(report), encoding="utf-8")
    if as_json:
        emit_json(report.to_dict())
    else:
        _show(report, Console(width=_UNLIMITED) if matrix else console)
    if not report.held or report.survivors:
        raise typer.Exit(FINDINGS)


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


def _attack(
    settings: Settings, metadata: Sequence[MetaData], tables: list[str] | None, attacks: list[str] | None
) -> Report:
    """Makes the proof, and shows how far it is.

    Raises:
        ConfigurationError: there is nothing to try, or no such table or attack.
    """
    if not metadata:
        raise ConfigurationError('No models: write metadata = ["myapp.models:Base.metadata"] in [tool.tenancy].')
    pairs = proof.pairs(metadata, tables=tables, attacks=attacks)
    if not pairs:
        raise ConfigurationError("Nothing to try: none of these attacks says anything about any of these tables.")
    settings = reachable(settings)
    with progress_bar() as bar:
        task = bar.add_task("attacks", total=len(pairs))
        leaked = 0

        def show(outcome: Outcome) -> None:
            nonlocal leaked
            leaked += not outcome.held
            bar.update(task, advance=1, description=f"attacks, [red]{leaked} leaked[/]" if leaked else "attacks")

        async def run() -> Report:
            try:
                async with Database(settings) as database:
                    return await proof.prove(database, metadata, tables=tables, attacks=attacks, progress=show)
            except asyncio.CancelledError:
                _say_interrupted()
                raise

        return asyncio.run(run())


def _say_interrupted() -> None:
    task = asyncio.current_task()
    # The first Ctrl-C ends the attacks, and the rows are removed; a second one ends the removal as well.
    if task is not None and task.cancelling() > 1:
        say("Interrupted twice: rows of the proof's own tenants may have stayed behind.")
    else:
        say("Interrupted: the proof's rows are removed, and nothing is proven.")


def _show(report: Report, wide: Console) -> None:
    wide.print(overview(report, wide.width))
    if report.mutations:
        wide.print(mutation_overview(report, wide.width))
    for finding in findings(report):
        console.print(finding)
    console.print(verdict(report))


def _list(*, as_json: bool) -> None:
    attacks = proof.all_attacks()
    if as_json:
        emit_json([{"name": one.name, "tries": one.tries, "why": one.why} for one in attacks])
        return
    shown = Table("attack", "what it tries", box=None, pad_edge=False)
    for one in attacks:
        shown.add_row(one.name, one.tries)
    console.print(shown)
