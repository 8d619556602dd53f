"""YAML and JSON Lines are read with the place of every value, and held to their schemas."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from lungkg.errors import InputError
from lungkg.records import load_schema, read_json_lines, read_text, read_yaml

CLAIMS = """\
# What the loaf says
claims:

  - id: C01
    sentence: S01
    subject: yeast
    relation: raises
    object: bread
    context: [oven, dough]
    context_text: ["at night"]
    polarity: Negated
    certainty: Tentative
    hedges: [may, {text: perhaps, occurrence: 2}]
    citations: [0, 12]
    quote: "Yeast may raise bread"
    focus: raise bread
    mechanism_of: [C02]
    follows_from: [C03]
    rests_on: [yeast-is-alive]
    note: >-
      Two
      lines.
glosses:
  - {id: G01, sentence: S01, abbreviation: SD, expansion: sourdough, entity: dough, quote: {text: "SD", occurrence: 1}}
"""
CLAIM = {
    "id": "C01",
    "sentence": "S01",
    "subject": "yeast",
    "relation": "raises",
    "object": "bread",
    "certainty": "Asserted",
    "quote": "Yeast raises bread",
}
GLOSS = {
    "id": "G01",
    "sentence": "S01",
    "abbreviation": "SD",
    "expansion": "sourdough",
    "entity": "dough",
    "quote": "sourdough (SD)",
}
CLAIM_LINE, GLOSS_LINE = json.dumps(CLAIM), json.dumps(GLOSS)
SCHEMAS = ["background", "claims", "document", "entities", "project"]


def write(folder: Path, content: str | bytes) -> Path:
    """Write a file of claims."""
    path = folder / "claims.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def loose(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every value pass for a claims file, so that reading can be seen without the schema."""
    monkeypatch.setattr("lungkg.records._hold_to_schema", lambda *_: None)


PLACES: dict[str, tuple[tuple[str | int, ...], str]] = {
    "whole": ((), ":2:1"),
    "list": (("claims",), ":4:3"),
    "first-claim": (("claims", 0), ":4:5"),
    "text": (("claims", 0, "subject"), ":6:14"),
    "list-in-one-line": (("claims", 0, "context"), ":9:14"),
    "item": (("claims", 0, "context", 1), ":9:21"),
    "quoted-text": (("claims", 0, "quote"), ":15:12"),
    "mapping-in-a-list": (("claims", 0, "hedges", 1), ":13:19"),
    "value-in-it": (("claims", 0, "hedges", 1, "occurrence"), ":13:47"),
    "block": (("claims", 0, "note"), ":20:11"),
    "mapping-in-one-line": (("glosses", 0), ":24:5"),
    "value-after-many": (("glosses", 0, "quote", "text"), ":24:99"),
    "key-that-is-missing": (("claims", 0, "colour"), ":4:5"),
    "item-that-is-missing": (("claims", 7, "id"), ":4:3"),
    "nothing-on-the-way": (("colour", "of", 3), ":2:1"),
}


@pytest.mark.parametrize(("route", "expected"), PLACES.values(), ids=PLACES.keys())
def test_every_value_has_its_line_and_column(route: tuple[str | int, ...], expected: str, tmp_path: Path) -> None:
    """A place is that of the value, or of the nearest part around a value that is missing."""
    path = write(tmp_path, CLAIMS)
    actual = str(read_yaml(path, "claims").place(*route))

    assert f"{path}{expected}" == actual


def test_columns_count_characters(tmp_path: Path) -> None:
    """Letters of several bytes are one column each."""
    path = write(tmp_path, CLAIMS.replace("[oven, dough]", "[é, 面🍞, dough!]"))
    with pytest.raises(InputError) as refused:
        read_yaml(path, "claims")

    assert ["9:15", "9:18", "9:22"] == [
        f"{problem.place.line}:{problem.place.column}" for problem in refused.value.problems
    ]


def test_parts_know_their_place(tmp_path: Path) -> None:
    """An item of a list is a record of its own, with places relative to it."""
    path = write(tmp_path, CLAIMS)
    part = next(read_yaml(path, "claims").parts("claims"))

    assert part.value["id"] == "C01"
    assert f"{path}:4:5" == str(part.place())
    assert f"{path}:9:21" == str(part.place("context", 1))


def test_a_list_that_is_absent_has_no_parts(tmp_path: Path) -> None:
    """Asking for the items of a key that was left out gives none."""
    path = write(tmp_path, json.dumps({"claims": [CLAIM]}))
    expected: list[object] = []
    actual = list(read_yaml(path, "claims").parts("glosses"))

    assert expected == actual


SCALARS: dict[str, tuple[str, object]] = {
    "word": ("bread", "bread"),
    "no": ("no", "no"),
    "yes": ("yes", "yes"),
    "on": ("on", "on"),
    "off": ("off", "off"),
    "letter-n": ("n", "n"),
    "float-like": ("1e3", "1e3"),
    "decimal": ("1.5", "1.5"),
    "version": ("1.0.0", "1.0.0"),
    "date": ("2026-11-24", "2026-11-24"),
    "time": ("12:30", "12:30"),
    "not-a-number": (".nan", ".nan"),
    "hexadecimal": ("0x1F", "0x1F"),
    "grouped-digits": ("1_000", "1_000"),
    "true": ("true", True),
    "false": ("false", False),
    "null": ("null", None),
    "tilde": ("~", None),
    "nothing": ("", None),
    "integer": ("12", 12),
    "negative-integer": ("-3", -3),
    "zero": ("0", 0),
    "leading-zero-is-decimal": ("012", 12),
    "quoted-true": ("'true'", "true"),
    "quoted-integer": ('"12"', "12"),
    "quoted-null": ("''", ""),
    "block-integer": (">-\n  12", "12"),
    "escaped": ('"caf\\u00e9 \\n"', "café \n"),
    "beyond-the-basic-plane": ("🍞", "🍞"),
    "tagged-text": ("!!str 12", "12"),
}


@pytest.mark.parametrize(("written", "expected"), SCALARS.values(), ids=SCALARS.keys())
def test_only_constants_and_integers_are_more_than_text(
    written: str, expected: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """YAML 1.2: what YAML 1.1 took for truth, dates or octal numbers is read as it stands."""
    loose(monkeypatch)
    record = read_yaml(write(tmp_path, f"value: {written}\n"), "claims")

    assert {"value": expected} == record.value
    assert type(expected) is type(record.value["value"])


def test_an_anchor_repeats_a_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written once can be named again."""
    loose(monkeypatch)
    expected = {"one": ["salt"], "two": ["salt"]}
    actual = read_yaml(write(tmp_path, "one: &a [salt]\ntwo: *a\n"), "claims").value

    assert expected == actual


def test_keys_are_text_whatever_they_look_like(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key is never a number or a truth."""
    loose(monkeypatch)
    expected = {"1": "a", "no": "b", "true": "c"}
    actual = read_yaml(write(tmp_path, "1: a\nno: b\ntrue: c\n"), "claims").value

    assert expected == actual


SMALL = "claims:\n  - {id: C1, sentence: S1, subject: a, relation: b, object: c, certainty: Asserted, quote: q}\n"
REFUSED: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", ":1: this file is empty\n    It must at least say: claims."),
    "comment-only": ("# bread\n\n", ":1: this file is empty"),
    "null": ("null\n", ':1:1: null is not of type "object"'),
    "list": ("- bread\n", ':1:1: ["bread"] is not of type "object"'),
    "text": ("bread\n", ':1:1: "bread" is not of type "object"'),
    "missing-key": ("glosses: []\n", ':1:1: "claims" is a required property'),
    "missing-key-below": (
        SMALL.replace(", quote: q", ""),
        ':2:5: claims[0]: "quote" is a required property',
    ),
    "unknown-key": (
        SMALL + "colour: brown\n",
        ":3:1: the key 'colour' is unknown\n    Known: claims, glosses.",
    ),
    "unknown-key-below": (
        SMALL.replace("quote: q", "quote: q, qoute: q"),
        ":2:95: claims[0]: the key 'qoute' is unknown\n    Did you mean quote?",
    ),
    "wrong-type": ("claims: bread\n", ':1:9: claims: "bread" is not of type "array"'),
    "wrong-type-below": (
        SMALL.replace("id: C1", "id: 12"),
        ':2:10: claims[0].id: 12 is not of type "string"',
    ),
    "truth-for-text": (
        SMALL.replace("subject: a", "subject: true"),
        ':2:37: claims[0].subject: true is not of type "string"',
    ),
    "nothing-for-text": (
        SMALL.replace("subject: a", "subject: "),
        ':2:37: claims[0].subject: null is not of type "string"',
    ),
    "text-for-a-list": (
        SMALL.replace("quote: q", "quote: q, context: oven"),
        ':2:104: claims[0].context: "oven" is not of type "array"',
    ),
    "unknown-choice": (
        SMALL.replace("Asserted", "Sure"),
        ':2:75: claims[0].certainty: "Sure" is not one of ',
    ),
    "blank-in-an-id": (SMALL.replace("id: C1", "id: C 1"), ':2:10: claims[0].id: "C 1" does not match '),
    "empty-list": ("claims: []\n", ":1:9: claims: [] has less than 1 item"),
    "repeated-item": (
        SMALL.replace("quote: q", "quote: q, context: [a, a]"),
        ":2:104: claims[0].context: ",
    ),
    "repeated-key": ("claims: 1\nglosses: 2\nclaims: 3\n", ":3:1: the key 'claims' stands here twice"),
    "repeated-key-below": (
        SMALL.replace("quote: q", "quote: q, id: C2"),
        ":2:95: the key 'id' stands here twice",
    ),
    "tab": (
        "claims:\n\t- id: C1\n",
        ":2:1: this is not YAML: found character that cannot start any token",
    ),
    "colon-in-text": ("claims: bread: rye\n", ":1:14: this is not YAML: mapping values are not allowed"),
    "never-closed-list": ("claims: [a\n", ":2:1: this is not YAML: "),
    "never-closed-quote": ('claims: "a\n', ":2:1: this is not YAML: "),
    "unknown-anchor": ("claims: *bread\n", ":1:9: this is not YAML: found undefined alias"),
    "two-documents": ("claims: 1\n---\nclaims: 2\n", ":2:1: this is not YAML: "),
    "control-character": ("claims: \x07\n", ":1: this is not YAML: "),
    "not-utf-8": (b"claims:\n  - caf\xe9\n", ":2: this is not UTF-8 text\n    Save the file as UTF-8."),
    "not-utf-8-from-the-start": ("claims: 1".encode("utf-16"), ":1: this is not UTF-8 text"),
    "windows-line-ends": (
        SMALL.replace("id: C1", "id: 12").replace("\n", "\r\n"),
        ':2:10: claims[0].id: 12 is not of type "string"',
    ),
    "list-within-itself": ("claims: &a [*a]\n", ":1:"),
    "lists-without-end": ("claims: " + "[" * 2000 + "]" * 2000, ":1:"),
    "integer-without-end": ("claims: " + "1" * 5000, ":1:9: "),
}


@pytest.mark.parametrize(("content", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_yaml_that_does_not_fit_is_refused_with_its_place(content: str | bytes, expected: str, tmp_path: Path) -> None:
    """The message says file, line and column, and what is wrong there."""
    path = write(tmp_path, content)
    with pytest.raises(InputError) as refused:
        read_yaml(path, "claims")

    assert str(refused.value).removeprefix(str(path)).startswith(expected)


HINTS = {
    "tab": ("claims:\n\t- id: C1\n", "There is a tab in this line; YAML wants spaces."),
    "colon": (
        "claims: bread: rye\n",
        "Text with a colon, a hash or quotes in it must itself stand in quotes.",
    ),
}


@pytest.mark.parametrize(("content", "expected"), HINTS.values(), ids=HINTS.keys())
def test_broken_yaml_comes_with_a_hint(content: str, expected: str, tmp_path: Path) -> None:
    """The usual slips are named."""
    with pytest.raises(InputError) as refused:
        read_yaml(write(tmp_path, content), "claims")

    assert [expected] == [problem.hint for problem in refused.value.problems]


def test_all_that_the_schema_refuses_is_told(tmp_path: Path) -> None:
    """A reader mends a file in one go."""
    content = SMALL.replace("id: C1", "id: 12").replace("Asserted", "Sure").replace("object: c", "object: [c]")
    with pytest.raises(InputError) as refused:
        read_yaml(write(tmp_path, content), "claims")

    assert {"claims[0].id", "claims[0].certainty", "claims[0].object"} == {
        problem.what.partition(":")[0] for problem in refused.value.problems
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [("none.yaml", ": this file is missing"), (".", ": this file cannot be read: Is a directory")],
    ids=["missing", "folder"],
)
def test_a_file_that_cannot_be_read_is_told(name: str, expected: str, tmp_path: Path) -> None:
    """Files that are not there are no crash."""
    path = tmp_path / name
    with pytest.raises(InputError) as refused:
        read_yaml(path, "claims")

    assert f"{path}{expected}" == str(refused.value)


def test_text_is_read_as_it_is(tmp_path: Path) -> None:
    """Line ends and byte order marks are characters like any other."""
    expected = "\ufeffbread\r\nand\rsalt\n\n"
    actual = read_text(write(tmp_path, expected))

    assert expected == actual


LINES = {
    "claim": (CLAIM_LINE, ["claim"]),
    "gloss": (GLOSS_LINE, ["gloss"]),
    "both": (f"{CLAIM_LINE}\n{GLOSS_LINE}\n{CLAIM_LINE}\n", ["claim", "gloss", "claim"]),
    "blank-lines": (f"\n\n{CLAIM_LINE}\n   \n\t\n{GLOSS_LINE}\n\n", ["claim", "gloss"]),
    "windows-line-ends": (f"{CLAIM_LINE}\r\n\r\n{GLOSS_LINE}\r\n", ["claim", "gloss"]),
    "no-line-end": (f"{GLOSS_LINE}\n{CLAIM_LINE}", ["gloss", "claim"]),
    "line-separator-in-text": (CLAIM_LINE.replace("Yeast", "Yeast\u2028\x85"), ["claim"]),
}


@pytest.mark.parametrize(("content", "expected"), LINES.values(), ids=LINES.keys())
def test_each_line_belongs_to_the_definition_whose_keys_it_has(
    content: str, expected: list[str], tmp_path: Path
) -> None:
    """Claims and glosses may stand in any order; blank lines do not count."""
    records = read_json_lines(write(tmp_path, content), "claims", ("claim", "gloss"))
    actual = [definition for definition, _ in records]

    assert expected == actual


def test_lines_say_what_their_file_says(tmp_path: Path) -> None:
    """Values come as JSON has them, with the line as their place."""
    path = write(tmp_path, f"\n{CLAIM_LINE}\n\n{GLOSS_LINE}\n")
    records = [record for _, record in read_json_lines(path, "claims", ("claim", "gloss"))]

    assert [CLAIM, GLOSS] == [record.value for record in records]
    assert [f"{path}:2", f"{path}:4"] == [str(record.place("quote")) for record in records]


WRONG_LINES = {
    "broken": ('{"id": ', ":1:8: this is not JSON: Expecting value"),
    "broken-below": (f"{CLAIM_LINE}\n\n{{'id': 1}}", ":3:2: this is not JSON: "),
    "two-values": (CLAIM_LINE + CLAIM_LINE, f":1:{len(CLAIM_LINE) + 1}: this is not JSON: Extra data"),
    "byte-order-mark": ("\ufeff" + CLAIM_LINE, ":1:1: this is not JSON: "),
    "repeated-key": (CLAIM_LINE.replace("{", '{"id": "C00", '), ":1: the key 'id' stands here twice"),
    "repeated-key-below": (
        CLAIM_LINE.replace('"Yeast raises bread"', '{"text": "a", "text": "b", "occurrence": 1}'),
        ":1: the key 'text' stands here twice",
    ),
    "not-an-object": ("5", ':1: 5 is not of type "object"'),
    "list": (f"[{CLAIM_LINE}]", ":1: [{"),
    "whole-file-in-a-line": (
        json.dumps({"claims": [CLAIM]}),
        ':1: "id" is a required property',
    ),
    "wrong-field": (
        f"{CLAIM_LINE}\n" + CLAIM_LINE.replace("}", ', "qoute": "x"}'),
        ":2: the key 'qoute' is unknown\n    Did you mean quote?",
    ),
    "wrong-field-of-a-gloss": (
        GLOSS_LINE.replace("}", ', "note": "x"}'),
        ":1: the key 'note' is unknown\n    Known: ",
    ),
    "wrong-type": (CLAIM_LINE.replace('"C01"', "1"), ':1: id: 1 is not of type "string"'),
    "half-a-character": (CLAIM_LINE.replace("Yeast", "\\ud83c"), ":1: "),
    "lists-without-end": ("[" * 100_000, ":1"),
    "empty": ("", ":1: this file is empty\n    Each line is one claim."),
    "blank": ("\n \n", ":1: this file is empty"),
    "not-utf-8": (b"{}\n\xff", ":2: this is not UTF-8 text"),
}


@pytest.mark.parametrize(("content", "expected"), WRONG_LINES.values(), ids=WRONG_LINES.keys())
def test_lines_that_do_not_fit_are_refused_with_their_number(
    content: str | bytes, expected: str, tmp_path: Path
) -> None:
    """The message says file and line, and what is wrong there."""
    path = write(tmp_path, content)
    with pytest.raises(InputError) as refused:
        read_json_lines(path, "claims", ("claim", "gloss"))

    assert str(refused.value).removeprefix(str(path)).startswith(expected)


def test_all_lines_that_do_not_fit_are_told(tmp_path: Path) -> None:
    """One broken line does not hide the next."""
    path = write(tmp_path, f"{{\n{CLAIM_LINE}\n5\n")
    with pytest.raises(InputError) as refused:
        read_json_lines(path, "claims", ("claim", "gloss"))

    assert [1, 3] == [problem.place.line for problem in refused.value.problems]


def test_a_whole_number_is_an_integer_however_json_writes_it(tmp_path: Path) -> None:
    """JSON Schema takes 2.0 for an integer, so it must come out as one."""
    line = json.dumps({**CLAIM, "citations": [2.0], "quote": {"text": "Yeast", "occurrence": 1.0}})
    value = read_json_lines(write(tmp_path, line), "claims", ("claim",))[0][1].value

    assert [int, int] == [type(value["citations"][0]), type(value["quote"]["occurrence"])]


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_json_schema_2020_12(name: str) -> None:
    """An editor that checks the files while they are written can use the published schemas."""
    schema = load_schema(name)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert jsonschema_rs.meta.is_valid(schema)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_file_of_a_kind_says_which_schema_it_follows(name: str) -> None:
    """A schema has an address and a title that names the file."""
    schema = load_schema(name)

    assert f"https://w3id.org/lungkg/schema/{name}" == schema["$id"]
    assert f"{name}.yaml" in schema["title"]


@pytest.mark.parametrize(("definition", "key"), [("claim", "claims"), ("gloss", "glosses")], ids=["claim", "gloss"])
def test_the_test_data_uses_all_that_a_curator_may_write(definition: str, key: str, tmp_path: Path) -> None:
    """Every property of a claim and of a gloss is read somewhere in these tests."""
    expected = load_schema("claims")["$defs"][definition]["properties"].keys()
    actual = next(read_yaml(write(tmp_path, CLAIMS), "claims").parts(key)).value.keys()

    assert expected == actual


def test_the_whole_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    """What is read equals what an ordinary YAML reader makes of a file without doubtful words."""
    expected: Any = yaml.safe_load(CLAIMS)
    actual = read_yaml(write(tmp_path, CLAIMS), "claims").value

    assert expected == actual
