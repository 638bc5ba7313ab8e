"""The server of a test run: from the wheel, from a container, or somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import pytest
from sqlalchemy import make_url

from tenancy.embedded import EmbeddedServer

#: Of the login roles that a test run makes on a server that asks for passwords. The roles belong to the whole server,
#: so runs beside each other must agree on it.
PASSWORD = "tenancy-test"  # noqa: S105 - of throwaway databases

_EMBEDDED, _TESTCONTAINERS = "embedded", "testcontainers"


class Server(Protocol):
    """Where the databases of a test run are."""

    def url(self, *, role: str = ..., database: str = ...) -> str:
        """The URL to connect as a login role, by default as the administrator, whom it calls "postgres"."""
        ...


@dataclass(frozen=True)
class ServerByUrl:
    """A server that is reached by an administrator's URL."""

    admin_url: str

    def url(self, *, role: str = "postgres", database: str = "postgres") -> str:
        """The URL to connect as a login role; "postgres" is the administrator, whatever the role is called."""
        admin = make_url(self.admin_url)
        login = admin if role == "postgres" else admin.set(username=role, password=PASSWORD)
        return login.set(drivername="postgresql", database=database).render_as_string(hide_password=False)


def add_options(parser: pytest.Parser) -> pytest.OptionGroup:
    """`--tenancy-server` and `--tenancy-postgres`; returns their group."""
    group = parser.getgroup("tenancy", "tenancy: isolation between tenants")
    group.addoption(
        "--tenancy-server",
        default=_EMBEDDED,
        metavar="SERVER",
        help=f"where the tests' databases are: {_EMBEDDED} (default), {_TESTCONTAINERS}, or a superuser's URL, "
        "on which databases and roles are created",
    )
    group.addoption(
        "--tenancy-postgres",
        type=int,
        default=18,
        metavar="VERSION",
        help="PostgreSQL's major version, of the embedded server and of the container (default: 18)",
    )
    return group


@contextmanager
def chosen_server(config: pytest.Config) -> Iterator[Server]:
    """The server that the options ask for, for as long as it is needed.

    Raises:
        EmbeddedServerError: there is no PostgreSQL of that version on this machine.
        pytest.UsageError: testcontainers is asked for and not installed.
    """
    chosen, version = config.getoption("--tenancy-server"), config.getoption("--tenancy-postgres")
    if chosen == _EMBEDDED:
        with EmbeddedServer.temporary(version=version) as embedded:
            yield embedded
    elif chosen == _TESTCONTAINERS:
        with _container(version) as admin_url:
            yield ServerByUrl(admin_url)
    else:
        yield ServerByUrl(chosen)


@contextmanager
def _container(version: int) -> Iterator[str]:
    try:
        from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415 - needed here only
    except ImportError as error:
        raise pytest.UsageError(
            "--tenancy-server=testcontainers needs the package: pip install testcontainers"
        ) from error
    image = f"pgvector/pgvector:pg{version}"
    with PostgresContainer(image, username="postgres", dbname="postgres", driver=None) as container:
        yield container.get_connection_url()
