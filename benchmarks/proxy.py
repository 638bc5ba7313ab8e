"""A proxy before PostgreSQL: it counts flights, bytes of the client after those of the server, and delays or alters."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url

_SOCKET = ".s.PGSQL.5432"
#: What becomes of bytes on their way; None closes the connection.
Alter = Callable[[bytes], bytes | None]


@dataclass
class Flights:
    """How often a client had to wait for the server."""

    #: The URL that leads through the proxy.
    url: str = ""
    count: int = 0
    client_spoke_last: bool = False

    def client_speaks(self) -> None:
        if not self.client_spoke_last:
            self.count += 1
        self.client_spoke_last = True

    def server_speaks(self) -> None:
        self.client_spoke_last = False


def _host(url: URL) -> str:
    host = url.query.get("host", url.host or "localhost")
    return host if isinstance(host, str) else host[0]


@asynccontextmanager
async def counting_flights(url: str, *, delay: float = 0) -> AsyncIterator[Flights]:
    """A Unix socket of its own, behind which is the server of the URL, by Unix socket or TCP.

    Args:
        url: of the server.
        delay: how many seconds everything is on its way, in each direction. Exact only on a loop whose selector takes
            fractions of a millisecond, which epoll does not: `benchmarks.transport` has one.
    """
    flights = Flights()

    def from_client(data: bytes) -> bytes:
        flights.client_speaks()
        return data

    def from_server(data: bytes) -> bytes:
        flights.server_speaks()
        return data

    async with _proxy(url, from_client, from_server, delay) as flights.url:
        yield flights


@asynccontextmanager
async def altered(url: str, alter: Alter) -> AsyncIterator[str]:
    """The URL of a proxy that alters what the client sends, or closes the connection where `alter` returns None."""
    async with _proxy(url, alter, lambda data: data) as through:
        yield through


@asynccontextmanager
async def _proxy(url: str, from_client: Alter, from_server: Alter, delay: float = 0) -> AsyncIterator[str]:
    target = make_url(url)
    host = _host(target)
    loop = asyncio.get_running_loop()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, alter: Alter) -> None:
        try:
            while data := await reader.read(65536):
                passed = alter(data)
                if passed is None:
                    break
                if delay:
                    loop.call_later(delay, writer.write, passed)
                else:
                    writer.write(passed)
                    await writer.drain()
        except OSError:
            pass
        finally:
            loop.call_later(delay, writer.close)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if host.startswith("/"):
            port = target.port or target.query.get("port", 5432)
            upstream = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            upstream = await asyncio.open_connection(host, target.port or 5432)
        await asyncio.gather(forward(reader, upstream[1], from_client), forward(upstream[0], writer, from_server))

    directory = Path(tempfile.mkdtemp(prefix="tenancy-proxy-"))
    server = await asyncio.start_unix_server(serve, directory / _SOCKET)
    through = target.set(host=None, port=None).update_query_dict({"host": str(directory), "port": "5432"})
    try:
        yield through.render_as_string(hide_password=False)
    finally:
        server.close()
        shutil.rmtree(directory, ignore_errors=True)
