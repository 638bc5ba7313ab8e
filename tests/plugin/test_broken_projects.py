"""Mistakes that are found in this field's code: a project that makes one is told so, by the attack that is for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Run

#: What the output must say, by mistake. `test_isolation[…]` is a test that must fail; other words stand in a report.
CAUGHT = {
    "execute_hook": [
        r"ProofError: \w+: a tenant does not reach its own rows, so that others do not would prove nothing\. .*TN001"
    ],
    "pooled_setting": [
        r"test_isolation[after_commit[project]]",
        r"test_isolation[no_tenant[project]]",
        r"^> SELECT NULLIF\(current_setting\('app.tenant_id', true\), ''\)\n +expected exactly 1 rows: \(None\)\n +got",
    ],
    "rearranged_predicate": [
        r"test_isolation[select[note]]",
        r"^> SELECT note\..*\n +expected no rows\n +got +\d rows",
    ],
    "uncompared": [
        r"test_isolation[owner[project]]",
        r"test_isolation[truncate[task]]",
        r"test_isolation[guard[note]]",
        r"^> TRUNCATE task\n +expected refused with 42501",
    ],
    "policies_by_name": [r"test_isolation[select[task]]", r"test_isolation[delete[task]]"],
    "superuser": [r"ProofError: The proof would prove nothing: .*postgres is a superuser"],
    "empty_tables": [r"ProofError: task did not keep its sample row: a trigger or a rule swallowed it"],
    "silent_helper": [
        r"test_isolation[no_tenant[project]]",
        r"^> SELECT project\..*\n +expected refused with TN001 or TN002\n +got +no rows",
    ],
    "bypass_flag": [r"test_isolation[setting[project]]", r"app.bypass_rls"],
    "decoded_tenant": [r"test_isolation[hostile_tenant[project]]", r"app.tenant_id = .tenant_"],
}
#: Tables that the mistake does not touch, and that stay green.
SOUND = {"rearranged_predicate": ["project", "task"], "policies_by_name": ["project", "note"]}


@pytest.mark.parametrize("mistake", CAUGHT)
def test_a_mistake_is_caught(project: Callable[..., Path], run_here: Run, mistake: str) -> None:
    """The proof turns red, for the right reason, and says so without a traceback of its inside."""
    project("shop", f"broken/{mistake}")
    output = run_here("test_isolation.py").stdout.str()
    failed = re.findall(r"^FAILED test_isolation\.py::(\S+\])", output, re.MULTILINE)
    for words in CAUGHT[mistake]:
        if words.startswith("test_isolation["):
            assert any(name.startswith(words) for name in failed), f"{words} is not among {failed}"
        else:
            assert re.search(words, output, re.MULTILINE), output
    assert not [name for name in failed for table in SOUND.get(mistake, ()) if name.endswith(f"[{table}]]")]


def test_every_broken_project_is_run() -> None:
    """A new folder is a new mistake."""
    folder = Path(__file__).parent / "projects" / "broken"
    assert {path.name for path in folder.iterdir()} == set(CAUGHT)
