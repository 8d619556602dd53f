"""docs/howto/fetch-turtle.md is true: each of its lines is run against a server, and prints what the page says."""

import doctest
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from lungkg.engines import Engine
from lungkg.project import Project
from lungkg.release import Release
from tests.listening import listening
from tests.server import PATIENCE, environment

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = (ROOT / "docs" / "howto" / "fetch-turtle.md").read_text("utf-8")
ORIGIN: Final = "http://127.0.0.1:8080"  # on the page
BLOCKS: Final = re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
PARTS: Final = re.split(r"^\$ (.*)\n", "".join(BLOCKS), flags=re.MULTILINE)[1:]
COMMANDS: Final = dict(zip(PARTS[::2], PARTS[1::2], strict=True))
PYTHON: Final = {"python": f"{sys.executable}", "signposting": f"{sys.executable} -W ignore -m signposting"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def origin(project: Project, release: Release, engine: Engine) -> Iterator[str]:
    """A server of the real project."""
    with listening(project, release, engine) as address:
        yield address


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where files of one command are found by the next."""
    return tmp_path_factory.mktemp("fetched")


def missing(command: str) -> str:
    """Say which program or package of a command is not installed."""
    program = shlex.split(command)[0]
    packages = [
        name for name in ("pyld", "signposting", "SPARQLWrapper") if name in command and find_spec(name) is None
    ]
    return "".join(packages) or (program if program not in PYTHON and shutil.which(program) is None else "")


@pytest.mark.parametrize(("command", "wanted"), COMMANDS.items(), ids=[shlex.split(one)[0] for one in COMMANDS])
def test_the_line_prints_what_the_page_says(command: str, wanted: str, origin: str, folder: Path) -> None:
    """Letter by letter, but for `...`."""
    if name := missing(command):
        pytest.skip(f"{name} is not installed")
    ours = re.sub(r"(^|\| )(python|signposting) ", lambda found: f"{found[1]}{PYTHON[found[2]]} ", command)

    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", ours.replace(ORIGIN, origin)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, env={**environment(), "no_proxy": "*"}, check=False, timeout=PATIENCE,
    )  # fmt: skip
    shown = done.stdout.decode().replace(origin, ORIGIN)

    assert done.returncode == 0, shown
    assert doctest.OutputChecker().check_output(wanted, shown, doctest.ELLIPSIS), shown


def test_the_page_has_every_client() -> None:
    """Each by a line of its own."""
    clients = ("curl", "rapper", "rdflib", "pyoxigraph", "pyld", "SPARQLWrapper", "signposting")

    assert [client for client in clients if client not in "".join(COMMANDS)] == []
