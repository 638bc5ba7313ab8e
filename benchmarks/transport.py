"""Transports: the ways from the client to the server, among them networks that are simulated by a delaying proxy."""

from __future__ import annotations

import asyncio
import multiprocessing
import selectors
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

from sqlalchemy import make_url

from benchmarks.proxy import counting_flights


@dataclass(frozen=True)
class Transport:
    """A way to the server.

    Attributes:
        name: for the page.
        tcp: whether by TCP on the loopback interface rather than by Unix socket.
        delay: how many seconds everything is on its way, in each direction.
    """

    name: str
    tcp: bool = False
    delay: float = 0

    @property
    def local(self) -> bool:
        return not self.delay

    @contextmanager
    def reach(self, socket_url: str, tcp_port: int) -> Iterator[str]:
        """A URL of the server by this way.

        Args:
            socket_url: the server's URL by Unix socket.
            tcp_port: where it listens on 127.0.0.1.
        """
        if self.tcp:
            url = make_url(socket_url).set(host="127.0.0.1", port=tcp_port, query={})
            yield url.render_as_string(hide_password=False)
        elif self.delay:
            with _delayed(socket_url, self.delay) as url_through:
                yield url_through
        else:
            yield socket_url


SOCKET = Transport("Unix socket")
LOOPBACK = Transport("TCP loopback", tcp=True)
NEAR = Transport("0.25 ms each way", delay=0.00025)
FAR = Transport("1 ms each way", delay=0.001)
TRANSPORTS = (SOCKET, LOOPBACK, NEAR, FAR)


@contextmanager
def _delayed(url: str, delay: float) -> Iterator[str]:
    # In a process of its own: what the proxy does must not count as the client's work.
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_delay, args=(url, delay, there), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        here.send(None)
        process.join()


def _delay(url: str, delay: float, parent: Connection) -> None:
    """Runs the proxy until the parent says something."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    async def run() -> None:
        async with counting_flights(url, delay=delay) as flights:
            parent.send(flights.url)
            heard = asyncio.Event()
            asyncio.get_running_loop().add_reader(parent.fileno(), heard.set)
            await heard.wait()

    # select() waits for microseconds, epoll for whole milliseconds.
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        runner.run(run())
