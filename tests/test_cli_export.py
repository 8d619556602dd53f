"""`lungkg export`: where files go, what is refused, and that nothing is left half-written."""

import gzip
import stat
import subprocess
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest

from lungkg.build import build
from lungkg.exports import FORMATS
from lungkg.project import load_project
from lungkg.release import Release
from tests.commands import COMMAND, Run, lungkg
from tests.exporting import BAKERY
from tests.server import environment

TWO: Final = "kgx"
ONE: Final = "sssom"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Release]:
    """The bakery's releases, and the newest of them."""
    out = tmp_path_factory.mktemp("out")
    release = build(load_project(BAKERY), out).release
    assert release is not None
    return out, release


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def run(built: tuple[Path, Release], *words: str | Path) -> Run:
    """Export the bakery."""
    return lungkg("export", "--project", BAKERY, "--out", built[0], *words)


def left(folder: Path) -> set[str]:
    """Name everything in a folder, hidden files too."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def names(built: tuple[Path, Release], *endings: str) -> set[str]:
    """Name files as exports do."""
    return {f"bakery-{built[1].id[:12]}{ending}" for ending in endings}


KGX: Final = ("-kgx-nodes.tsv", "-kgx-edges.tsv")


def test_without_a_format_it_lists_them() -> None:
    """Each with what it is for and what it loses."""
    told = " ".join(lungkg("export").stdout.decode().split())

    assert all(form.name in told for form in FORMATS)
    assert all(form.purpose and form.loses for form in FORMATS)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_files_go_to_the_current_folder(built: tuple[Path, Release], here: Path, form: object) -> None:
    """Each is named and told, and nothing else is left there."""
    ended = run(built, form.name)  # type: ignore[attr-defined]

    assert ended.returncode == 0, ended.told
    assert {line.split()[0] for line in ended.stdout.decode().splitlines()} == left(here)
    assert len(left(here)) == form.files  # type: ignore[attr-defined]
    assert {stat.S_IMODE(path.stat().st_mode) & 0o444 for path in here.iterdir()} == {0o444}


@pytest.mark.parametrize("place", ["there", "there/", "./there"])
def test_a_folder_is_made_when_it_is_not_there(built: tuple[Path, Release], here: Path, place: str) -> None:
    """Its parent must be there."""
    assert run(built, TWO, "--output", place).returncode == 0
    assert left(here) == {"there"} | {f"there/{name}" for name in names(built, *KGX)}


def test_gzip_compresses_what_can_grow(built: tuple[Path, Release], here: Path) -> None:
    """The names end in .gz."""
    assert run(built, TWO, "--gzip").returncode == 0
    assert left(here) == names(built, *(f"{ending}.gz" for ending in KGX))


def test_one_file_can_be_named(built: tuple[Path, Release], here: Path) -> None:
    """It is compressed when its name ends in .gz, and only then."""
    assert run(built, "nquads", "--output", "all.nq").returncode == 0
    assert run(built, "nquads", "--output", "all.nq.gz").returncode == 0

    assert left(here) == {"all.nq", "all.nq.gz"}
    assert gzip.decompress((here / "all.nq.gz").read_bytes()) == (here / "all.nq").read_bytes()
    assert ox.parse((here / "all.nq").read_bytes(), format=ox.RdfFormat.N_QUADS)


def test_a_dash_is_standard_output(built: tuple[Path, Release], here: Path) -> None:
    """Nothing else is printed there."""
    printed = run(built, ONE, "--output", "-")
    run(built, ONE, "--output", "mappings.tsv")

    assert (printed.returncode, printed.stdout) == (0, (here / "mappings.tsv").read_bytes())


def test_a_link_goes_on_pointing_at_its_file(built: tuple[Path, Release], here: Path) -> None:
    """What it points at is replaced, not the link."""
    (here / "link").symlink_to("real")

    assert run(built, ONE, "--output", "link").returncode == 0
    assert (here / "link").is_symlink()
    assert (here / "real").read_bytes() == (here / "link").read_bytes() != b""


def test_writing_the_same_again_is_no_error(built: tuple[Path, Release], here: Path) -> None:
    """The same release gives the same files."""
    assert [run(built, TWO).returncode for _ in range(2)] == [0, 0]
    assert left(here) == names(built, *KGX)


def test_a_file_that_differs_is_not_replaced(built: tuple[Path, Release], here: Path) -> None:
    """Unless that is asked for; what was there stays, and the other file is not written either."""
    (name,) = names(built, KGX[1])
    (here / name).write_text("mine", "utf-8")

    refused = run(built, TWO)

    assert refused.returncode == 2
    assert f"{name}: this file is there already and holds something else" in refused.told
    assert "--force" in refused.told
    assert (left(here), (here / name).read_text("utf-8")) == ({name}, "mine")
    assert run(built, TWO, "--force").returncode == 0
    assert left(here) == names(built, *KGX)


WRONG: Final = {
    "an unknown format": (("kgxx",), 2, "'kgxx' is not one of 'kgx', 'kgx-jsonl'"),
    "options without a format": (("--force",), 2, "Say which format to write: kgx"),
    "several files into one": ((TWO, "--output", "file"), 2, "file: this is a file kgx is 2 files: name a folder."),
    "several files to standard output": ((TWO, "--output", "-"), 2, "kgx is 2 files; name a folder with --output"),
    "no folder above": ((TWO, "--output", "no/there"), 2, "no/there: there is no folder to make it in"),
    "no folder above a file": ((ONE, "--output", "no/x.tsv"), 2, "no/x.tsv: there is no folder to make it in"),
    "inferred claims where there are none": (
        (ONE, "--without-inferred"),
        2,
        "--without-inferred is for kgx, kgx-jsonl, nanopubs",
    ),
    "signing what has no signature": ((ONE, "--key", "file"), 2, "--key signs nanopubs; sssom cannot be signed"),
    "a signer without a key": (("nanopubs", "--signer", "https://orcid.org/x"), 2, "give the key with --key"),
    "a signer that is no IRI": (("nanopubs", "--key", "file", "--signer", "me"), 2, "--signer 'me' is no IRI"),
    "a key that is not there": (("nanopubs", "--key", "no.pem"), 2, "'no.pem' does not exist"),
    "a full disk": ((ONE, "--output", "/dev/full"), 3, "cannot write to /dev/full: No space left on device"),
}


@pytest.mark.parametrize(("words", "code", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told(
    built: tuple[Path, Release], here: Path, words: tuple[str, ...], code: int, message: str
) -> None:
    """In a sentence, with what to do, and nothing is left behind."""
    (here / "file").write_text("mine", "utf-8")
    ended = run(built, *words)

    assert (code, {"file"}) == (ended.returncode, left(here))
    assert message in ended.told


@pytest.mark.slow
@pytest.mark.parametrize("form", ["kgx", "nanopubs", "turtle", "nquads"])
def test_a_disk_that_fills_up_leaves_nothing(built: tuple[Path, Release], here: Path, form: str) -> None:
    """Whoever writes the format, its files are there whole or not at all; here no file may have more than 4 kB."""
    words = [*COMMAND, "export", form, "--project", str(BAKERY), "--out", str(built[0])]
    limited = ["bash", "-c", 'ulimit -f 4 && exec "$@"', "bash", *words]

    ended = subprocess.run(limited, capture_output=True, env=environment(), check=False)

    assert (ended.returncode, ended.stdout, left(here)) == (3, b"", set())
    assert f"cannot write to {here}: File too large" in " ".join(ended.stderr.decode().split())


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="this system has no /proc")
def test_a_folder_that_takes_no_files_is_told(built: tuple[Path, Release], here: Path) -> None:
    """Here because something in /proc, which takes none from anybody, not even from root."""
    ended = run(built, TWO, "--output", "/proc/self/fd")

    assert ended.returncode == 3
    assert "cannot write to /proc/" in ended.told
    assert left(here) == set()


def test_a_release_that_lost_its_file_is_read_from_its_store(
    built: tuple[Path, Release], here: Path, tmp_path: Path
) -> None:
    """It takes longer and gives the same."""
    out = tmp_path / "out"
    release = build(load_project(BAKERY), out).release
    assert release is not None
    (release.path / "dataset.nq.gz").unlink()

    run((out, release), "nquads", "--output", "a.nq")
    run(built, "nquads", "--output", "b.nq")

    assert (here / "a.nq").read_bytes() == (here / "b.nq").read_bytes() != b""


def test_the_release_is_built_when_there_is_none(here: Path, tmp_path: Path) -> None:
    """As for every command that needs one."""
    out = tmp_path / "out"

    assert lungkg("export", ONE, "--project", BAKERY, "--out", out).returncode == 0
    assert len(left(here)) == 1
