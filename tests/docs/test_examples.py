"""What the documentation shows is run."""

from __future__ import annotations

import re
import runpy
from dataclasses import fields
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select
from typer.main import get_command

from tenancy import Database
from tenancy.cli import app
from tenancy.prove.report import MutationOutcome, Outcome, PolicyUse, Report
from tenancy.prove.transaction import Evidence
from tenancy.security.changes import function_sql
from tenancy.security.declared import function_of
from tenancy.security.roles import Roles

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", page.read_text(), re.MULTILINE | re.DOTALL)


async def test_the_readme_shows_the_quickstart_and_it_works(make_database, empty_database, capsys):
    """The first example of the README is examples/quickstart.py, and prints what it says."""
    assert blocks(ROOT / "README.md", "python")[0] == (ROOT / "examples" / "quickstart.py").read_text()
    quickstart = runpy.run_path(str(ROOT / "examples" / "quickstart.py"))
    database = make_database("quickstart", template=empty_database)
    database.create_all([quickstart["Base"].metadata])
    await quickstart["main"](database.settings)
    assert capsys.readouterr().out == "[]\n"


async def test_the_bulk_loads_of_the_sessions_page_work(make_database, empty_database, tmp_path, monkeypatch):
    """Both examples load what they are given, and the progress is called."""
    quickstart = runpy.run_path(str(ROOT / "examples" / "quickstart.py"))
    database = make_database("bulk", template=empty_database)
    database.create_all([quickstart["Base"].metadata])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "projects.csv").write_text("name\nMercury\nSkylab\n")
    shown = [block for block in blocks(ROOT / "docs" / "sessions.md", "python") if "bulk_load" in block]
    organization_id, printed = uuid4(), []
    async with Database(database.settings) as db:
        example = "\n".join(f"    {line}" for line in "".join(shown).splitlines())
        names = {
            "db": db,
            "organization_id": organization_id,
            "Project": quickstart["Project"],
            "Path": Path,
            "rows": ({"name": name} for name in ("Salyut", "Mir")),
            "print": printed.append,
        }
        exec(f"async def example():\n{example}", names)
        await names["example"]()
        async with db.begin(organization_id) as session:
            loaded = list(await session.scalars(select(quickstart["Project"].name)))
    assert sorted(loaded) == ["Apollo", "Gemini", "Mercury", "Mir", "Salyut", "Skylab"]
    assert printed == [2]


async def test_the_example_of_a_scoped_query_works(make_database, empty_database, capsys):
    """It is examples/search.py, prints what it says, and becomes the SQL that the page shows."""
    page = ROOT / "docs" / "scoped-queries.md"
    assert blocks(page, "python")[0] == (ROOT / "examples" / "search.py").read_text()
    search = runpy.run_path(str(ROOT / "examples" / "search.py"))
    assert blocks(page, "sql")[0] == function_sql(function_of(search["find_documents"], Roles())) + "\n"
    database = make_database("search", template=empty_database)
    database.create_all([search["Base"].metadata])
    await search["main"](database.settings)
    assert capsys.readouterr().out == "['Annual report']\nTrue\n"


async def test_the_example_of_nearest_vectors_works(make_database, empty_database, capsys):
    """It is examples/nearest.py, and prints what it says."""
    assert blocks(ROOT / "docs" / "vectors.md", "python")[0] == (ROOT / "examples" / "nearest.py").read_text()
    nearest = runpy.run_path(str(ROOT / "examples" / "nearest.py"))
    database = make_database("nearest", template=empty_database)
    database.create_all([nearest["Base"].metadata])
    await nearest["main"](database.settings)
    assert capsys.readouterr().out == "['pears', 'apples']\n[('apples', 0.02)]\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_documentation_leads_somewhere(page):
    """A relative link names a file or folder of the repository."""
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_python_block_compiles(page):
    """No example has a typing error, also where it is a fragment that cannot run by itself."""
    for block in blocks(page, "python"):
        lines = "\n".join(f"    {line}" for line in block.splitlines())
        compile(f"async def example():\n{lines}", str(page), "exec")


def test_file_names_in_the_life_of_a_table_exist():
    """The page that follows a tenant id to the wire names files that are there."""
    text = (ROOT / "docs" / "life-of-a-table.md").read_text()
    named = set(re.findall(r"`((?:schema|security|migrations|session|prove)/[a-z_]+\.py)`", text))
    assert named
    assert [name for name in named if not (ROOT / "src" / "tenancy" / name).exists()] == []


def test_the_page_of_the_proof_names_every_key_of_its_json():
    """Programs read the report by what the page says: each key is there, and no other."""
    text = (ROOT / "docs" / "proof.md").read_text()
    rows = re.findall(r"^\| (`.*?) \|", text.partition("| key | means |")[2], re.MULTILINE)
    report = Report((), server_version="18.4", role="tenancy_app", seconds=1.0)
    assert [key for row in rows for key in re.findall(r"`([a-z_]+)`", row)] == list(report.to_dict())
    for value in (Outcome, MutationOutcome, PolicyUse, Evidence):
        assert ", ".join(f"`{field.name}`" for field in fields(value)) in re.sub(r" \(null.*?\)", "", text)


def test_the_page_of_the_proof_names_every_option():
    """Each option of `tenancy prove` is there, and no other."""
    text = (ROOT / "docs" / "proof.md").read_text()
    (command,) = (one for one in get_command(app).commands.values() if one.name == "prove")
    options = {option for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"`(--[a-z-]+)", text)) == options
