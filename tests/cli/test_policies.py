"""`tenancy policies`: what reviewers read is what the models derive."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def tenancy(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command as a user does."""
    command = [str(Path(sys.executable).with_name("tenancy")), *arguments]
    keep = {"PATH": "/usr/bin:/bin", "COLUMNS": "160", **environment}
    return subprocess.run(command, cwd=cwd, env=keep, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder with the repository's settings and policies."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    return tmp_path


def test_the_repository_s_policies_are_what_the_models_say():
    """CI fails when somebody changes a model and does not write the policies."""
    result = tenancy("policies", "--check")
    assert result.returncode == 0, result.stdout


def test_a_changed_file_is_shown_and_exits_with_1(project: Path):
    """A reviewer sees which line differs."""
    path = project / "policies" / "trovella" / "plan_step.sql"
    path.write_text(path.read_text().replace("RESTRICTIVE", "PERMISSIVE"))
    result = tenancy("policies", "--check", cwd=project)
    assert result.returncode == 1
    assert "-    AS PERMISSIVE FOR ALL TO PUBLIC" in result.stdout
    assert "+    AS RESTRICTIVE FOR ALL TO PUBLIC" in result.stdout


def test_files_are_written_and_those_of_lost_tables_removed(project: Path):
    """Running it again changes nothing."""
    (project / "policies" / "trovella" / "plan_step.sql").unlink()
    (project / "policies" / "trovella" / "gone.sql").write_text("-- of a table that is no more\n")
    answer = json.loads(tenancy("policies", "--json", cwd=project).stdout)
    assert (answer["changed"], answer["stale"]) == (["trovella/plan_step.sql"], ["trovella/gone.sql"])
    assert tenancy("policies", "--check", cwd=project).returncode == 0


def test_a_metadata_that_is_not_there_is_a_clear_error(project: Path):
    """Exit 2, what to write, and no traceback."""
    result = tenancy("policies", cwd=project, TENANCY_METADATA='["nowhere.models:Base.metadata"]')
    assert result.returncode == 2
    assert "nowhere" in result.stderr
    assert "[tool.tenancy]" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unclassified_table_is_a_clear_error(project: Path):
    """A table that does not say who may see its rows stops everything, with the lines to write."""
    (project / "shop.py").write_text(
        "import tenancy\n"
        "from sqlalchemy import Column, Integer, Table\n"
        "metadata = tenancy.metadata()\n"
        "Table('basket', metadata, Column('id', Integer, primary_key=True))\n"
    )
    result = tenancy("policies", cwd=project, TENANCY_METADATA='["shop:metadata"]', PYTHONPATH=str(project))
    assert result.returncode == 2
    assert "basket does not say who may see its rows" in result.stderr
    assert "Traceback" not in result.stderr
