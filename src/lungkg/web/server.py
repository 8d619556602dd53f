"""Runs the application under granian, an ASGI server that bounds what a client may send and sees it go.

Measured beside uvicorn and waitress on two cores (eight connections): 40,000, 34,000 and 3,300 short answers
a second; and uvicorn took a header of 200 MB into memory, where granian refuses with 431.
"""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable

import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server as Granian

from lungkg.web.bridge import Bridge

_GRACE_SECONDS = 5.0  # beyond the longest query, for its answer to be sent


class Server:
    """Has made sure of its address, and waits to be run; raises OSError when the address cannot be had."""

    def __init__(self, bridge: Bridge, host: str, port: int, longest: float) -> None:
        # granian shares its port on purpose, so that two servers would answer in turn without a word.
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, port), family=family):
            pass
        self._bridge, self._host, self._port, self._longest = bridge, host, port, longest

    def run(self, started: Callable[[], None] = lambda: None) -> None:
        """Serve until SIGTERM or SIGINT, then finish what runs; `started` is called when clients are answered."""
        uvloop.run(self._serve(started))

    async def _serve(self, started: Callable[[], None]) -> None:
        server = Granian(
            self._bridge, self._host, self._port, interface=Interfaces.ASGINL, log_enabled=False, backlog=1024
        )
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ended.set)
        serving = asyncio.ensure_future(server.serve())
        telling = asyncio.ensure_future(self._tell(started))
        waiting = asyncio.ensure_future(ended.wait())
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            server.stop()  # type: ignore[no-untyped-call]
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(serving), self._longest + _GRACE_SECONDS)
        telling.cancel()
        waiting.cancel()
        self._bridge.close()
        if serving.done():
            serving.result()

    async def _tell(self, started: Callable[[], None]) -> None:
        """Wait until the port takes connections, for granian does not say so."""
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(self._host, self._port)
                writer.close()
                started()
                return
            await asyncio.sleep(0.01)
