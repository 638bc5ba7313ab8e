"""A project of its own: `env.py`, revisions as files, and the command `alembic`."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Column, MetaData, Table, Uuid, text

import tenancy
from tenancy import (
    ConfigurationError,
    DatabaseUnavailable,
    IncompleteInstallation,
    MissingExtension,
    Settings,
    UnsafeRole,
)
from tenancy.errors import UnscopedStatement
from tenancy.schema import HalfVector, Json, TextEnum, scoped, tenant
from tenancy.session.owner import as_owner

from ..conftest import PASSWORD, ROOT, MakeDatabase, TestDatabase
from ..security.shop import Status
from .snapshot import Snapshot, differences, snapshot

ENV = "from alembic import context\nfrom tenancy.migrations import run\n\nrun(context.config.attributes['metadata'])\n"


@pytest.fixture
def database(make_database: MakeDatabase, empty_database: TestDatabase) -> TestDatabase:
    return make_database("project", template=empty_database)


def project(directory: Path, database: TestDatabase, metadata: MetaData) -> Config:
    """A new project's Alembic configuration."""
    (directory / "versions").mkdir()
    (directory / "env.py").write_text(ENV)
    shutil.copy(ROOT / "alembic" / "script.py.mako", directory)
    config = Config()
    config.set_main_option("script_location", str(directory))
    config.set_main_option("path_separator", "os")
    config.attributes.update(settings=database.settings, metadata=metadata)
    return config


def models() -> MetaData:
    metadata = tenancy.metadata(tenant_type=Uuid)
    Table("organization", metadata, Column("id", Uuid, primary_key=True), info=scoped(tenant("id")))
    Table(
        "document",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("organization_id", Uuid, nullable=False, index=True),
        Column("details", Json(dict[str, int])),
        Column("status", TextEnum(Status)),
        Column("short", TextEnum(Status, 10)),
        Column("embedding", HalfVector(3)),
        info=scoped(tenant(), tenancy.Access.READ_ONLY),
    )
    return metadata


def test_a_revision_is_plain_data(tmp_path: Path, database: TestDatabase) -> None:
    """Compared as text: every field of every policy is there, and nothing of the library that could change later."""
    config = project(tmp_path, database, tenancy.metadata())
    command.revision(config, "the tenancy schema", autogenerate=True, rev_id="one")
    command.upgrade(config, "head")
    config.attributes["metadata"] = models()

    command.revision(config, "the models", autogenerate=True, rev_id="two")

    written = (tmp_path / "versions" / "two_the_models.py").read_text()
    assert written == Path(__file__).with_name("two_the_models.py.txt").read_text()
    assert imports(written) == {"collections.abc", "sqlalchemy", "alembic", "pgvector", "sqlalchemy.dialects"}
    command.upgrade(config, "head")
    command.check(config)


def test_the_repositorys_revisions_do_not_import_the_library() -> None:
    """What a later version derives cannot change what an old revision makes."""
    revisions = list((ROOT / "alembic" / "versions").rglob("*.py"))

    assert len(revisions) >= 2
    for path in revisions:
        assert "tenancy" not in {name.partition(".")[0] for name in imports(path.read_text())}


def imports(source: str) -> set[str]:
    return {
        name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
    }


def test_a_failed_migration_leaves_nothing_behind(tmp_path: Path, database: TestDatabase) -> None:
    """A revision that fails after its DDL can be mended and run again; the revisions before it stay."""
    config = project(tmp_path, database, tenancy.metadata())
    command.revision(config, "the tenancy schema", autogenerate=True, rev_id="one")
    config.attributes["metadata"] = models()
    command.upgrade(config, "head")
    before = taken(database)
    command.revision(config, "the models", autogenerate=True, rev_id="two")
    path = tmp_path / "versions" / "two_the_models.py"
    whole = path.read_text()
    broken = whole.replace("\n\n\ndef downgrade", "\n    raise RuntimeError('half-way')\n\n\ndef downgrade")
    path.write_text(broken)

    with pytest.raises(RuntimeError, match="half-way"):
        command.upgrade(config, "head")
    assert differences(before, taken(database)) == []
    with database.connect() as connection:
        assert connection.scalars(text("SELECT version_num FROM alembic_version")).all() == ["one"]

    path.write_text(whole)
    command.upgrade(config, "head")
    command.check(config)
    command.downgrade(config, "-1")
    assert differences(before, taken(database)) == []


def taken(database: TestDatabase) -> Snapshot:
    with database.connect() as connection:
        return snapshot(connection)


def test_data_is_refused_without_a_tenant_in_a_revision(tmp_path: Path, database: TestDatabase) -> None:
    """The guard stands round every revision, and a refused one leaves nothing behind; as a script it cannot ask."""
    config = project(tmp_path, database, models())
    command.revision(config, "all", autogenerate=True, rev_id="one")
    command.upgrade(config, "head")
    before = taken(database)
    command.revision(config, "data", rev_id="two")
    path = tmp_path / "versions" / "two_data.py"
    empty = path.read_text()

    def revise(*lines: str) -> None:
        path.write_text(
            empty.replace("def upgrade() -> None:\n    pass", "\n    ".join(["def upgrade() -> None:", *lines]))
        )

    revise("op.add_column('document', sa.Column('x', sa.Text))", "op.execute('UPDATE document SET x = 1')")
    with pytest.raises(UnscopedStatement, match=r'op\.for_each_tenant\("organization"\)'):
        command.upgrade(config, "head")
    assert differences(before, taken(database)) == []

    revise("with op.as_system():", "    op.execute('UPDATE document SET x = 1')")
    with pytest.raises(UnscopedStatement, match="--sql"):
        command.upgrade(config, "one:head", sql=True)


def test_percent_signs_and_colons_survive_as_a_script(
    tmp_path: Path, database: TestDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the revision says is what the script says, whatever a driver's placeholders look like."""
    config = project(tmp_path, database, tenancy.metadata())
    command.revision(config, "odd", rev_id="one")
    path = tmp_path / "versions" / "one_odd.py"
    policy = "op.create_policy('100%', 'a:b', command='ALL', permissive=True, roles=['public'], using=\"'%:x' <> ''\")"
    path.write_text(path.read_text().replace("    pass", f"    {policy}\n    op.create_enum('e', ['%:x'])", 1))

    command.upgrade(config, "head", sql=True)

    script = capsys.readouterr().out.partition("...  done\n")[2]
    assert (
        "CREATE POLICY \"100%\" ON public.\"a:b\"\n    AS PERMISSIVE FOR ALL TO PUBLIC\n    USING ('%:x' <> '')"
        in script
    )
    assert "AS ENUM ('%:x');" in script
    assert script.startswith("SET ROLE tenancy_owner;\n\nSET search_path = 'public', 'pg_temp';\n\nBEGIN;")


def test_a_given_connection_is_used_as_it_is(tmp_path: Path, database: TestDatabase) -> None:
    """Whoever brings a connection keeps its transaction: nothing is committed, nothing rolled back."""
    config = project(tmp_path, database, models())
    before = taken(database)
    with database.connect("owner") as connection:
        connection.execute(text("SET ROLE tenancy_owner"))
        connection.execute(text("CREATE SCHEMA mine"))
        config.attributes["connection"] = connection
        command.revision(config, "all", autogenerate=True, rev_id="one")
        command.upgrade(config, "head")
        assert connection.scalar(
            text("SELECT to_regclass('document') IS NOT NULL AND to_regnamespace('mine') IS NOT NULL")
        )
        connection.rollback()

    assert differences(before, taken(database)) == []


def test_a_missing_extension(tmp_path: Path, make_database: MakeDatabase) -> None:
    """Said before anything is done, with the command that installs it."""
    config = project(tmp_path, make_database("bare", extensions=()), models())

    with pytest.raises(MissingExtension, match=r"extension vector.*`tenancy bootstrap`"):
        command.upgrade(config, "head")


def test_a_server_without_the_roles(tmp_path: Path, database: TestDatabase) -> None:
    """The owner role's name in the settings is no role: bootstrap was forgotten."""
    config = project(tmp_path, database, models())
    config.attributes["settings"] = Settings(owner_url=database.url("owner"), owner_role="nobody_at_all")

    with pytest.raises(IncompleteInstallation, match=r"Role nobody_at_all does not exist.*`tenancy bootstrap`"):
        command.upgrade(config, "head")


def test_a_login_that_is_not_the_owner(tmp_path: Path, database: TestDatabase) -> None:
    """Migrations as the application are refused, with the GRANT that would allow them."""
    config = project(tmp_path, database, models())
    config.attributes["settings"] = Settings(owner_url=database.url("application"))

    with pytest.raises(UnsafeRole, match=r"tenancy_app_login is not a member of tenancy_owner.*GRANT tenancy_owner TO"):
        command.upgrade(config, "head")


def test_a_half_installed_schema(tmp_path: Path, database: TestDatabase) -> None:
    """A dropped helper, or a schema that an interrupted hand left: the error has the statements, and they mend it."""
    config = project(tmp_path, database, tenancy.metadata())
    command.revision(config, "the tenancy schema", autogenerate=True, rev_id="one")
    command.upgrade(config, "head")
    config.attributes["metadata"] = models()
    command.revision(config, "the models", autogenerate=True, rev_id="two")
    with database.connect() as connection:
        connection.execute(text("DROP FUNCTION tenancy.current_tenant()"))
        connection.commit()
    before = taken(database)

    with pytest.raises(IncompleteInstallation, match=r"it lacks current_tenant\(\)\. ") as caught:
        command.upgrade(config, "head")
    assert differences(before, taken(database)) == []

    with database.connect() as connection:
        as_owner(connection, database.settings)
        connection.execute(text(str(caught.value).partition("upgrade again:\n")[2].replace(":", "\\:")))
        connection.commit()
    command.upgrade(config, "head")
    command.check(config)


def test_a_schema_that_alembic_does_not_know(tmp_path: Path, database: TestDatabase) -> None:
    """`tenancy` is there, and empty: nobody's, or somebody else's."""
    config = project(tmp_path, database, tenancy.metadata())
    command.revision(config, "the tenancy schema", autogenerate=True, rev_id="one")
    with database.connect() as connection:
        connection.execute(text("CREATE SCHEMA tenancy"))
        connection.commit()

    with pytest.raises(IncompleteInstallation, match="DROP SCHEMA tenancy CASCADE and upgrade again"):
        command.upgrade(config, "head")


BAD_URLS = {
    "no such server": ("postgresql://x@127.0.0.1:1/nothing", DatabaseUnavailable, "Is the server running"),
    "no such database": ("{nothing}", DatabaseUnavailable, "no_such_database"),
    "not PostgreSQL": ("sqlite:///x.db", ConfigurationError, "does not name a PostgreSQL database"),
    "not a URL": ("nonsense", ConfigurationError, "no database URL"),
}


@pytest.mark.parametrize("name", BAD_URLS)
def test_a_wrong_url(tmp_path: Path, database: TestDatabase, name: str) -> None:
    """Each says what is wrong, and with what."""
    url, error, words = BAD_URLS[name]
    config = project(tmp_path, database, models())
    nothing = database.server.url(role="tenancy_owner_login", database="no_such_database")
    config.attributes["settings"] = Settings(owner_url=url.format(nothing=nothing))

    with pytest.raises(error, match=words):
        command.upgrade(config, "head")


def test_no_url(tmp_path: Path, database: TestDatabase) -> None:
    """Without a URL the error names the variable."""
    config = project(tmp_path, database, models())
    config.attributes["settings"] = Settings(owner_url=None)

    with pytest.raises(ConfigurationError, match="TENANCY_OWNER_URL"):
        command.upgrade(config, "head")


def alembic(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command itself, in the repository."""
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_says_what_is_wrong_without_a_traceback(database: TestDatabase) -> None:
    """A wrong password's place is taken by a server that is not there: one line, and exit 2."""
    failed = alembic("upgrade", "heads", TENANCY_OWNER_URL=f"postgresql://owner:{PASSWORD}@127.0.0.1:1/nothing")

    assert failed.returncode == 2
    assert "DatabaseUnavailable: Cannot connect to database nothing as owner on 127.0.0.1:1" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert PASSWORD not in failed.stderr


def test_the_command_migrates(database: TestDatabase) -> None:
    """`alembic upgrade heads` and `alembic check`, as a person types them."""
    url = database.url("owner")

    assert alembic("upgrade", "heads", TENANCY_OWNER_URL=url).returncode == 0
    checked = alembic("check", TENANCY_OWNER_URL=url)

    assert (checked.returncode, "No new upgrade operations detected" in checked.stdout + checked.stderr) == (0, True)
