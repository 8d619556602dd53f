"""Stock grlc (https://grlc.io, from PyPI) loads the canned queries as they are: without a warning, and whole.

grlc pins its packages, so it lives in a virtual environment of its own: the one whose Python LUNGKG_GRLC_PYTHON
names, or build/grlc. Without one these tests are skipped.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from lungkg.project import Project
from lungkg.queries import CannedQuery, Parameter, load_catalogue

ROOT: Final = Path(__file__).parents[1]
PROBE: Final = Path(__file__).with_name("grlc_probe.py")
PYTHON: Final = Path(os.environ.get("LUNGKG_GRLC_PYTHON") or ROOT / "build" / "grlc" / "bin" / "python").absolute()

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not PYTHON.is_file(), reason=f"grlc is not installed: no {PYTHON} (see .ci/run), and no LUNGKG_GRLC_PYTHON"
    ),
]

Loaded = dict[str, Any]


def load(queries: Path, folder: Path) -> Loaded:
    """Load queries with grlc, as its users do: with the address of an endpoint and a licence beside them."""
    copied = shutil.copytree(queries, folder / "queries")
    (copied / "endpoint.txt").write_text("http://localhost:8080/sparql\n", "utf-8")
    licence = "https://creativecommons.org/licenses/by/4.0/"
    (copied / "local-api-config.ini").write_text(f"[repo_info]\nlicence_url = {licence}\n", "utf-8")
    run = subprocess.run([PYTHON, PROBE, copied], cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    return dict(json.loads(run.stdout))


def facts(parameter: Parameter, variable: str) -> Loaded:
    """Say what grlc should know of a parameter, from what we know of it."""
    made: Loaded = {"name": parameter.name, "original": variable, "required": not variable.startswith("?__")}
    kind = "iri" if parameter.is_thing or parameter.kind == "iri" else parameter.kind
    if kind == "iri":
        made["format"] = "iri"
    elif kind != "literal":
        made["datatype"] = f"xsd:{kind}"
    if parameter.language:
        made["lang"] = parameter.language
    return made


def ours(query: CannedQuery) -> Loaded:
    """Say what grlc should make of a query, from what we make of it."""
    return {
        "method": "get",
        "type": f"{query.form.capitalize()}Query",
        "summary": query.summary,
        "description": query.description,
        "tags": list(query.tags),
        "parameters": {name: facts(query.parameters[name], query.variables[name]) for name in query.parameters},
    }


def theirs(item: Loaded) -> Loaded:
    """Take the same out of what grlc made of a query; it writes some of it into its specification, too."""
    known = ("name", "original", "required", "format", "datatype", "lang")
    shown = item["shown"]["get"]
    assert shown["summary"] == item["summary"]
    assert shown["description"].startswith(item["description"])
    return {
        **{name: item[name] for name in ("method", "type", "summary", "tags")},
        "description": item["description"].strip(),
        "parameters": {
            name: {key: about[key] for key in known if about.get(key) is not None}
            for name, about in item["parameters"].items()
        },
    }


def test_every_file_is_read_as_we_read_it(project: Project, tmp_path: Path) -> None:
    """Without a warning: summary, description, tags, form, and the parameters with variable, type and requiredness."""
    loaded = load(ROOT / "queries", tmp_path)

    assert loaded["told"] == []
    assert {path: theirs(item) for path, item in loaded["files"].items()} == {
        f"/{name}": ours(query) for name, query in load_catalogue(project).items()
    }


# The check can fail


@pytest.fixture
def spoilt(tmp_path: Path) -> Path:
    """A folder with one sound query, to be spoilt."""
    folder = tmp_path / "spoilt"
    folder.mkdir()
    shutil.copy(ROOT / "queries" / "what-does.rq", folder)
    return folder


@pytest.mark.parametrize(
    ("was", "now"),
    [
        pytest.param("#+ summary: ", "#+ summary: [", id="a header that is no YAML"),
        pytest.param("WHERE {", "WHERE {{{", id="a query that is no SPARQL"),
    ],
)
def test_a_broken_file_is_warned_of(spoilt: Path, tmp_path: Path, was: str, now: str) -> None:
    """The first test above would notice."""
    path = spoilt / "what-does.rq"
    path.write_text(path.read_text("utf-8").replace(was, now, 1), "utf-8")

    assert load(spoilt, tmp_path / "work")["told"] != []


def test_a_name_that_grlc_reads_in_another_way_is_noticed(spoilt: Path, tmp_path: Path) -> None:
    """An underscore within a name: we refuse it, for grlc cuts the name there."""
    path = spoilt / "what-does.rq"
    path.write_text(path.read_text("utf-8").replace("?_entity_iri", "?_the_entity_iri"), "utf-8")

    assert list(load(spoilt, tmp_path / "work")["files"]["/what-does"]["parameters"]) != ["entity"]
