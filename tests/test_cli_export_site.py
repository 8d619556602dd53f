"""`lungkg export site`: the static twin from the command line, and what it says to wrong options."""

import json
from pathlib import Path
from typing import Final

import pytest

from lungkg.release import current
from tests.commands import Run, lungkg

BAKERY: Final = Path(__file__).parent / "other_project"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the project is built, by the first command that needs it."""
    return tmp_path_factory.mktemp("cli") / "out"


def export(out: Path, *words: str | Path) -> Run:
    """Run `lungkg export site` on the small project."""
    return lungkg("export", "site", "--project", BAKERY, "--out", out, *words)


@pytest.mark.slow
def test_the_site_of_the_newest_release_is_written(out: Path, tmp_path: Path) -> None:
    """Built first when there is none; the command says where it is, how much, and of which release."""
    folder = tmp_path / "site"
    ended = export(
        out, "--output", folder, "--endpoint", "https://a.example/sparql", "--address", "https://b.example/kg"
    )

    release = current(out)
    assert release is not None
    assert (ended.returncode, ended.stdout.decode()) == (0, f"{folder}  27 documents  release {release.id[:12]}\n")
    told = json.loads((folder / "site.json").read_text("utf-8"))
    assert (told["endpoint"], told["address"]) == ("https://a.example/sparql", "https://b.example/kg/")
    assert "https://a.example/sparql" in (folder / "index.html").read_text("utf-8")
    assert "https://b.example/kg/$1" in (folder / "w3id" / ".htaccess").read_text("utf-8")


REFUSED: Final = {
    "no-folder": ((), "site is many files; name a folder with --output"),
    "standard-output": (("--output", "-"), "site is many files; name a folder with --output"),
    "no-endpoint": (
        ("--output", "site", "--endpoint", "kg.example.org"),
        "'kg.example.org' is no address like https://",
    ),
    "no-address": (("--output", "site", "--address", "ftp://kg.example.org/"), "'ftp://kg.example.org/' is no address"),
    "query": (("--output", "site", "--endpoint", "https://a.example/sparql?x=1"), "is no address like"),
    "gzip": (("--output", "site", "--gzip"), "site takes --output, --endpoint and --address"),
    "no-parent": (("--output", "nowhere/site"), "nowhere/site: there is no folder to make it in Make nowhere first"),
}


@pytest.mark.parametrize(("words", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_is_refused(
    words: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With exit code 2, before anything is built or written."""
    monkeypatch.chdir(tmp_path)

    ended = export(tmp_path / "out", *words)

    assert ended.returncode == 2
    assert told in ended.told
    assert list(tmp_path.iterdir()) == []


def test_addresses_are_for_sites_only(tmp_path: Path) -> None:
    """Other formats name none."""
    ended = lungkg("export", "kgx", "--output", tmp_path, "--endpoint", "https://a.example/sparql")

    assert (ended.returncode, "--endpoint and --address are for site; kgx names neither" in ended.told) == (2, True)


def test_the_site_is_in_the_list() -> None:
    """Beside the formats, with what it is for."""
    ended = lungkg("export")

    assert ended.returncode == 0
    assert [line.split()[0] for line in ended.stdout.decode().splitlines() if line.startswith("site")] == ["site"]
