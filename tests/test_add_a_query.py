"""A new query is one new file: docs/howto/add-a-query.md is done, step by step, in a copy of the project."""

import doctest
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.request import Request, urlopen

import pytest

from lungkg.engines import Engine, LocalEngine
from lungkg.formats import GRAPHS, HTML, RESULTS
from lungkg.project import load_project
from lungkg.queries import load_catalogue
from lungkg.release import Release, current
from lungkg.web.asked import RESERVED
from tests.commands import lungkg
from tests.faces import FACES, both, world
from tests.listening import listening

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = (ROOT / "docs" / "howto" / "add-a-query.md").read_text("utf-8")
ORIGIN: Final = "http://127.0.0.1:8080"  # on the page
NAME: Final = "hedged-by"
BLOCKS: Final = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
CHECKER: Final = doctest.OutputChecker()


def blocks(language: str) -> list[str]:
    """Give the blocks of the page in a language."""
    return [text for kind, text in BLOCKS if kind == language]


def commands() -> list[tuple[str, str]]:
    """Give the commands of the page, each with what it prints."""
    parts = re.split(r"^\$ (.*)\n", "".join(blocks("console")), flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def run(command: str, origin: str) -> str:
    """Run a command of the page as a shell does; gives all that a terminal would show."""
    program, *words = shlex.split(command)
    if program == "lungkg":
        ended = lungkg(*words)
        return (ended.stdout + ended.stderr).decode().replace("\r\n", "\n")
    assert program == "curl"
    (address,) = (word for word in words if word.startswith(ORIGIN))
    headers = dict(word.split(": ") for word in words if ": " in word)
    with urlopen(Request(address.replace(ORIGIN, origin), headers=headers)) as answer:  # noqa: S310 # loopback
        return str(answer.read().decode()).replace("\r\n", "\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the new file in it, and nothing else changed; built."""
    root = tmp_path_factory.mktemp("new-query") / "project"
    for name in ("ontology", "data", "shapes", "queries"):
        shutil.copytree(ROOT / name, root / name)
    (text,) = blocks("sparql")
    (root / "queries" / f"{NAME}.rq").write_text(text, "utf-8")
    ended = lungkg("build", "--project", root)
    assert ended.returncode == 0, ended.told
    return root


@pytest.fixture(scope="module")
def release(folder: Path) -> Release:
    """Its release."""
    found = current(load_project(folder).default_out())
    assert found is not None
    return found


@pytest.fixture(scope="module")
def engine(folder: Path, release: Release) -> Iterator[Engine]:
    """The local engine over it."""
    with LocalEngine(release.store, load_project(folder).prefixes) as opened:
        yield opened


@pytest.mark.slow
def test_the_page_prints_what_it_says(
    folder: Path, release: Release, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command and every line of Python: in the list, in the help, on the web, in OpenAPI, in the graph."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    wrong = []
    with listening(load_project(folder), release, engine) as origin:
        for command, wanted in commands():
            shown = run(command, origin)
            if not CHECKER.check_output(wanted, shown, doctest.ELLIPSIS):
                wrong.append(f"$ {command}\n{shown}")
        told: list[str] = []
        text = "".join(blocks("pycon")).replace(ORIGIN, origin)
        page = doctest.DocTestParser().get_doctest(text, {}, "add-a-query", "add-a-query.md", 0)
        result = doctest.DocTestRunner(verbose=False).run(page, out=told.append)

    assert wrong == []
    assert (result.failed, "".join(told)) == (0, "")
    assert (len(commands()) >= 6, result.attempted >= 5) == (True, True)


@pytest.mark.slow
def test_every_face_has_the_new_query(folder: Path, release: Release, engine: Engine) -> None:
    """It is in the matrix as every other query is: equal rows on every face."""
    project = load_project(folder)
    query = load_catalogue(project)[NAME]
    made = world(project, release, engine)
    faces = [face for face, about in FACES.items() if query.form in about.forms]

    pairs = {face: both(face, made, query) for face in faces}

    assert {face: engine for face, (engine, _) in pairs.items()} == {face: shown for face, (_, shown) in pairs.items()}
    assert len(faces) >= 10


def test_a_misspelt_key_is_told_as_the_page_says(folder: Path, tmp_path: Path) -> None:
    """With file and line; nothing is built."""
    root = Path(shutil.copytree(folder, tmp_path / "project", ignore=shutil.ignore_patterns("build")))
    path = root / "queries" / f"{NAME}.rq"
    path.write_text(path.read_text("utf-8").replace("#+ tags:", "#+ tag:"), "utf-8")
    (wanted,) = blocks("text")

    ended = lungkg("build", "--project", root)

    assert ended.returncode == 2
    assert ended.stderr.decode().replace(f"{root}/", "") == wanted
    assert current(load_project(root).default_out()) is None


def test_an_answer_that_is_not_as_expected_is_not_published(folder: Path, tmp_path: Path) -> None:
    """The release before stays."""
    root = Path(shutil.copytree(folder, tmp_path / "project", symlinks=True))
    before = current(load_project(root).default_out())
    path = root / "queries" / f"{NAME}.rq"
    path.write_text(path.read_text("utf-8").replace("hedge: perhaps, certainty", "hedge: surely, certainty"), "utf-8")

    ended = lungkg("build", "--project", root)

    assert ended.returncode == 1
    assert "hedged-by: no row has hedge = 'surely'" in " ".join(ended.stdout.decode().split())
    assert before == current(load_project(root).default_out())


# The reference -----------------------------------------------------------------------------------

REFERENCE: Final = (ROOT / "docs" / "reference" / "queries.md").read_text("utf-8")
SCHEMA: Final = json.loads((ROOT / "src" / "lungkg" / "schemas" / "query.schema.json").read_text("utf-8"))
PARAMETER: Final = SCHEMA["$defs"]["parameter"]["properties"]
KEYS: Final = {
    *SCHEMA["properties"],
    *PARAMETER,
    *SCHEMA["$defs"]["expect"]["properties"],
    *PARAMETER["type"]["enum"],
    *SCHEMA["properties"]["view"]["enum"],
}


@pytest.mark.parametrize("key", sorted({*KEYS, *RESERVED}))
def test_every_key_of_the_header_is_in_the_reference(key: str) -> None:
    """A key, a type, a view or a reserved name that nobody can read about does not exist."""
    assert f"`{key}`" in REFERENCE


def test_every_face_is_in_the_reference() -> None:
    """The suffixes of all formats are there."""
    suffixes = {f"`.{entry.suffix}`" for entry in (*RESULTS, *GRAPHS, HTML)}

    assert {suffix for suffix in suffixes if suffix not in REFERENCE} == set()
