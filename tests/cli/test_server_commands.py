"""`tenancy bootstrap`, `tenancy dev`, and what they say when something is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool
from typer.testing import CliRunner

from tenancy.cli import app
from tenancy.embedded import temporary_directory

from .test_policies import ROOT, tenancy


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """A development server's folder of the tests' own."""
    path = temporary_directory()
    yield path
    tenancy("dev", "down", TENANCY_EMBEDDED_DIRECTORY=str(path))
    shutil.rmtree(path, ignore_errors=True)


def scalar(url: str, sql: str) -> object:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        return connection.scalar(text(sql))


@pytest.fixture(scope="module")
def urls(directory: Path) -> dict[str, str]:
    """The running development server."""
    result = tenancy("dev", "up", "--json", TENANCY_EMBEDDED_DIRECTORY=str(directory))
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["started"]
    return answer["urls"]


def test_dev_up_is_idempotent_and_every_url_works(urls, directory):
    """Each role's URL connects as that role; a second `up` finds the server running."""
    again = tenancy("dev", "up", "--json", TENANCY_EMBEDDED_DIRECTORY=str(directory))
    assert json.loads(again.stdout)["started"] is False
    logins = {role: scalar(url, "SELECT session_user") for role, url in urls.items()}
    assert logins == {
        "admin": "postgres",
        "owner": "tenancy_owner_login",
        "app": "tenancy_app_login",
        "system": "tenancy_system_login",
    }


@pytest.mark.parametrize("role", ["admin", "owner", "app", "system"])
def test_dev_url_prints_the_url_alone(urls, directory, role):
    """It can stand inside `psql "$(tenancy dev url --role owner)"`."""
    assert tenancy("dev", "url", "--role", role, TENANCY_EMBEDDED_DIRECTORY=str(directory)).stdout == f"{urls[role]}\n"


def test_without_any_url_the_embedded_server_is_used_and_said_so(urls, directory):
    """`alembic upgrade heads` just works after `tenancy dev up`; `tenancy dev push` finds nothing more to do."""
    environment = {"PATH": os.environ["PATH"], "TENANCY_EMBEDDED_DIRECTORY": str(directory)}
    alembic = [str(Path(sys.executable).with_name("alembic")), "upgrade", "heads"]
    result = subprocess.run(alembic, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "embedded development server" in result.stderr
    pushed = tenancy("dev", "push", TENANCY_EMBEDDED_DIRECTORY=str(directory))
    assert pushed.returncode == 0, pushed.stderr
    assert scalar(urls["owner"], "SELECT count(*) FROM pg_policies WHERE schemaname = 'trovella'") > 0


def test_seed_fills_tenants_and_the_same_seed_goes_on(urls, directory):
    """The same seed makes the same rows, so a second run adds none; each tenant has rows in every table."""
    for _ in range(2):
        result = tenancy(
            *("dev", "seed", "--tenants", "2", "--rows", "3", "--seed", "7", "--json"),
            TENANCY_EMBEDDED_DIRECTORY=str(directory),
        )
        assert result.returncode == 0, result.stderr
    tenants = json.loads(result.stdout)["tenants"]["trovella"]
    counted = scalar(urls["admin"], "SELECT count(*) FROM trovella.plan_step")
    assert (len(tenants), counted) == (2, 6)
    organizations = "SELECT count(*) FROM trovella.organization"
    assert scalar(urls["admin"], organizations) == 2


def test_prove_uses_the_embedded_server_and_leaves_seeded_rows_alone(urls, directory):
    """It says which server it takes; the rows that were there before are there after."""
    before = scalar(urls["admin"], "SELECT count(*) FROM trovella.plan_step")
    proven = tenancy("prove", "--table", "trovella.plan_step", TENANCY_EMBEDDED_DIRECTORY=str(directory))
    assert proven.returncode == 0, proven.stderr
    assert proven.stderr.count("embedded development server") == 1
    assert scalar(urls["admin"], "SELECT count(*) FROM trovella.plan_step") == before


def test_bootstrap_can_run_again(urls, directory):
    """The second run changes nothing and succeeds."""
    result = tenancy("bootstrap", "--url", urls["admin"], "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["roles"]["application"] == "tenancy_app"


def test_bootstrap_sql_is_one_transaction_for_psql():
    """A DBA gets statements that leave nothing half-done."""
    printed = tenancy("bootstrap", "--sql", "--database", "shop").stdout
    assert printed.startswith("\\set ON_ERROR_STOP on\nBEGIN;\n")
    assert printed.endswith("COMMIT;\n")
    assert "CREATE EXTENSION IF NOT EXISTS vector" in printed


def test_the_compose_file_s_bootstrap_is_what_the_command_prints():
    """docker/bootstrap.sql is `tenancy bootstrap --sql --with-logins`, with the development password."""
    printed = tenancy("bootstrap", "--sql", "--database", "tenancy", "--with-logins", TENANCY_LOGIN_PASSWORD="tenancy")
    assert printed.stdout == (ROOT / "docker" / "bootstrap.sql").read_text()


@pytest.mark.parametrize(
    "url,words",
    [
        ("postgresql://nobody@127.0.0.1:1/shop", "Cannot connect to database shop as nobody on 127.0.0.1:1"),
        ("mysql://nobody@127.0.0.1/shop", "does not name a PostgreSQL database"),
        ("not a url", "is no database URL"),
    ],
)
def test_a_wrong_url_is_a_clear_error(url, words):
    """Exit 2, what is wrong with it, no password and no traceback."""
    result = tenancy("bootstrap", "--url", url)
    assert result.returncode == 2
    assert words in result.stderr.replace("\n", " ")
    assert "Traceback" not in result.stderr


def test_a_role_that_may_not_bootstrap_is_told_so(urls):
    """Nothing is half-done, and the way out is named."""
    result = tenancy("bootstrap", "--url", urls["app"])
    assert result.returncode == 2
    assert "may not bootstrap" in result.stderr.replace("\n", " ")


def test_no_server_is_a_clear_error(tmp_path):
    """The remedy is named: `tenancy dev up`, or a URL."""
    result = tenancy("dev", "push", TENANCY_EMBEDDED_DIRECTORY=str(tmp_path / "none"))
    assert result.returncode == 2
    assert "tenancy dev up" in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["bootstrap"],
        ["demo"],
        ["policies"],
        ["prove"],
        *(["dev", name] for name in ("up", "down", "url", "push", "seed")),
    ],
    ids=" ".join,
)
def test_every_command_has_help(command):
    """`--help` says what it does."""
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output
