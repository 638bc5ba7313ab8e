"""Tooling: what a developer and CI wait for, with more and more tables.

`policies` writes the documents for review, `derive` is the part of it that every command does. `check` is `alembic
check` on a database that has everything, `autogenerate` is `alembic revision --autogenerate` on one that has nothing.
Figures are per table, and the baseline is the same command with the fewest tables: linear is 1.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from argparse import Namespace
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median

from alembic import command
from alembic.config import Config
from alembic.script import Script

from benchmarks.comparison import Comparison
from benchmarks.data.many import declare
from benchmarks.ground import OWNER, Ground, Place, Size
from benchmarks.rounds import Batch, timed
from benchmarks.target import Target
from tenancy import Settings
from tenancy.security.derive import derive
from tenancy.security.documents import documents
from tenancy.security.roles import Roles

ORDER = 8
PURE = ("derive", "policies")
TARGETS = (
    Target("autogenerate, check, policies on 1,000 tables: seconds", "1,000 tables", at_most=10, fact="seconds"),
    Target("the same, per table, against 100 tables: linear", "1,000 tables", at_most=1.2),
)
TEMPLATE = Path(__file__).parents[2] / "alembic" / "script.py.mako"
ENVIRONMENT = """
from benchmarks.data.many import declare
from tenancy.migrations import run

run(declare({tables}))
"""


def data(size: Size) -> str:
    counts = ", ".join(f"{count:,}" for count in _steps(size))
    return f"{counts} tables of five or six columns; of ten, eight have a tenant foreign key, one another's scope."


async def measure(ground: Ground) -> AsyncGenerator[Comparison, None]:
    steps = _steps(ground.size)
    with ExitStack() as stack:
        ways: dict[str, dict[int, Callable[[], object]]] = {
            "derive": {},
            "policies": {},
            "check": {},
            "autogenerate": {},
        }
        for tables in steps:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            full, empty = await ground.place(f"tooling_{tables}"), await ground.place(f"tooling_{tables}_empty")
            metadata = declare(tables)
            await full.push(metadata)
            ways["derive"][tables] = partial(derive, metadata)
            ways["policies"][tables] = partial(documents, [metadata], Roles())
            ways["check"][tables] = _alembic(command.check, folder / "full", full, tables)
            ways["autogenerate"][tables] = _alembic(_autogenerate, folder / "empty", empty, tables)
        for name, by_tables in ways.items():
            batches = {f"{tables:,} tables": _batch(work, tables) for tables, work in by_tables.items()}
            # Those that ask no database take milliseconds, in which a garbage collection stands out.
            timings = await ground.rounds(batches, fewer=1 if name in PURE else 3)
            facts = {
                f"{tables:,} tables": {"seconds": median(timings[f"{tables:,} tables"]) * tables} for tables in steps
            }
            yield Comparison.of("commands", name, timings, f"{steps[0]:,} tables", facts)


def _steps(size: Size) -> list[int]:
    return [100, 300, 1_000] if size.thorough else [10, 20, 40]


def _batch(work: Callable[[], object], tables: int) -> Batch:
    async def batch(number: int) -> float:
        # In a thread: Alembic's environment runs a loop of its own.
        return await timed(lambda: asyncio.to_thread(work), tables)

    return batch


def _alembic(work: Callable[[Config], object], folder: Path, place: Place, tables: int) -> Callable[[], object]:
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(ENVIRONMENT.format(tables=tables))
    shutil.copy(TEMPLATE, folder)
    settings = Settings(owner_url=place.url(OWNER))

    def run() -> None:
        config = Config(cmd_opts=Namespace(quiet=True), attributes={"settings": settings})
        config.set_main_option("script_location", str(folder))
        work(config)

    return run


def _autogenerate(config: Config) -> None:
    script = command.revision(config, autogenerate=True)
    # A revision that lies there would have to be applied before the next can be made.
    if isinstance(script, Script):
        Path(script.path).unlink()
