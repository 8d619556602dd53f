"""Runs `lungkg` on the release that there is, never building a new one; `serve` also sends files to compare with.

    python benchmarks/as_built.py serve --project … --out …

A generated graph takes minutes to build, and its sources count as changed whenever the software's own
vocabulary does. With LUNGKG_BENCHMARK_FILES=FOLDER, `serve` sends what is in the folder at /benchmark/NAME, by
Flask's own means, behind the same bridge as every answer.
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, send_from_directory

from lungkg.cli import main
from lungkg.errors import InputError, Place
from lungkg.project import Project
from lungkg.release import Release, current

FILES: Final = "LUNGKG_BENCHMARK_FILES"
_serve: Any = import_module("lungkg.cli.serve")  # the name in lungkg.cli is that of the command
_create_app = _serve.create_app


def newest(project: Project, out: Path) -> Release:
    """Give the release that there is. Raises InputError when there is none."""
    del project
    found = current(out)
    if found is None:
        raise InputError.at(Place(out), "there is no release", "Build one first.")
    return found


def with_files(*given: Any, **named: Any) -> Flask:
    """Make the application, with files beside its answers."""
    app: Flask = _create_app(*given, **named)
    folder = os.environ.get(FILES)

    def benchmark(name: str) -> Response:
        return send_from_directory(folder or "/nonexistent", name)

    app.add_url_rule("/benchmark/<name>", view_func=benchmark)
    return app


if __name__ == "__main__":
    _serve.create_app = with_files
    for module in [module for name, module in sys.modules.items() if name.startswith("lungkg.cli")]:
        if hasattr(module, "newest_release"):
            module.__dict__["newest_release"] = newest
    main()
