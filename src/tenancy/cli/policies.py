"""`tenancy policies`."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path
from typing import Annotated

import typer

from tenancy.cli.output import FINDINGS, console, emit_json, say
from tenancy.schema.loading import load_metadata
from tenancy.security.documents import documents
from tenancy.session.urls import roles_of
from tenancy.settings import Settings


def policies(
    check: Annotated[bool, typer.Option("--check", help="Compare only; exit 1 where a file differs.")] = False,
    directory: Annotated[
        Path | None, typer.Option(help="Where the files are; by default the setting `policies_directory`.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what changed as JSON.")] = False,
) -> None:
    """Write the SQL that protects each table to `policies/<schema>/<table>.sql`, for review.

    Only the models are read; no database is needed.

    Examples:
    - `tenancy policies` writes the files, and removes those of tables that are gone.
    - `tenancy policies --check` is for CI: it prints what differs and exits with 1.
    """
    settings = Settings()
    folder = directory or settings.policies_directory
    want = documents(load_metadata(settings), roles_of(settings))
    have = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.glob("*/*.sql")}
    stale = sorted(have.keys() - want.keys())
    changed = [name for name, text in want.items() if have.get(name) != text]
    if as_json:
        emit_json({"directory": str(folder), "changed": changed, "stale": stale, "written": not check})
    if check:
        if not as_json:
            _print_differences(want, have, [*changed, *stale])
        if changed or stale:
            say(f"{len(changed) + len(stale)} of {len(want)} files differ from the models. Run `tenancy policies`.")
            raise typer.Exit(FINDINGS)
        say(f"{folder}: {len(want)} files, all as the models say.")
        return
    for name in changed:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(want[name], encoding="utf-8")
    for name in stale:
        (folder / name).unlink()
    say(f"{folder}: {len(want)} files, {len(changed)} written, {len(stale)} removed.")


def _print_differences(want: dict[str, str], have: dict[str, str], names: list[str]) -> None:
    for name in names:
        before, after = (files.get(name, "").splitlines() for files in (have, want))
        for line in unified_diff(before, after, f"policies/{name}", "the models", lineterm=""):
            style = {"+": "green", "-": "red"}.get(line[:1], "")
            console.print(line, style=style, markup=False, highlight=False, soft_wrap=True)
