"""The documentation is true: the README's question has the README's answer, links lead somewhere."""

import csv
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lungkg.cli import cli
from lungkg.engines import Engine, choose_format
from lungkg.errors import LungkgError
from lungkg.project import bundled_root

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
needs_git = pytest.mark.skipif(not TRACKED, reason="this is no git checkout, so nobody knows which files are tracked")


def block(language: str) -> str:
    """The first fenced block of a language in the README."""
    found = re.search(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_query_of_the_readme_has_the_answer_of_the_readme(engine: Engine) -> None:
    """Whoever types it gets what is printed there."""
    answer = engine.query(block("sparql"), choose_format("SELECT", name="csv"))

    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows == list(csv.reader(io.StringIO(block("csv"))))


@pytest.mark.parametrize("target", ["serve", "test", "lint", "check", "build"])
def test_the_makefile_has_every_target(target: str) -> None:
    """The promised targets are there."""
    makefile = (ROOT / "Makefile").read_text("utf-8")

    assert re.search(rf"^{target}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """Every relative link names a file that is there."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("name", cli.commands)
def test_every_command_is_in_the_reference(name: str) -> None:
    """A command that nobody can read about does not exist."""
    assert f"`lungkg {name}" in (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8")


@needs_git
def test_no_module_is_too_long_to_read() -> None:
    """Modules of the software have at most 400 lines."""
    modules = [name for name in TRACKED if name.startswith("src/") and name.endswith(".py")]
    lengths = {name: len((ROOT / name).read_text("utf-8").splitlines()) for name in modules}

    assert len(lengths) > 20
    assert {name: length for name, length in lengths.items() if length > 400} == {}


@needs_git
def test_no_path_of_a_machine_and_no_registry_is_in_the_repository() -> None:
    """The project speaks of itself only."""
    forbidden = re.compile(
        "/" + "root/|/" + "work/|/" + "home/|files.python" + "hosted|registry.npm" + "js", re.IGNORECASE
    )
    hits = [
        name
        for name in TRACKED
        if (ROOT / name).is_file() and forbidden.search((ROOT / name).read_text("utf-8", errors="replace"))
    ]

    assert len(TRACKED) > 100
    assert hits == []


def test_importing_the_package_does_nothing() -> None:
    """Import reads no file of a project, opens no socket and starts no process."""
    code = (
        "import socket, subprocess, builtins\n"
        "def no(*a, **k): raise AssertionError(a)\n"
        "socket.socket.connect = no; subprocess.Popen.__init__ = no\n"
        "import lungkg.cli, lungkg.web, lungkg.build"
    )

    imported = subprocess.run([sys.executable, "-c", code], cwd="/", capture_output=True, check=False)

    assert (imported.returncode, imported.stderr) == (0, b"")


def test_the_error_tree_in_the_docstring_is_complete() -> None:
    """Every error class is in the picture at the top of lungkg.errors."""
    import lungkg.errors as module  # noqa: PLC0415

    classes = {
        name for name, value in vars(module).items() if isinstance(value, type) and issubclass(value, LungkgError)
    }
    assert classes == {name for name in classes if name in (module.__doc__ or "")}


def test_the_bundled_project_is_the_clone() -> None:
    """Without a wheel the content is read from the clone."""
    assert bundled_root() == ROOT
