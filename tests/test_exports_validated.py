"""The validators of each format accept every row of what is exported, and refuse what was spoilt."""

import importlib
import re
import sys
import warnings
from base64 import b64decode
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pyoxigraph as ox
import pytest
import yaml

from lungkg.errors import InputError, SystemProblem
from lungkg.exports.kgx import EDGE_SLOTS, NODE_SLOTS
from lungkg.project import Project
from lungkg.release import Release
from lungkg.stores import written
from tests.exporting import Row, Source, bakery, source

pytestmark = pytest.mark.slow  # importing the validators takes seconds, and writing tests against them more


@pytest.fixture(scope="module")
def real(release: Release, project: Project, tmp_path_factory: pytest.TempPathFactory) -> Source:
    """The real project."""
    return source(release, project, tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def baked(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """The bakery, which says nothing about Biolink, has a negated claim, and is published elsewhere."""
    return bakery(tmp_path_factory.mktemp("bakery"), "http://localhost:1234/")


@pytest.fixture(params=["real", "baked"])
def either(request: pytest.FixtureRequest) -> Source:
    """One project, and then the other."""
    found: Source = request.getfixturevalue(request.param)
    return found


@contextmanager
def quiet(*categories: type[Warning]) -> Iterator[None]:
    """Let other people's code use what is deprecated."""
    with warnings.catch_warnings():
        for category in categories:
            warnings.simplefilter("ignore", category)
        yield


def validator(name: str) -> ModuleType:
    """Import a validator; what its own imports warn of is not ours."""
    with quiet(DeprecationWarning, FutureWarning, UserWarning, SyntaxWarning):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            pytest.skip(f"{error.name} is missing: pip install 'lungkg[dev]'")


# KGX: the classes of the Biolink Model ------------------------------------------------------------


@pytest.fixture(scope="module")
def biolink() -> ModuleType:
    """The Biolink Model's classes; each refuses what it has no slot for."""
    return validator("biolink_model.datamodel.pydanticmodel_v2")


@pytest.fixture(scope="module")
def predicates(biolink: ModuleType) -> frozenset[str]:
    """The predicates of the Biolink Model: everything below `related to`."""
    schema = Path(str(biolink.__file__)).parents[1] / "schema" / "biolink_model.yaml"
    slots = yaml.load(schema.read_text("utf-8"), Loader=yaml.CSafeLoader)["slots"]

    def is_related_to(slot: str | None) -> bool:
        return slot == "related to" or (slot is not None and is_related_to((slots[slot] or {}).get("is_a")))

    return frozenset("biolink:" + slot.replace(" ", "_") for slot in slots if is_related_to(slot))


def strict(row: Row, slots: tuple[str, ...]) -> Row:
    """Leave out the columns that are ours."""
    return {name: value for name, value in row.items() if name in slots}


def node(biolink: ModuleType, row: Row) -> Any:
    """Make an object of the row's class; raises what pydantic raises."""
    (category,) = row["category"]
    return getattr(biolink, category.removeprefix("biolink:"))(**row)


def test_every_node_is_one_of_its_biolink_class(biolink: ModuleType, either: Source) -> None:
    """The class of each category takes the row, and gives it back."""
    rows = [strict(row, NODE_SLOTS) for row in either.objects("nodes").values()]

    assert rows == [node(biolink, row).model_dump(exclude_none=True) for row in rows]
    assert rows


def test_every_edge_is_a_biolink_association(biolink: ModuleType, predicates: frozenset[str], either: Source) -> None:
    """The class takes each row, and gives it back; the predicate is one of the model's."""
    rows = [strict(row, EDGE_SLOTS) for row in either.objects("edges").values()]

    assert rows == [biolink.Association(**row).model_dump(mode="json", exclude_none=True) for row in rows]
    assert {row["predicate"] for row in rows} <= predicates
    assert rows


SPOILT_NODES: Final = {
    "no id": {"id": None},
    "another category": {"category": ["biolink:Gene"]},
    "a column of ours": {"curator_note": "x"},
    "text for a list": {"xref": "CL:0000134"},
}
SPOILT_EDGES: Final = {
    "no subject": {"subject": None},
    "no predicate": {"predicate": None},
    "an unknown level of knowledge": {"knowledge_level": "asserted"},
    "an unknown kind of agent": {"agent_type": "curator"},
    "a negation that is none": {"negated": "perhaps"},
    "a column of ours": {"certainty": "ont:Tentative"},
    "text for a list": {"publications": "PMID:1"},
}


@pytest.mark.parametrize("change", SPOILT_NODES.values(), ids=SPOILT_NODES)
def test_biolink_refuses_a_spoilt_node(biolink: ModuleType, real: Source, change: Row) -> None:
    """The check of nodes can fail."""
    row = strict(real.objects("nodes")["entity:mesenchymal-stem-cell"], NODE_SLOTS)
    assert biolink.Cell(**row)

    with pytest.raises(ValueError, match="1 validation error for Cell"):
        biolink.Cell(**{**row, **change})


@pytest.mark.parametrize("change", SPOILT_EDGES.values(), ids=SPOILT_EDGES)
def test_biolink_refuses_a_spoilt_edge(biolink: ModuleType, real: Source, change: Row) -> None:
    """The check of edges can fail."""
    row = strict(next(iter(real.objects("edges").values())), EDGE_SLOTS)
    assert biolink.Association(**row)

    with pytest.raises(ValueError, match="1 validation error for Association"):
        biolink.Association(**{**row, **change})


@pytest.mark.parametrize("predicate", ["biolink:promotes", "biolink:publications", "ont:promotes"])
def test_what_is_no_predicate_is_told(predicates: frozenset[str], predicate: str) -> None:
    """The classes take any text for a predicate, so the model's own list is asked, too."""
    assert predicate not in predicates
    assert len(predicates) > 100


# Nanopublications: the nanopub library -------------------------------------------------------------


@pytest.fixture(scope="module")
def nanopub() -> ModuleType:
    """The library of the nanopublication network; nothing here goes to the network."""
    return validator("nanopub")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new private key, short because it protects nothing."""
    path = tmp_path_factory.mktemp("key") / "private.pem"
    path.write_bytes(validator("Crypto.PublicKey.RSA").generate(1024).export_key("PEM", pkcs=8))
    return path


@pytest.fixture(scope="module")
def signed_file(nanopub: ModuleType, baked: Source, key: Path) -> bytes:
    """The bakery's nanopublications, signed."""
    assert nanopub
    return baked.file("nanopubs", key=key)


@pytest.fixture(scope="module")
def signed(signed_file: bytes) -> list[list[ox.Quad]]:
    """The signed nanopublications, one by one."""
    return publications(signed_file)


def publications(content: bytes) -> list[list[ox.Quad]]:
    """Take a file of nanopublications apart."""
    found: defaultdict[str, list[ox.Quad]] = defaultdict(list)
    for quad in ox.parse(content, format=ox.RdfFormat.TRIG):
        found[re.split(r"[#/-](?:head|assertion|provenance|pubinfo)>", str(quad.graph_name))[0]].append(quad)
    return list(found.values())


def loaded(nanopub: ModuleType, quads: list[ox.Quad], folder: Path) -> Any:
    """Give a nanopublication to the library, as a file, which every version of it takes."""
    path = folder / "nanopub.trig"
    path.write_bytes(written(quads, ox.RdfFormat.TRIG))
    return nanopub.Nanopub(rdf=path)


def is_valid(nanopub: ModuleType, quads: list[ox.Quad], folder: Path) -> bool:
    """Ask the library; raises what it raises."""
    with quiet(DeprecationWarning):
        return bool(loaded(nanopub, quads, folder).is_valid)


def test_every_nanopublication_is_valid(nanopub: ModuleType, either: Source, tmp_path: Path) -> None:
    """The library accepts each of them."""
    found = publications(either.file("nanopubs"))

    assert len(found) == len(either.objects("edges"))
    assert [is_valid(nanopub, quads, tmp_path) for quads in found] == [True] * len(found)


SPOILT_NANOPUBS: Final = {
    "no head": ("-head>$", "No nanopublication"),
    "no assertion": ("-assertion>$", "assertion graph is empty"),
    "no provenance": ("-provenance>$", "provenance graph is empty"),
    "no publication info": ("-pubinfo>$", "pubinfo graph is empty"),
}


@pytest.mark.parametrize(("graph", "message"), SPOILT_NANOPUBS.values(), ids=SPOILT_NANOPUBS)
def test_the_library_refuses_a_spoilt_nanopublication(
    nanopub: ModuleType, baked: Source, graph: str, message: str, tmp_path: Path
) -> None:
    """The check of nanopublications can fail."""
    quads = [q for q in publications(baked.file("nanopubs"))[0] if not re.search(graph, str(q.graph_name))]

    with pytest.raises(nanopub.nanopub.MalformedNanopubError) as raised:
        is_valid(nanopub, quads, tmp_path)
    assert message in re.sub("\033\\[[0-9]+m", "", str(raised.value))


def test_the_library_refuses_provenance_of_something_else(nanopub: ModuleType, baked: Source, tmp_path: Path) -> None:
    """Provenance has to be about the assertion."""
    about = re.compile("#nanopub-assertion>$")
    quads = [q for q in publications(baked.file("nanopubs"))[0] if not about.search(str(q.subject))]

    with pytest.raises(nanopub.nanopub.MalformedNanopubError, match="assertion graph URI as subject"):
        is_valid(nanopub, quads, tmp_path)


def test_signed_nanopublications_are_named_by_what_they_say(
    nanopub: ModuleType, signed: list[list[ox.Quad]], tmp_path: Path
) -> None:
    """Each is valid, and its IRI is the hash of its content."""
    with quiet(DeprecationWarning):
        checked = [loaded(nanopub, quads, tmp_path) for quads in signed]
        verdicts = [(each.is_valid, each.has_valid_trusty) for each in checked]

    assert verdicts == [(True, True)] * 6
    assert all(
        re.fullmatch(r"https?://(purl|w3id)\.org/np/RA[A-Za-z0-9_-]{43}", str(each.source_uri)) for each in checked
    )


def test_signed_nanopublications_say_of_which_claim_they_are_a_version(signed: list[list[ox.Quad]]) -> None:
    """The IRI that leads to the claim is not lost."""
    found = {
        str(q.object) for quads in signed for q in quads if str(q.predicate) == "<http://purl.org/dc/terms/isVersionOf>"
    }

    base = "<http://localhost:1234/id/"
    claims = {f"{base}claim/leaflet-01-C{number}#nanopub>" for number in range(1, 6)}
    assert found == claims | {f"{base}inferred/leaflet-01-C1-in-brioche#nanopub>"}


@pytest.mark.parametrize("written_as", ["pem", "one line"])
def test_signing_again_gives_the_same_file(
    baked: Source, signed_file: bytes, key: Path, tmp_path: Path, written_as: str
) -> None:
    """Neither the clock nor chance is in it; the key may be PEM, or one line as the library keeps it."""
    text = key.read_text("ascii")
    again = tmp_path / "key"
    again.write_text(text if written_as == "pem" else "".join(text.splitlines()[1:-1]), "ascii")

    assert signed_file == baked.file("nanopubs", key=again)


@pytest.mark.parametrize(
    ("signer", "expected"),
    [("", "<http://localhost:1234/id/agent/curators>"), ("https://example.org/me", "<https://example.org/me>")],
    ids=["the curators unless told", "whom the user names"],
)
def test_signed_nanopublications_say_whose_key_it_is(
    nanopub: ModuleType, baked: Source, key: Path, signer: str, expected: str
) -> None:
    """Every version of the library says the same."""
    assert nanopub
    quads = ox.parse(baked.file("nanopubs", key=key, signer=signer, inferred=False), format=ox.RdfFormat.TRIG)

    signed_by = ox.NamedNode("http://purl.org/nanopub/x/signedBy")
    assert [expected] * 5 == [str(quad.object) for quad in quads if quad.predicate == signed_by]


def test_a_changed_nanopublication_betrays_itself(
    nanopub: ModuleType, signed: list[list[ox.Quad]], tmp_path: Path
) -> None:
    """One word changed, and the hash is another."""
    changed = [
        ox.Quad(q.subject, q.predicate, ox.Literal("other words"), q.graph_name)
        if str(q.predicate).endswith("#exact>")
        else q
        for q in signed[0]
    ]

    with quiet(DeprecationWarning), pytest.raises(nanopub.nanopub.MalformedNanopubError, match="is not valid"):
        assert loaded(nanopub, changed, tmp_path).has_valid_trusty


@pytest.mark.parametrize(("said", "expected"), [("claim", True), ("other", False)], ids=["as signed", "changed"])
def test_the_signature_is_that_of_the_key(
    nanopub: ModuleType, signed: list[list[ox.Quad]], said: str, expected: bool, tmp_path: Path
) -> None:
    """The key's owner signed exactly this; asked of the RSA library, because nanopub's own check never says no."""
    value = {str(quad.predicate): str(quad.object).strip('"') for quad in signed[0] if "sig>" in str(quad.subject)}
    public, signature = (b64decode(value[f"<http://purl.org/nanopub/x/has{it}>"]) for it in ("PublicKey", "Signature"))

    text = normal_form(nanopub, signed[0], tmp_path).replace("claim", said)

    assert expected == is_signed(text.encode(), public, signature)


def normal_form(nanopub: ModuleType, quads: list[ox.Quad], folder: Path) -> str:
    """Write a nanopublication as it was when it was signed: without the signature."""
    hasher, utils = (validator(f"nanopub.trustyuri.rdf.{name}") for name in ("RdfHasher", "RdfUtils"))
    with quiet(DeprecationWarning):
        each = loaded(nanopub, quads, folder)
        each.rdf.remove((None, nanopub.namespaces.NPX.hasSignature, None))
        text: str = hasher.normalize_quads(utils.get_quads(each.rdf), baseuri=str(each.namespace), hashstr=" ")
    return text


def is_signed(content: bytes, public: bytes, signature: bytes) -> bool:
    """Ask the RSA library."""
    rsa, digest, pkcs = (validator(f"Crypto.{name}") for name in ("PublicKey.RSA", "Hash.SHA256", "Signature.pkcs1_15"))
    try:
        pkcs.new(rsa.import_key(public)).verify(digest.new(content), signature)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("content", ["", "not a key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_what_is_no_key_is_an_error(nanopub: ModuleType, baked: Source, content: str, tmp_path: Path) -> None:
    """It names the file and says what is wanted."""
    assert nanopub
    path = tmp_path / "key"
    path.write_text(content, "ascii")

    with pytest.raises(InputError, match=r"key: this is no RSA private key\n.*without a passphrase"):
        baked.file("nanopubs", key=path)


def test_a_public_key_signs_nothing(nanopub: ModuleType, baked: Source, key: Path, tmp_path: Path) -> None:
    """The other half of a key is no private key."""
    assert nanopub
    rsa = validator("Crypto.PublicKey.RSA")
    path = tmp_path / "key"
    path.write_bytes(rsa.import_key(key.read_bytes()).public_key().export_key())

    with pytest.raises(InputError, match="this is no RSA private key"):
        baked.file("nanopubs", key=path)


def test_signing_without_the_library_says_what_to_install(
    baked: Source, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only signing needs it."""
    monkeypatch.setitem(sys.modules, "nanopub.profile", None)

    with pytest.raises(SystemProblem, match=r"pip install 'lungkg\[nanopub\]'"):
        baked.file("nanopubs", key=key)


# SSSOM: sssom-py ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sssom() -> ModuleType:
    """The library of the SSSOM standard."""
    return validator("sssom")


def findings(sssom: ModuleType, content: bytes, folder: Path, log: pytest.LogCaptureFixture) -> list[str]:
    """Read and validate a table; gives what the library has to say."""
    path = folder / "mappings.sssom.tsv"
    path.write_bytes(content)
    log.clear()
    with quiet(DeprecationWarning, FutureWarning, UserWarning):
        parsed = sssom.parsers.parse_sssom_table(path)
        reports = sssom.validators.validate(parsed, fail_on_error=False)
    said = [result.message for report in reports.values() for result in report.results]
    return said + [record.getMessage() for record in log.records if record.levelname in ("WARNING", "ERROR")]


def test_the_mappings_are_valid(
    sssom: ModuleType, either: Source, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The library reads every row and has nothing to say."""
    content = either.file("sssom")

    assert findings(sssom, content, tmp_path, caplog) == []
    rows = [line for line in content.decode().splitlines() if not line.startswith("#")][1:]
    with quiet(DeprecationWarning, FutureWarning, UserWarning):
        assert len(sssom.parsers.parse_sssom_table(tmp_path / "mappings.sssom.tsv").df) == len(rows)


SPOILT_MAPPINGS: Final = {
    "a prefix that is not declared": (rb"#   thesaurus: .*\n", b""),
    "a field that is none": (rb"# license:", b"# licence_of_ours: x\n# license:"),
    "a bar in an identifier": (rb"\tthesaurus:", b"\tthesaurus:a|b"),
}


@pytest.mark.parametrize(("old", "new"), SPOILT_MAPPINGS.values(), ids=SPOILT_MAPPINGS)
def test_sssom_refuses_spoilt_mappings(
    sssom: ModuleType, baked: Source, tmp_path: Path, caplog: pytest.LogCaptureFixture, old: bytes, new: bytes
) -> None:
    """The check of mappings can fail."""
    spoilt, changes = re.subn(old, new, baked.file("sssom"))
    assert changes

    with quiet(DeprecationWarning, FutureWarning, UserWarning):
        assert findings(sssom, spoilt, tmp_path, caplog) != []
