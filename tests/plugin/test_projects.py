"""A project that uses the plugin gets what the documentation promises, wherever and by whomever it is run."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tenancy.embedded import EmbeddedServer, available_versions
from tenancy.session.engine import database_url

from ..conftest import MakeDatabase
from .conftest import Run

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
embedded = pytest.mark.skipif(18 not in available_versions(), reason="needs the wheel: tenancy[embedded]")
Project = Callable[..., Path]


def assert_proven(result: pytest.RunResult, *tables: str) -> None:
    """Everything passed, and every table was attacked."""
    assert set(result.parseoutcomes()) == {"passed"}, result.stdout.str()
    for table in tables:
        test = re.escape(f"test_isolation.py::test_isolation[select[{table}]]")
        # xdist writes the outcome first.
        assert re.search(f"^{test} PASSED|PASSED {test}", result.stdout.str(), re.MULTILINE)
    (summary,) = re.findall(r"isolation: (\d+) pairs of attack and table held, on (\d+) tables", result.stdout.str())
    assert int(summary[0]) >= 20 * len(tables)
    assert int(summary[1]) == len(tables)


SHOP = ("organization", "project", "task", "note")


@embedded
def test_one_line_proves_a_project(project: Project, run: Run) -> None:
    """One readable test per attack and table, on an embedded server, beside the project's own tests."""
    path = project("shop")
    assert_proven(run("--junitxml=report.xml"), *SHOP)
    assert '<property name="tenancy_pair" value="select[task]"' in (path / "report.xml").read_text()


#: The words by which root runs a command as an unprivileged user. An interpreter below root's home is closed to
#: everybody else, so reading and writing files is the one capability that is kept.
AS_NOBODY = (
    *("setpriv", "--reuid=nobody", f"--regid={pwd.getpwnam('nobody').pw_gid}", "--clear-groups"),
    *("--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"),
)


@pytest.fixture
def folder_of_nobody(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An unprivileged user's home, which is entered."""
    folder = Path(tempfile.mkdtemp(prefix="tenancy-", dir="/tmp"))
    shutil.chown(folder, "nobody")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    yield folder
    shutil.rmtree(folder)


@embedded
@as_root
def test_root_is_not_needed(project: Project, run: Run, folder_of_nobody: Path) -> None:
    """The same as an unprivileged user, whose server is their own."""
    if shutil.which("setpriv") is None or subprocess.run([*AS_NOBODY, "true"], check=False).returncode != 0:
        pytest.skip("setpriv cannot run a command as nobody on this machine")
    shutil.copytree(project("shop"), folder_of_nobody, dirs_exist_ok=True)
    (folder_of_nobody / "test_user.py").write_text("import os\n\n\ndef test_user():\n    assert os.geteuid() != 0\n")
    assert_proven(run(before=AS_NOBODY), *SHOP)


def test_a_server_in_a_container(project: Project, run: Run) -> None:
    """The same on a server that asks for passwords, where a Docker engine runs."""
    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "info"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no Docker engine runs on this machine")
    project("shop")
    assert_proven(run("--tenancy-server=testcontainers"), *SHOP)


@embedded
def test_workers_beside_each_other(project: Project, run: Run) -> None:
    """With xdist and one server, each worker has a database of its own, and none is left on the server."""
    project("shop")
    with EmbeddedServer.temporary() as server:
        result = run("-n", "2", f"--tenancy-server={server.url()}")
        engine = create_engine(database_url(server.url(), "psycopg"), poolclass=NullPool)
        with engine.connect() as connection:
            left = set(connection.scalars(text("SELECT datname FROM pg_database")))
        engine.dispose()
    assert_proven(result, *SHOP)
    assert set(re.findall(r"\[gw\d\]", result.stdout.str())) == {"[gw0]", "[gw1]"}
    assert left == {"postgres", "template0", "template1"}


@pytest.fixture
def migrated_shop(
    project: Project, pytester: pytest.Pytester, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The shop with Alembic, and the revision that its developer would have it write."""
    path = project("shop", "migrated")
    with monkeypatch.context() as environment:
        environment.setenv("TENANCY_OWNER_URL", make_database("empty").url("owner"))
        revision = pytester.run(sys.executable, "-m", "alembic", "revision", "--autogenerate", "-m", "the shop")
    assert revision.ret == 0, revision.stderr.str()
    return path


@pytest.mark.usefixtures("migrated_shop")
def test_a_project_with_migrations(run_here: Run) -> None:
    """Where Alembic is configured, the tests' database is what the migrations make, unless the project says models."""
    assert_proven(run_here(), *SHOP)
    result = run_here("-o", "tenancy_schema=models", "-k", "test_schema or select")
    result.stdout.fnmatch_lines(["FAILED test_schema.py::test_the_schema_comes_from_the_migrations*"])
    assert result.parseoutcomes()["failed"] == 1
    run_here("-o", "tenancy_schema=rails", "-k", "schema").stdout.fnmatch_lines(["*rails*write alembic or models*"])


def test_a_project_with_an_alembic_ini(migrated_shop: Path, run_here: Run) -> None:
    """Alembic's older configuration file is found as well."""
    pyproject = migrated_shop / "pyproject.toml"
    before, _, after = pyproject.read_text().partition("[tool.alembic]")
    pyproject.write_text(before + after[after.index("[tool.pytest") :])
    (migrated_shop / "alembic.ini").write_text(
        "[alembic]\nscript_location = %(here)s/alembic\nprepend_sys_path = .\npath_separator = os\n"
    )
    assert run_here("test_schema.py").parseoutcomes() == {"passed": 1}


def test_a_table_that_cannot_be_filled_is_an_error(project: Project, run_here: Run) -> None:
    """It names the column and what to write; with that, the same table is proven. Nothing is skipped."""
    project("unfillable")
    result = run_here()
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"errors", "passed"}
    assert outcomes["errors"] == outcomes["passed"]
    result.stdout.fnmatch_lines(
        ['ProofError: voucher cannot be filled:*voucher.code = \'code-*values={"voucher.code": lambda random: ...}.']
    )
    result.stdout.no_fnmatch_line("*.py:[0-9]*: *")


def test_values_of_ones_own_for_a_whole_project(project: Project, run_here: Run) -> None:
    """The fixture `tenancy_values` serves the proof and the tests' tenants alike."""
    path = project("unfillable")
    (path / "conftest.py").write_text(
        "import pytest\n\n\n"
        "@pytest.fixture(scope='session')\n"
        "def tenancy_values():\n"
        "    return {'voucher.code': lambda random: 'ABC'}\n"
    )
    (path / "test_tenants.py").write_text(
        "def test_rows(tenancy_tenants):\n"
        "    assert {row['code'] for row in tenancy_tenants.first.rows['voucher']} == {'ABC'}\n"
    )
    assert set(run_here().parseoutcomes()) == {"passed"}


def test_a_proof_without_a_name_is_collected(project: Project, run_here: Run) -> None:
    """As `test_isolation`, so that a line that is written down is a line that is run."""
    module = project("shop") / "test_isolation.py"
    module.write_text(module.read_text().replace("test_isolation = ", ""))
    result = run_here("-n", "2", "test_isolation.py", "-k", "select[")
    assert result.parseoutcomes() == {"passed": len(SHOP)}, result.stdout.str()
    assert run_here("test_isolation.py::test_isolation[select[task]]").parseoutcomes() == {"passed": 1}


def test_proofs_that_cannot_be_collected_are_an_error(project: Project, run_here: Run) -> None:
    """Two without a name: pytest would collect neither, and a suite without a proof would be green."""
    module = project("shop") / "test_isolation.py"
    module.write_text(module.read_text().replace("test_isolation = ", "prove_isolation(Base.metadata)\n"))
    result = run_here()
    result.stdout.fnmatch_lines(["*Assign them to a name *: `test_isolation = prove_isolation(Base.metadata)`."])
    assert result.parseoutcomes() == {"errors": 1}


@pytest.mark.parametrize(
    "changed, options, said",
    [
        (("[tool.tenancy]", "[tool.other]"), (), "*No models are named. Write metadata = *"),
        (("models:Base", "modells:Base"), (), "*'modells:Base.metadata' cannot be loaded: No module named 'modells'*"),
        (("", ""), ("--tenancy-server=postgresql://x@127.0.0.1:1/x",), "*Cannot connect to database postgres as x*"),
        (("", ""), ("--tenancy-server=embedded", "--tenancy-postgres=9"), "*PostgreSQL 9 is not on this machine*"),
    ],
    ids=["no models", "wrong models", "no server", "no such version"],
)
def test_errors_say_what_to_do(
    project: Project, run: Run, changed: tuple[str, str], options: tuple[str, ...], said: str
) -> None:
    """By their words alone, for every test that needs what is not there."""
    pyproject = project("shop") / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace(*changed))
    result = run("-k", "select", *options)
    assert set(result.parseoutcomes()) == {"errors", "deselected"}
    result.stdout.fnmatch_lines([said])
    result.stdout.no_fnmatch_line("*.py:[0-9]*: *")


ASYNC_TEST = """
{imports}
{mark}
async def test_two_sessions(as_tenant, tenancy_tenants):
    from models import Project
    from sqlalchemy import select

    first, second = tenancy_tenants
    async with as_tenant(first) as ours, as_tenant(second) as theirs:
        for session, tenant in ((ours, first), (theirs, second)):
            found = await session.scalars(select(Project.id))
            assert set(found) == {{row["id"] for row in tenant.rows["project"]}}


{mark}
async def test_another_loop(as_tenant, tenancy_tenants):
    await test_two_sessions(as_tenant, tenancy_tenants)
"""
ANYIO_BACKEND = "@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n"


@pytest.mark.parametrize(
    "mark, options",
    [
        ("", ("-o", "asyncio_mode=auto")),
        ("", ("-o", "asyncio_mode=auto", "-o", "asyncio_default_test_loop_scope=session")),
        ("@pytest.mark.asyncio", ("-o", "asyncio_mode=strict")),
        ("@pytest.mark.asyncio(loop_scope='module')", ("-o", "asyncio_mode=strict")),
        ("@pytest.mark.anyio", ("-o", "asyncio_mode=strict")),
    ],
    ids=["auto", "session loop", "strict", "module loop", "anyio"],
)
def test_async_tests_of_any_kind(project: Project, run_here: Run, mark: str, options: tuple[str, ...]) -> None:
    """The fixtures are synchronous, and sessions live on the loop of the test that opens them."""
    imports = "import pytest\n"
    if "anyio" in mark:
        pytest.importorskip("anyio")
        imports += f"\n\n{ANYIO_BACKEND}"
    path = project("shop")
    (path / "test_projects.py").write_text(ASYNC_TEST.format(imports=imports, mark=mark))
    result = run_here("-k", "projects or select", *options)
    assert set(result.parseoutcomes()) == {"passed", "deselected"}, result.stdout.str()
    result.stdout.fnmatch_lines(["*test_two_sessions*PASSED*", "*test_another_loop*PASSED*"])


def test_every_fixture_is_documented(project: Project, run: Run) -> None:
    """`pytest --fixtures` is where a user looks."""
    project("shop")
    listed = run("--fixtures").stdout.str()
    for name in ("server", "metadata", "database", "connect", "values", "tenants"):
        assert re.search(rf"^tenancy_{name} \[session scope\].*\n    \w", listed, re.MULTILINE), name
    assert re.search(r"^as_tenant.*\n    \w", listed, re.MULTILINE)


def test_a_project_that_uses_none_of_it(pytester: pytest.Pytester, run: Run) -> None:
    """Where tenancy is merely installed, the plugin starts nothing and says nothing."""
    pytester.makepyfile("def test_nothing():\n    pass\n")
    result = run("-p", "no:asyncio", "-W", "error", "--tenancy-server=postgresql://nobody@nowhere.invalid/postgres")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*isolation*")


@embedded
@pytest.mark.parametrize("workers", ["0", "2"])
def test_what_no_test_asked_is_listed(project: Project, run_here: Run, workers: str) -> None:
    """Counted by PostgreSQL, for ordinary tests and for the proof, added up over workers."""
    project("shop")
    shown = run_here("-n", workers, "--tenancy-coverage", "-k", "test_isolation").stdout
    shown.fnmatch_lines(["*policies asked by PostgreSQL*", "*of *, counted by table, role, command and policy"])
    shown.no_fnmatch_line("never asked:*")
    # That each tenant reaches its own rows is tried for every table; nothing has yet tried the owner.
    shown = run_here("-n", workers, "--tenancy-coverage", "-k", "select and task").stdout
    shown.fnmatch_lines(["20 of 40, *", "never asked: note_guard on public.note, ALL by tenancy_owner"])
    shown.no_fnmatch_line("never asked: task_select on public.task, SELECT by tenancy_app")
