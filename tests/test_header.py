"""The `#+` header of a .rq file is YAML that names the query; the text below stays whole."""

from pathlib import Path
from typing import Any

import pytest

from lungkg.errors import InputError
from lungkg.header import read_header

ALLOWED = frozenset({"summary", "description", "tags", "parameters"})
HEAD = "#+ summary: What rises?\n#+ description: All that yeast lifts.\n"

READ: dict[str, tuple[str, dict[str, Any]]] = {
    "least": (HEAD + "ASK {}", {"summary": "What rises?", "description": "All that yeast lifts."}),
    "quoted": (
        "#+ summary: 'Which: one?'\n#+ description: \"# no comment\"\nASK {}",
        {"summary": "Which: one?", "description": "# no comment"},
    ),
    "block": (
        "#+ summary: a\n#+ description: >-\n#+   Two\n#+   lines.\nASK {}",
        {"summary": "a", "description": "Two lines."},
    ),
    "block-with-an-empty-line": (
        "#+ summary: a\n#+ description: |\n#+   One.\n#+\n#+   Two.\nASK {}",
        {"summary": "a", "description": "One.\n\nTwo.\n"},
    ),
    "list": (
        HEAD + "#+ tags: [bread, yeast]\nASK {}",
        {"summary": "What rises?", "description": "All that yeast lifts.", "tags": ["bread", "yeast"]},
    ),
    "nested": (
        "#+ summary: a\n#+ description: b\n#+ parameters:\n#+   flour:\n#+     help: which\nASK {}",
        {"summary": "a", "description": "b", "parameters": {"flour": {"help": "which"}}},
    ),
    "no-blank-after-the-mark": ("#+summary: a\n#+description: b\nASK {}", {"summary": "a", "description": "b"}),
    "windows-line-ends": ("#+ summary: a\r\n#+ description: b\r\nASK {}\r\n", {"summary": "a", "description": "b"}),
    "comment-above": ("# Bread\n" + "#+ summary: a\n#+ description: b\nASK {}", {"summary": "a", "description": "b"}),
    "comment-between": ("#+ summary: a\n# Bread: [\n#+ description: b\nASK {}", {"summary": "a", "description": "b"}),
    "header-alone": ("#+ summary: a\n#+ description: b", {"summary": "a", "description": "b"}),
    "words-that-yaml-1.1-took-for-truth": (
        "#+ summary: a\n#+ description: b\n#+ tags: [no, on, 2026-01-02, 1:30]\nASK {}",
        {"summary": "a", "description": "b", "tags": ["no", "on", "2026-01-02", "1:30"]},
    ),
}


@pytest.mark.parametrize(("text", "expected"), READ.values(), ids=READ.keys())
def test_the_header_is_read_as_yaml(text: str, expected: dict[str, Any], tmp_path: Path) -> None:
    """Lines that start with #+ are the header; the text is given back as it stands in the file."""
    path = tmp_path / "rises.rq"
    path.write_bytes(text.encode())
    actual, whole = read_header(path, ALLOWED)

    assert expected == actual
    assert text == whole


REFUSED = {
    "empty-file": ("", ":1: there is no #+ header"),
    "no-header": ("ASK {}", ":1: there is no #+ header"),
    "ordinary-comment": ("# summary: a\nASK {}", ":1: there is no #+ header"),
    "header-without-keys": ("#+ What rises?\nASK {}", ":1: there is no #+ header"),
    "header-of-a-list": ("#+ - summary\nASK {}", ":1: there is no #+ header"),
    "no-summary": ("#+ description: b\nASK {}", ":1: the #+ header lacks a summary"),
    "blank-summary": ("#+ summary: ' '\n#+ description: b\nASK {}", ":1: the #+ header lacks a summary"),
    "summary-without-text": ("#+ summary:\n#+ description: b\nASK {}", ":1: the #+ header lacks a summary"),
    "summary-of-a-list": ("#+ summary: [a]\n#+ description: b\nASK {}", ":1: the #+ header lacks a summary"),
    "no-description": ("#+ summary: a\nASK {}", ":1: the #+ header lacks a description"),
    "unknown-key": (HEAD + "#+ tag: x\nASK {}", ":3: the #+ header has an unknown key 'tag'"),
    "unknown-key-below-the-query": (HEAD + "ASK {}\n#+ tag: x\n", ":4: the #+ header has an unknown key 'tag'"),
    "broken-yaml": (HEAD + "#+ tags: [a\nASK {}", ":4: the #+ header is not YAML: "),
    "text-with-a-colon": ("#+ summary: a: b\n#+ description: c\nASK {}", ":1: the #+ header is not YAML: "),
    "other-indent": ("#+ summary: a\n#+  description: b\nASK {}", ":2: the #+ header is not YAML: "),
    "tab": ("#+ summary: a\n#+\tdescription: b\nASK {}", ":2: the #+ header is not YAML: "),
    "control-character": (HEAD + "#+ tags: [\x07]\nASK {}", ":3: the #+ header is not YAML: "),
    "tag-of-a-language": (HEAD + "#+ tags: !!python/name:os.system\nASK {}", ":3: the #+ header is not YAML: "),
    "repeated-key": (HEAD + "#+ summary: b\nASK {}", ":3: the key 'summary' stands here twice"),
}


@pytest.mark.parametrize(("text", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_a_header_that_does_not_fit_is_refused_with_its_line(text: str, expected: str, tmp_path: Path) -> None:
    """The message says where in the file the header goes wrong."""
    path = tmp_path / "rises.rq"
    path.write_bytes(text.encode())
    with pytest.raises(InputError) as refused:
        read_header(path, ALLOWED)

    assert str(refused.value).removeprefix(str(path)).startswith(expected)


def test_a_date_that_is_none_is_text(tmp_path: Path) -> None:
    """A number with hyphens is never a reason to fall over."""
    path = tmp_path / "rises.rq"
    path.write_text(HEAD + "#+ tags: [2026-99-99]\nASK {}", encoding="utf-8")
    expected = ["2026-99-99"]
    actual, _ = read_header(path, ALLOWED)

    assert expected == actual["tags"]


def test_an_unknown_key_is_told_with_the_known_ones(tmp_path: Path) -> None:
    """The hint lists the keys that a header may have."""
    path = tmp_path / "rises.rq"
    path.write_text(HEAD + "#+ tag: x\nASK {}", encoding="utf-8")
    expected = "Known: description, parameters, summary, tags."
    with pytest.raises(InputError) as refused:
        read_header(path, ALLOWED)

    assert [expected] == [problem.hint for problem in refused.value.problems]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """A query that is not there is an InputError."""
    with pytest.raises(InputError, match="this file is missing"):
        read_header(tmp_path / "none.rq", ALLOWED)
