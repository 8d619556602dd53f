"""Loads a folder of queries with grlc's own code and prints what it makes of them; grlc's Python runs this.

Usage: python grlc_probe.py FOLDER, in a working folder of its own: grlc reads its config.ini there.
"""

import importlib
import json
import logging
import sys
import warnings
from pathlib import Path
from typing import Any

told: list[str] = []


class Told(logging.Handler):
    """Takes every warning and error down."""

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record down."""
        told.append(f"{record.levelname}: {record.getMessage()}")


def main(folder: str) -> None:
    """Print what becomes of each file, its entry in the Swagger specification too, and all warnings, as JSON."""
    Path("config.ini").write_text(
        f"[defaults]\nsparql_endpoint = http://localhost:8080/sparql\nserver_name = localhost\n\n"
        f"[local]\nlocal_sparql_dir = {folder}\n",
        "utf-8",
    )
    sys.stdout, out = sys.stderr, sys.stdout  # it prints while it is imported
    warnings.simplefilter("ignore")  # of Python, about its own code
    swagger = importlib.import_module("grlc.swagger")  # the file above has to be there

    names = ["", *logging.root.manager.loggerDict]
    for logger in (logging.getLogger(name) for name in names if not name or name.startswith("grlc")):
        logger.addHandler(Told(logging.WARNING))
        logger.propagate = False
    items, more = swagger.build_spec(None, None, extraMetadata=["type", "parameters"])
    told.extend(more)
    files: dict[str, Any] = {item["call_name"]: {**item, "shown": swagger.get_path_for_item(item)} for item in items}
    sys.stdout = out
    print(json.dumps({"files": files, "told": told}, default=str))  # noqa: T201 # its purpose


if __name__ == "__main__":
    main(sys.argv[1])
