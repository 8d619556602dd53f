"""Runs the application under waitress."""

from typing import Protocol

import waitress
from flask import Flask

from lungkg.web import MAX_BODY_BYTES


class Server(Protocol):
    """A server that has its address and waits to be run."""

    def run(self) -> None:
        """Serve until interrupted."""


def listen(app: Flask, host: str, port: int, threads: int = 8) -> Server:
    """Take the address, without answering yet; raises OSError when it cannot be had."""
    server: Server = waitress.create_server(
        app, host=host, port=port, threads=threads, ident="lungkg", max_request_body_size=MAX_BODY_BYTES
    )
    return server
