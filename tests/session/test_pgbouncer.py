"""Behind PgBouncer in transaction mode, where each transaction may come to another connection of the server."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import make_url, select, text

from tenancy import Database, Settings

from ..schema.models import Tag
from .test_begin import current, driver_of

pytestmark = pytest.mark.skipif(shutil.which("pgbouncer") is None, reason="PgBouncer is not installed")
CONFIGURATION = """
[databases]
* = host={host}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
default_pool_size = 2
ignore_startup_parameters = plan_cache_mode
server_reset_query_always = 1
"""


@pytest.fixture
def bounced(shop: Any) -> Iterator[Settings]:
    """The settings of services that reach the database through a PgBouncer with two connections."""
    url = make_url(shop.url("application"))
    host = str(url.query.get("host", url.host))
    if not Path(host).is_dir():
        pytest.skip("the server is not reached by a Unix socket")
    # It refuses to run as root, and runs as the server's user, which reaches the socket.
    owner = pwd.getpwuid(Path(host).stat().st_uid)
    with TemporaryDirectory(prefix="tenancy-", dir="/tmp") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        users, configuration = Path(folder, "users"), Path(folder, "pgbouncer.ini")
        users.write_text(f'"{url.username}" ""\n')
        configuration.write_text(CONFIGURATION.format(host=host, port=port, users=users))
        as_owner = []
        if os.geteuid() == 0:
            as_owner = ["-u", owner.pw_name]
            for path in (Path(folder), users, configuration):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        with subprocess.Popen(["pgbouncer", "-q", *as_owner, str(configuration)]) as process:
            try:
                _wait_for(process, port)
                through = url.set(host="127.0.0.1", port=port, query={"prepared_statement_cache_size": "0"})
                yield shop.settings.model_copy(update={"database_url": through.render_as_string(hide_password=False)})
            finally:
                process.terminate()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, "PgBouncer ended"
        time.sleep(0.05)
    raise AssertionError("PgBouncer does not listen")


@pytest.mark.parametrize("same_flight", [True, False])
async def test_each_transaction_is_its_tenants(bounced: Settings, same_flight: bool) -> None:
    """Eight clients at once, on two connections of the server: the begin goes where its statement goes."""
    settings = bounced.model_copy(update={"pool_size": 8, "same_flight": same_flight})
    async with Database(settings) as database:
        assert (await driver_of(database))._same_flight == same_flight
        backends: set[int] = set()

        async def serve(tenant: UUID) -> None:
            for number in range(15):
                async with database.begin(tenant, read_only=number % 3 == 0) as session:
                    assert await current(session) == (str(tenant), "")
                    backends.add(await session.scalar(text("SELECT pg_backend_pid()")))
                    if number % 3 == 1:
                        session.add(Tag(name=f"tag {number}"))
                    tags = (await session.scalars(select(Tag))).all()
                    assert {tag.organization_id for tag in tags} <= {tenant}
                async with database.session(tenant) as session:
                    session.add(Tag(name="never"))
                    await session.flush()
                await asyncio.sleep(0)

        tenants = [uuid4() for _ in range(8)]
        await asyncio.gather(*map(serve, tenants))
        assert len(backends) == 2
        for tenant in tenants:
            async with database.begin(tenant) as session:
                names = await session.scalars(select(Tag.name).order_by(Tag.name))
                assert names.all() == ["tag 1", "tag 10", "tag 13", "tag 4", "tag 7"]


async def test_nobody_sees_nothing(bounced: Settings) -> None:
    """A transaction without a tenant has none, whoever had the server's connection before."""
    async with Database(bounced) as database:
        for _ in range(4):
            async with database.begin(uuid4()) as session:
                await session.execute(text(f"SET app.tenant_id = '{uuid4()}'"))
            async with database.engine.connect() as connection:
                assert await current(connection) == ("", "")
