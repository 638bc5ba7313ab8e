"""`tenancy prove`: what it prints and writes, and how it exits."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import text

from tenancy.prove import all_attacks, all_mutations, pairs
from tenancy.prove.report import WHOLE_DATABASE
from tenancy.reference.trovella import Base
from tenancy.schema.loading import load_metadata
from tenancy.security.apply import push
from tenancy.security.roles import Roles
from tenancy.session.owner import as_owner
from tenancy.settings import Settings

from ..conftest import ROOT, MakeDatabase, TestDatabase
from .test_policies import tenancy

PLAN, STEP = "trovella.research_plan", "trovella.plan_step"
HOSTILE = 'a<b>&"c'


def environment(database: TestDatabase) -> dict[str, str]:
    urls = {"DATABASE": "application", "OWNER": "owner", "SYSTEM": "system"}
    return {f"TENANCY_{name}_URL": database.url(role) for name, role in urls.items()}


def prove(database: TestDatabase, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return tenancy("prove", *arguments, **environment(database), **more)


def rows(database: TestDatabase) -> int:
    with database.connect() as connection:
        return sum(
            connection.scalar(text(f'SELECT count(*) FROM {table.schema}."{table.name}"'))
            for table in Base.metadata.sorted_tables
        )


class Page(HTMLParser):
    """What a page holds that these tests ask about."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())

    def values(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get(attribute)) is not None]


@pytest.fixture(scope="module")
def broken(make_database: MakeDatabase, migrated_template: TestDatabase) -> TestDatabase:
    """A migrated database whose plans have no row-level security any more."""
    database = make_database("broken", template=migrated_template)
    with database.connect() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {PLAN} DISABLE ROW LEVEL SECURITY")
        connection.commit()
    return database


@pytest.fixture(scope="module")
def written(broken: TestDatabase, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the command prints and writes of two tables, of which one leaks."""
    folder = tmp_path_factory.mktemp("reports")
    files = {name: folder / "new" / f"proof.{name}" for name in ("html", "junit")}
    result = prove(
        broken,
        *("--table", PLAN, "--table", STEP, "--json", "--commit"),
        *(argument for name, path in files.items() for argument in (f"--{name}", str(path))),
    )
    assert result.returncode == 1, result.stderr
    return {
        "json": result.stdout,
        "progress": result.stderr,
        **{name: path.read_text() for name, path in files.items()},
    }


def test_where_isolation_holds_it_exits_with_0(migrated: TestDatabase) -> None:
    """A line for the table, the verdict, and no row stays behind."""
    result = prove(migrated, "--table", PLAN)
    assert result.returncode == 0, result.stderr
    assert f"{PLAN} ✓" in result.stdout
    tried = [pair for pair in pairs(Base.metadata, tables=[PLAN]) if not pair.attack.committed]
    assert f"HELD  0 of {len(tried)} attacks leaked, on 1 table" in result.stdout
    assert rows(migrated) == 0


def test_where_something_leaks_it_exits_with_1_and_names_it(broken: TestDatabase) -> None:
    """Attack, table, why it is tried, the statement, what had to come and what came."""
    result = prove(broken, "--table", PLAN, "--attack", "delete", "--attack", "truncate")
    assert result.returncode == 1, result.stderr
    shown = " ".join(result.stdout.split())
    (delete,) = (attack for attack in all_attacks() if attack.name == "delete")
    assert f"LEAKED delete {delete.tries} {delete.why} on {PLAN} DELETE FROM {PLAN} WHERE" in shown
    assert "expected 0 rows affected got 1 rows affected" in shown
    assert "LEAKED 1 of 2 attacks leaked" in shown
    assert "LEAKED truncate" not in shown


def test_a_matrix_that_does_not_fit_the_terminal_is_a_line_per_table(broken: TestDatabase) -> None:
    """The line names what leaked; `--matrix` shows the matrix all the same."""
    tried = ("count", "delete", "get", "insert", "join", "merge", "move", "owner", "raw_sql", "select", "truncate")
    tried += ("update", "upsert", "copy_to", "copy_from", "returning", "aggregate")
    chosen = ("--table", PLAN, *(f"--attack={name}" for name in tried))
    wide, narrow = (prove(broken, *chosen, COLUMNS=columns).stdout for columns in ("160", "50"))
    assert f"{PLAN} ✗ ✗" in wide
    assert "✗" not in narrow
    (line,) = (line for line in narrow.splitlines() if line.startswith(f"{PLAN} "))
    held, leaked, silent = (int(number) for number in line.split()[1:4])
    assert (held + leaked, silent) == (len(tried), 0)
    assert leaked > len(tried) // 2
    assert f"{PLAN} ✗ ✗" in prove(broken, *chosen, "--matrix", COLUMNS="50").stdout


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("--table", "trovella.reserch_plan"), f"There is no table trovella.reserch_plan. Near it: {PLAN}"),
        (("--table", "research_plan"), f"There is no table research_plan. Near it: {PLAN}."),
        (("--attack", "truncat"), "There is no attack truncat. Near it: truncate."),
        (("--attack", "xyz"), "There is no attack xyz. There are: after_commit, "),
        (("--table", "trovella.ai_model", "--attack", "get"), "Nothing to try"),
    ],
)
def test_what_cannot_be_tried_is_a_clear_error(arguments: tuple[str, ...], words: str) -> None:
    """Exit 2, what is near the name, before anything is connected, and no traceback."""
    result = tenancy("prove", *arguments)
    assert result.returncode == 2
    assert words in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_a_file_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    """Before the work, not after it."""
    (tmp_path / "file").touch()
    result = tenancy("prove", "--html", str(tmp_path / "file" / "proof.html"))
    assert result.returncode == 2
    assert "cannot be written" in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_no_server_is_a_clear_error(tmp_path: Path) -> None:
    """Exit 2 where the proof cannot be made, which is not the same as passed."""
    result = tenancy("prove", TENANCY_EMBEDDED_DIRECTORY=str(tmp_path / "none"))
    assert result.returncode == 2
    assert "tenancy dev up" in result.stderr


def test_the_list_says_what_each_attack_and_mutation_does() -> None:
    """No server is needed."""
    listed = json.loads(tenancy("prove", "--list", "--json").stdout)
    assert [one["name"] for one in listed["attacks"]] == [attack.name for attack in all_attacks()]
    assert [one["name"] for one in listed["mutations"]] == [mutation.name for mutation in all_mutations()]
    shown = tenancy("prove", "--list", COLUMNS="300").stdout
    assert all(one["name"] in shown and one["tries"] in shown for one in listed["attacks"])
    assert all(one["name"] in shown and one["breaks"] in shown for one in listed["mutations"])


def test_json_is_the_whole_report(written: dict[str, str]) -> None:
    """Each pair once, with every statement; its numbers are those of its outcomes."""
    report = json.loads(written["json"])
    tried = [(one["table"], one["attack"]) for one in report["outcomes"]]
    assert tried == [(pair.subject, pair.attack.name) for pair in pairs(Base.metadata, tables=[PLAN, STEP])]
    leaks = [one for one in report["outcomes"] if not one["held"]]
    assert (report["pairs"], report["leaked"], report["held"]) == (len(tried), len(leaks), False)
    assert {one["table"] for one in leaks} >= {PLAN}
    assert all(one["evidence"] for one in report["outcomes"])
    for one in report["outcomes"]:
        assert all(set(evidence) == {"sql", "expected", "answer", "as_expected"} for evidence in one["evidence"])
        assert all(evidence["as_expected"] for evidence in one["evidence"]) == one["held"]


def test_junit_has_a_suite_for_each_table_and_a_case_for_each_attack(written: dict[str, str]) -> None:
    """What leaked is a failure with the statements."""
    report = json.loads(written["json"])
    root = ET.fromstring(written["junit"])
    assert (root.get("tests"), root.get("failures")) == (str(report["pairs"]), str(report["leaked"]))
    assert [suite.get("name") for suite in root] == [WHOLE_DATABASE, STEP, PLAN]
    cases = {(case.get("classname"), case.get("name")): case for case in root.iter("testcase")}
    assert set(cases) == {(one["table"], one["attack"]) for one in report["outcomes"]}
    for one in report["outcomes"]:
        failure = cases[one["table"], one["attack"]].find("failure")
        assert (failure is None) == one["held"]
        if failure is not None:
            assert one["evidence"][-1]["sql"] in failure.text
            assert f"got      {one['evidence'][-1]['answer']}" in failure.text


def test_the_page_shows_each_pair_once_and_every_cell_leads_to_its_statements(written: dict[str, str]) -> None:
    """A link in the matrix for each pair, one place for each, and no link into nothing."""
    report = json.loads(written["json"])
    page = Page(written["html"])
    anchors = [f"{one['table']}/{one['attack']}" for one in report["outcomes"]]
    places, links = page.values("id"), page.values("href")
    assert len(places) == len(set(places))
    assert sorted(unquote(place) for place in places if unquote(place) in anchors) == sorted(anchors)
    assert sorted(unquote(link[1:]) for link in links if unquote(link[1:]) in anchors) == sorted(anchors)
    assert {unquote(link[1:]) for link in links} <= {unquote(place) for place in places}
    assert {f"table:{table}" for table in (PLAN, STEP)} < set(places)
    for leak in (one for one in report["outcomes"] if not one["held"]):
        assert leak["evidence"][-1]["sql"] in page.texts
        assert leak["evidence"][-1]["answer"] in page.texts
    tried = {pair.attack for pair in pairs(Base.metadata, tables=[PLAN, STEP])}
    for attack in tried:
        assert attack.tries in page.texts
        assert attack.why in page.texts


def test_the_page_needs_nothing_from_elsewhere(written: dict[str, str]) -> None:
    """No address of another document, nothing to load, and a policy that forbids both."""
    page = Page(written["html"])
    assert all(link.startswith("#") for link in page.values("href"))
    assert page.values("src") == []
    assert not {"link", "iframe", "object", "embed", "img", "base", "form"} & {tag for tag, _ in page.elements}
    assert "http://" not in written["html"]
    assert "https://" not in written["html"]
    assert "url(" not in written["html"]
    assert "@import" not in written["html"]
    assert page.values("content")[-1].startswith("default-src 'none'; style-src 'sha256-")


@pytest.fixture
def hostile(make_database: MakeDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestDatabase:
    """A database with a table whose name is markup."""
    (tmp_path / "hostile_models.py").write_text(
        "from uuid import UUID, uuid4\n"
        "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n"
        "import tenancy\n"
        "class Base(DeclarativeBase):\n"
        "    metadata = tenancy.metadata(schema='shop')\n"
        "class Hostile(tenancy.TenantScoped, Base):\n"
        f"    __tablename__ = {HOSTILE!r}\n"
        "    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    database = make_database("hostile")
    with database.connect("owner") as connection:
        as_owner(connection, database.settings)
        push(connection, load_metadata(Settings(metadata=["hostile_models:Base.metadata"])), Roles())
        connection.commit()
    return database


def test_names_that_are_markup_are_text_everywhere(hostile: TestDatabase, tmp_path: Path) -> None:
    """On the page, in the XML and on the terminal."""
    table = f"shop.{HOSTILE}"
    files = {name: tmp_path / f"proof.{name}" for name in ("html", "junit")}
    result = prove(
        hostile,
        *("--table", table, *(argument for name, path in files.items() for argument in (f"--{name}", str(path)))),
        TENANCY_METADATA='["hostile_models:Base.metadata"]',
        PYTHONPATH=str(tmp_path),
    )
    assert result.returncode == 0, result.stderr
    assert table in result.stdout
    page = Page(files["html"].read_text())
    assert table in page.texts
    assert HOSTILE in page.texts
    assert f"{table}/select" in {unquote(place) for place in page.values("id")}
    assert [suite.get("name") for suite in ET.parse(files["junit"]).getroot()] == [WHOLE_DATABASE, table]


def _heed_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def running(database: TestDatabase) -> Iterator[subprocess.Popen[str]]:
    """The command, as soon as its rows are there."""
    command = [str(Path(sys.executable).with_name("tenancy")), "prove", "--commit"]
    variables = {"PATH": "/usr/bin:/bin", **environment(database)}
    with subprocess.Popen(
        # Where the tests run in the background, Ctrl-C is ignored, and that is handed on.
        command,
        cwd=ROOT,
        env=variables,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heed_ctrl_c,  # noqa: PLW1509 - nothing but a system call
    ) as process:
        while process.poll() is None and not rows(database):
            time.sleep(0.01)
        assert process.returncode is None
        yield process


def test_ctrl_c_removes_the_rows_and_exits_with_130(migrated: TestDatabase) -> None:
    """It says so, and proves nothing."""
    with running(migrated) as process:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted: the proof's rows are removed" in said
    assert "Traceback" not in said
    assert rows(migrated) == 0


def test_a_second_ctrl_c_does_not_claim_that_the_rows_are_removed(
    make_database: MakeDatabase, migrated_template: TestDatabase
) -> None:
    """Who does not wait for the removal is told what that means."""
    database = make_database("impatient", template=migrated_template)
    with running(database) as process, database.connect() as connection:
        # The removal waits for this lock, and so does an attack.
        connection.exec_driver_sql(f"LOCK TABLE {PLAN}, {STEP} IN SHARE MODE")
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            time.sleep(2)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted twice" in said
    assert "Traceback" not in said
    assert rows(database) > 0


def test_mutations_are_tried_on_a_scratch_database(broken: TestDatabase) -> None:
    """Made from the models: what is broken in another database does not matter, and nothing of it stays."""
    admin = broken.url("postgres")
    chosen = ("--table", PLAN, "--attack", "select", "--mutation", "drop_policy", "--mutation", "privileged_role")
    result = prove(broken, "--mutate", "--json", "--admin-url", admin, *chosen)
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert (report["held"], report["survived"], report["untouched"]) == (True, 0, 0)
    assert [one["mutation"] for one in report["mutations"] if one["table"] == PLAN] == [
        f"drop_policy({command})" for command in ("delete", "insert", "select", "update")
    ]
    assert {one["killed_by"] for one in report["mutations"]} == {"reachable", "unprivileged"}
    assert {one["policy"] for one in report["coverage"]} == {
        f"research_plan_{name}" for name in ("select", "insert", "update", "delete", "guard")
    }
    with broken.connect() as connection:
        names = connection.scalars(text("SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles")).all()
    assert [name for name in names if name.startswith("tenancy_scratch")] == []


def test_a_mutation_without_mutate_is_a_clear_error() -> None:
    """Rather than a proof that tried something else than was asked for."""
    result = tenancy("prove", "--mutation", "drop_policy")
    assert result.returncode == 2
    assert "say both" in result.stderr
