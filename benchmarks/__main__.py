"""The command line: `python -m benchmarks`."""

from __future__ import annotations

import asyncio
import shlex
import sys
from contextlib import aclosing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from benchmarks.comparison import Comparison
from benchmarks.environment import Environment
from benchmarks.ground import Ground, Size
from benchmarks.page import write
from benchmarks.result import Result
from benchmarks.workload import Workload, workloads
from tenancy.embedded import EmbeddedServer

ROOT = Path(__file__).parents[1]
QUICK = Size(scale=0.01, tenants=100, rounds=3, thorough=False)
app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
console = Console(stderr=True)


@app.command()
def run(
    only: Annotated[list[str] | None, typer.Option(help="A workload, by its file's name; can be repeated.")] = None,
    scale: Annotated[float, typer.Option(help="1 for a million tasks, 10 for ten.")] = 1.0,
    tenants: Annotated[int, typer.Option(help="Among how many the tasks are divided.")] = 1_000,
    rounds: Annotated[int, typer.Option(min=2, help="Of each comparison; long ones have fewer.")] = 10,
    quick: Annotated[bool, typer.Option("--quick", help="A smoke run; its results go to build/benchmarks/.")] = False,
    output: Annotated[
        Path | None, typer.Option(help="Where JSON, page and plots go; by default benchmarks/results/ and docs/.")
    ] = None,
    page: Annotated[bool, typer.Option("--page", help="Measure nothing: write the page from the JSON.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Measure tenancy beside its alternatives, and write docs/performance.md.

    Ctrl-C keeps what was measured.
    """
    known = workloads()
    if unknown := set(only or ()) - known.keys():
        raise typer.BadParameter(f"no workload {', '.join(sorted(unknown))}; there are {', '.join(known)}.")
    size = QUICK if quick else Size(scale=scale, tenants=tenants, rounds=rounds)
    chosen = [known[name] for name in known if not page and (not only or name in only)]
    folder = output or (ROOT / "build" / "benchmarks" if quick else None)
    results, docs = (folder / "results", folder) if folder else (ROOT / "benchmarks" / "results", ROOT / "docs")
    try:
        if chosen:
            asyncio.run(measure(chosen, size, results))
    except KeyboardInterrupt:
        console.print("Interrupted; what was measured is kept.")
    written = [Result.load(path) for path in sorted(results.glob("*.json"))]
    if written:
        console.print(f"Wrote {write(written, docs)}", highlight=False)
    if as_json:
        sys.stdout.write("[" + ",".join(one.model_dump_json() for one in written) + "]\n")


async def measure(chosen: list[Workload], size: Size, results: Path) -> None:
    """Runs workloads one after the other, and saves each comparison as soon as it is there."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with EmbeddedServer.temporary(port=0) as server, Progress(*columns, console=console) as progress:
        ground = Ground(server, size)
        version = await ground.version()
        for workload in chosen:
            task = progress.add_task(workload.name)
            environment = Environment.here(version)
            comparisons: list[Comparison] = []
            async with aclosing(workload.measure(ground)) as measured:
                async for comparison in measured:
                    comparisons.append(comparison)
                    progress.update(task, description=f"{workload.name}: {comparison.group} / {comparison.title}")
                    Result(
                        workload=workload.name,
                        command=command(),
                        data=workload.data(size),
                        scale=size.scale,
                        environment=environment,
                        comparisons=comparisons,
                    ).save(results)
            progress.update(task, description=f"{workload.name}: {len(comparisons)} comparisons", completed=1, total=1)


def command() -> str:
    """How this run was started, by make."""
    arguments = shlex.join(sys.argv[1:])
    return f'make bench ARGS="{arguments}"' if arguments else "make bench"


if __name__ == "__main__":
    app()
