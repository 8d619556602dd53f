"""The `#+` header of a .rq file is YAML that names the query; the text below stays whole."""

from pathlib import Path
from typing import Any

import pytest

from lungkg.errors import InputError
from lungkg.header import read_header

HEAD = "#+ summary: What rises?\n#+ description: All that yeast lifts.\n"
QUERY = HEAD + "#+ question: What does yeast lift?\n"
SAID = {"summary": "What rises?", "description": "All that yeast lifts."}
ASKED = {**SAID, "question": "What does yeast lift?"}

READ: dict[str, tuple[str, str, dict[str, Any]]] = {
    "least": ("rule", HEAD + "ASK {}", SAID),
    "quoted": (
        "rule",
        "#+ summary: 'Which: one?'\n#+ description: \"# no comment\"\nASK {}",
        {"summary": "Which: one?", "description": "# no comment"},
    ),
    "block": (
        "rule",
        "#+ summary: a\n#+ description: >-\n#+   Two\n#+   lines.\nASK {}",
        {"summary": "a", "description": "Two lines."},
    ),
    "block-with-an-empty-line": (
        "rule",
        "#+ summary: a\n#+ description: |\n#+   One.\n#+\n#+   Two.\nASK {}",
        {"summary": "a", "description": "One.\n\nTwo.\n"},
    ),
    "list": ("query", QUERY + "#+ tags: [bread, yeast]\nASK {}", {**ASKED, "tags": ["bread", "yeast"]}),
    "nested": (
        "query",
        QUERY + "#+ parameters:\n#+   flour:\n#+     type: literal\n#+     help: which\n#+     example: rye\nASK {}",
        {**ASKED, "parameters": {"flour": {"type": "literal", "help": "which", "example": "rye"}}},
    ),
    "no-blank-after-the-mark": (
        "rule",
        "#+summary: a\n#+description: b\nASK {}",
        {"summary": "a", "description": "b"},
    ),
    "windows-line-ends": (
        "rule",
        "#+ summary: a\r\n#+ description: b\r\nASK {}\r\n",
        {"summary": "a", "description": "b"},
    ),
    "comment-above": (
        "rule",
        "# Bread\n" + "#+ summary: a\n#+ description: b\nASK {}",
        {"summary": "a", "description": "b"},
    ),
    "comment-between": (
        "rule",
        "#+ summary: a\n# Bread: [\n#+ description: b\nASK {}",
        {"summary": "a", "description": "b"},
    ),
    "header-alone": ("rule", "#+ summary: a\n#+ description: b", {"summary": "a", "description": "b"}),
    "words-that-yaml-1.1-took-for-truth": (
        "query",
        QUERY + "#+ tags: [no, on]\nASK {}",
        {**ASKED, "tags": ["no", "on"]},
    ),
    "date-that-is-text": (
        "query",
        QUERY + "#+ parameters: {day: {type: date, help: which, example: 2026-11-26, default: 1:30}}\nASK {}",
        {**ASKED, "parameters": {"day": {"type": "date", "help": "which", "example": "2026-11-26", "default": "1:30"}}},
    ),
    "date-that-is-none": ("rule", "#+ summary: 2026-99-99\n#+ description: b\nASK {}", {"summary": "2026-99-99", "description": "b"}),
}  # fmt: skip


@pytest.mark.parametrize(("schema", "text", "expected"), READ.values(), ids=READ.keys())
def test_the_header_is_read_as_yaml(schema: str, text: str, expected: dict[str, Any], tmp_path: Path) -> None:
    """Lines that start with #+ are the header; the text is given back as it stands in the file."""
    path = tmp_path / "rises.rq"
    path.write_bytes(text.encode())
    actual, whole = read_header(path, schema)

    assert expected == actual.value
    assert text == whole


REFUSED = {
    "empty-file": ("", ":1: there is no #+ header"),
    "no-header": ("ASK {}", ":1: there is no #+ header"),
    "ordinary-comment": ("# summary: a\nASK {}", ":1: there is no #+ header"),
    "header-without-keys": ("#+ What rises?\nASK {}", ":1: there is no #+ header"),
    "header-of-a-list": ("#+ - summary\nASK {}", ":1: there is no #+ header"),
    "no-summary": ("#+ description: b\nASK {}", ':1:4: the #+ header: "summary" is a required property'),
    "empty-summary": ("#+ summary: ''\n#+ description: b\nASK {}", ":1:13: the #+ header: summary: "),
    "summary-without-text": ("#+ summary:\n#+ description: b\nASK {}", ":1:12: the #+ header: summary: null is not"),
    "summary-of-a-list": ("#+ summary: [a]\n#+ description: b\nASK {}", ':1:13: the #+ header: summary: ["a"] is not'),
    "no-description": ("# Bread\n#+ summary: a\nASK {}", ':2:4: the #+ header: "description" is a required property'),
    "unknown-key": (HEAD + "#+ tag: x\nASK {}", ":3:4: the #+ header: the key 'tag' is unknown"),
    "unknown-key-with-its-value-below": (HEAD + "#+ tag:\n#+   - x\nASK {}", ":3:4: the #+ header: the key 'tag'"),
    "unknown-key-below-the-query": (HEAD + "ASK {}\n#+ tag: x\n", ":4:4: the #+ header: the key 'tag' is unknown"),
    "broken-yaml": (HEAD + "#+ summary: [a\nASK {}", ":4: the #+ header is not YAML: "),
    "text-with-a-colon": ("#+ summary: a: b\n#+ description: c\nASK {}", ":1: the #+ header is not YAML: "),
    "other-indent": ("#+ summary: a\n#+  description: b\nASK {}", ":2: the #+ header is not YAML: "),
    "tab": ("#+ summary: a\n#+\tdescription: b\nASK {}", ":2: the #+ header is not YAML: "),
    "control-character": (HEAD + "#+ tags: [\x07]\nASK {}", ":3: the #+ header is not YAML: "),
    "tag-of-a-language": (HEAD + "#+ tags: !!python/name:os.system\nASK {}", ":3: the #+ header is not YAML: "),
    "repeated-key": (HEAD + "#+ summary: b\nASK {}", ":3:4: the key 'summary' stands here twice"),
    "byte-order-mark": ("\ufeff" + HEAD + "ASK {}", ":1: the file begins with a byte order mark"),
    "line-ends-of-the-old-mac": (HEAD.replace("\n", "\r") + "ASK {}", ":1: a line ends with a carriage return alone"),
    "key-behind-a-carriage-return": (
        "#+ summary: a\n#+ description: b\r#+ tags: [a]\nASK {}",
        ":2: a line ends with a carriage return alone",
    ),
    "indented-line": (HEAD + " #+ tags: [a]\nASK {}", ":3: a line of the #+ header does not start at the margin"),
}


@pytest.mark.parametrize(("text", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_a_header_that_does_not_fit_is_refused_with_its_line(text: str, expected: str, tmp_path: Path) -> None:
    """The message says where in the file the header goes wrong."""
    path = tmp_path / "rises.rq"
    path.write_bytes(text.encode())
    with pytest.raises(InputError) as refused:
        read_header(path, "rule")

    told = str(refused.value).removeprefix(str(path))
    assert told.startswith(expected) or without_column(told).startswith(expected)


def without_column(told: str) -> str:
    """Take the column out of a place: YAML's own errors have one."""
    _, line, column, rest = told.split(":", 3)
    return f":{line}:{rest}" if column.isdigit() else told


def test_an_unknown_key_is_told_with_the_known_ones(tmp_path: Path) -> None:
    """The hint lists the keys that a header may have, or the one that is nearly the same."""
    path = tmp_path / "rises.rq"
    path.write_text(HEAD + "#+ tag: x\n#+ sumary: x\nASK {}", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_header(path, "rule")

    expected = ["Known: description, summary.", "Did you mean summary?"]
    assert expected == [problem.hint for problem in refused.value.problems]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """A query that is not there is an InputError."""
    with pytest.raises(InputError, match="this file is missing"):
        read_header(tmp_path / "none.rq", "rule")
