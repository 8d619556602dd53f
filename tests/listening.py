"""The web application behind a socket, in this process: for clients that need an address."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.serving import make_server

from lungkg.engines import Engine
from lungkg.project import Project
from lungkg.queries import load_catalogue
from lungkg.release import Release
from lungkg.web import create_app
from lungkg.web.service import Served, Service


@contextmanager
def listening(project: Project, release: Release, engine: Engine) -> Iterator[str]:
    """Serve a release; gives the address, without a path. The engine stays open."""
    app = create_app(Service(Served(engine, project, release, load_catalogue(project))))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
