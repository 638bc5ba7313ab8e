"""Whole projects, in `projects/`, that use the plugin: each is copied, and run by a pytest of its own.

`projects/broken/<mistake>` holds only what differs from `projects/shop`: the one mistake.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tenancy.integrations.pytest import Server

PROJECTS = Path(__file__).parent / "projects"
collect_ignore = ["projects"]

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Makes the folder of a project from folders of `projects/`, later ones over earlier ones."""
    for variable in [name for name in os.environ if name.startswith(("TENANCY_", "PYTEST_XDIST"))]:
        monkeypatch.delenv(variable)

    def copy(*names: str) -> Path:
        for name in names:
            shutil.copytree(PROJECTS / name, pytester.path, dirs_exist_ok=True)
        return pytester.path

    return copy


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Runs pytest in the project, on a server of its own; `before` are the words of a command to run it by."""

    def run(*arguments: str, before: tuple[str, ...] = ()) -> pytest.RunResult:
        return pytester.run(*before, sys.executable, "-m", "pytest", "-v", *arguments, timeout=300)

    return run


@pytest.fixture
def run_here(run: Run, tenancy_server: Server) -> Run:
    """Runs pytest in the project, on the server of our own tests: a database more on it is faster than a server."""
    return lambda *arguments: run(f"--tenancy-server={tenancy_server.url()}", *arguments)
