"""Reads YAML and JSON Lines sources with the place of every value, and holds them to their JSON Schema.

YAML is read with YAML 1.2's core types: `no` and `2026-11-24` are text, only `true`, `false`, `null`
and integers are not. Two equal keys in one mapping are an error, so nothing is lost silently.
"""

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import yaml

from lungkg.errors import InputError, Place, Problem

Route = tuple[str | int, ...]
"""The keys and indexes that lead from the root of a file to a value in it."""

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml when PyYAML has it
_ALIKE: Final = 0.7  # of 1; `note` is no misspelt `quote`
_TAG: Final = "tag:yaml.org,2002:"
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_CONSTANTS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Record:
    """A value read from a file, with the places of its parts."""

    value: Any
    path: Path
    positions: dict[Route, tuple[int, int]]
    route: Route = ()  # from the root of the file to this value
    keys: dict[Route, tuple[int, int]] = field(default_factory=dict)  # where the key of a value stands

    def place(self, *route: str | int) -> Place:
        """Give the place of the part at this route, or of the nearest part around it."""
        whole = (*self.route, *route)
        while whole and whole not in self.positions:
            whole = whole[:-1]
        return Place(self.path, *self.positions.get(whole, (0, 0)))

    def key_place(self, *route: str | int) -> Place:
        """Give the place of the key at the end of this route, or of the part that it would stand in."""
        found = self.keys.get((*self.route, *route))
        return Place(self.path, *found) if found else self.place(*route)

    def parts(self, key: str) -> Iterator["Record"]:
        """Yield the items of the list under this key, none when it is absent, as Records of their own."""
        for index, item in enumerate(self.value.get(key) or []):
            yield Record(item, self.path, self.positions, (*self.route, key, index), self.keys)


def read_text(path: Path) -> str:
    """Read a UTF-8 file exactly as it is, line ends included.

    Raises InputError when it is missing, cannot be read, or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise InputError.at(Place(path), "this file is missing") from None
    except OSError as error:
        raise InputError.at(Place(path), f"this file cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise InputError.at(Place(path, line), "this is not UTF-8 text", "Save the file as UTF-8.") from None


def read_yaml(path: Path, schema: str) -> Record:
    """Read one YAML file and hold it to the schema `schemas/<schema>.schema.json`.

    Raises InputError with line and column for broken YAML, repeated keys and what the schema refuses.
    """
    record = parse_yaml(read_text(path), path)
    if not record.positions:
        raise InputError.at(Place(path, 1), "this file is empty", _starting_keys(schema))
    _hold_to_schema(record, schema)
    return record


def parse_yaml(text: str, path: Path) -> Record:
    """Parse YAML text that stands in a file; an empty text gives None.

    Raises InputError with line and column.
    """
    record = Record(None, path, {})
    try:
        node = yaml.compose(text, Loader=_LOADER)
        return record if node is None else replace(record, value=_value(node, (), record))
    except yaml.MarkedYAMLError as error:
        raise InputError.at(_mark(path, error), _yaml_problem(error), _yaml_hint(text, error)) from None
    except yaml.reader.ReaderError as error:
        place = Place(path, text.count("\n", 0, error.position) + 1)
        raise InputError.at(place, f"this is not YAML: {error.reason}", "Remove the control character.") from None
    except yaml.YAMLError as error:
        raise InputError.at(Place(path), f"this is not YAML: {error}") from None
    except RecursionError:
        raise InputError.at(Place(path, 1), "values nest too deep, or one stands within itself") from None


def read_json_lines(path: Path, schema: str, definitions: tuple[str, ...]) -> list[tuple[str, Record]]:
    """Read a JSON Lines file as (definition, record) pairs; blank lines are skipped.

    A line belongs to the first of the schema's `definitions` whose required keys it all has, and to
    the first one when it has none of them. Raises InputError with every line that does not fit.
    """
    records, problems = [], []
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            try:
                records.append(_json_line(path, number, line, schema, definitions))
            except InputError as error:
                problems += error.problems
    if not records and not problems:
        raise InputError.at(Place(path, 1), "this file is empty", f"Each line is one {definitions[0]}.")
    if problems:
        raise InputError(problems)
    return records


def _json_line(path: Path, number: int, line: str, schema: str, definitions: tuple[str, ...]) -> tuple[str, Record]:
    try:
        value = json.loads(line, object_pairs_hook=_no_repeats, parse_float=_number)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        raise InputError.at(Place(path, number, error.colno), f"this is not JSON: {error.msg}") from None
    except UnicodeEncodeError:
        raise InputError.at(Place(path, number), "this line holds half a character (a lone surrogate)") from None
    except RecursionError:
        raise InputError.at(Place(path, number), "values nest too deep") from None
    except ValueError as error:
        raise InputError.at(Place(path, number), str(error)) from None
    record = Record(value, path, {(): (number, 0)})
    definition = _definition_of(value, schema, definitions)
    _hold_to_schema(record, schema, definition)
    return definition, record


def load_schema(name: str) -> dict[str, Any]:
    """Load one of the published JSON Schemas."""
    text = resources.files("lungkg").joinpath("schemas", f"{name}.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def _validator(name: str, definition: str = "") -> Any:
    whole = load_schema(name)
    if definition:
        whole = {"$schema": whole["$schema"], "$defs": whole["$defs"], "$ref": f"#/$defs/{definition}"}
    return jsonschema_rs.validator_for(whole, validate_formats=True)


@cache
def _required(name: str, definition: str) -> frozenset[str]:
    return frozenset(load_schema(name)["$defs"][definition]["required"])


def _definition_of(value: object, name: str, definitions: tuple[str, ...]) -> str:
    if isinstance(value, dict):
        for definition in definitions:
            if _required(name, definition) <= value.keys():
                return definition
    return definitions[0]


def _hold_to_schema(record: Record, schema: str, definition: str = "") -> None:
    problems = list(schema_problems(record, schema, definition))
    if problems:
        raise InputError(problems)


def schema_problems(record: Record, schema: str, definition: str = "", *, within: str = "") -> Iterator[Problem]:
    """Say what a schema, or one of its definitions, refuses in a record; `within` names what the record is.

    An unknown key is told at its own place, with the known one that is like it, or else with all.
    """
    errors = list(_validator(schema, definition).iter_errors(record.value))
    for error in errors:
        steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
        where = "".join(f"{name}: " for name in (within, steps.lstrip(".")) if name)
        if error.kind.name == "additionalProperties":
            known = _known_keys(schema, error.schema_path)
            yield from _unknown_keys(record, error, errors, known, where)
        else:
            yield from _refused(record, error, errors, where)


def _unknown_keys(record: Record, error: Any, errors: list[Any], known: list[str], where: str) -> Iterator[Problem]:
    """Tell each key that nobody knows, and the one that was probably meant: a missing one first."""
    route = tuple(error.instance_path)
    absent = [one.kind.property for one in errors if _is_missing(one, route)]
    for key in error.kind.unexpected:
        near = difflib.get_close_matches(key, absent, n=1, cutoff=_ALIKE) or difflib.get_close_matches(
            key, known, n=1, cutoff=_ALIKE
        )
        hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(sorted(known))}."
        place = record.key_place(*route, key)
        yield Problem(place, f"{where}the key {key!r} is unknown", hint if known else "", instead="".join(near))


def _refused(record: Record, error: Any, errors: list[Any], where: str) -> Iterator[Problem]:
    """Tell what is wrong with a value, or which key is missing unless it stands there in another spelling."""
    route = tuple(error.instance_path)
    place, what, kind = record.place(*route), where + error.message, error.kind
    if kind.name != "required":
        hint, instead = _meant(error)
        yield Problem(place, what, hint, instead=instead)
    elif not _is_misspelt(kind.property, route, errors):
        before = f"{kind.property}: …\n{' ' * max(place.column - 1, 0)}" if record.keys else ""
        yield Problem(place, what, f"Add {kind.property}: …", before=before)


def _known_keys(name: str, path: list[str | int]) -> list[str]:
    """Give the keys that a part of a schema knows, which a path leads to: its last step is additionalProperties."""
    schema: Any = load_schema(name)
    for step in path[:-1]:
        schema = schema[step]
    return list(schema.get("properties", {}))


def _is_missing(error: Any, route: Route) -> bool:
    return error.kind.name == "required" and tuple(error.instance_path) == route


def _is_misspelt(key: str, route: Route, errors: list[Any]) -> bool:
    """Say whether a missing key stands there in another spelling, which is told already."""
    strange = [
        one
        for error in errors
        if error.kind.name == "additionalProperties" and tuple(error.instance_path) == route
        for one in error.kind.unexpected
    ]
    return bool(difflib.get_close_matches(key, strange, n=1, cutoff=_ALIKE))


def _meant(error: Any) -> tuple[str, str]:
    """Give a hint, and what could be written instead of a value that the schema refuses."""
    kind, value = error.kind, error.instance
    if kind.name == "enum":
        options = [str(option) for option in kind.options]
        near = difflib.get_close_matches(str(value), options, n=1, cutoff=0.5)
        return (f"Did you mean {near[0]}?", near[0]) if near else (f"Choose one of {', '.join(options)}.", options[0])
    if kind.name == "type":
        return _as_type(value, kind.types)
    if kind.name == "pattern" and isinstance(value, str):
        local = re.sub(r"[^A-Za-z0-9_-]+", "-", value).strip("-")
        if re.search(kind.pattern, local):
            return f"Did you mean {local}?", local
    return "", ""


def _as_type(value: Any, types: list[str]) -> tuple[str, str]:
    """Write a value as the type that the schema wants."""
    if "array" in types and isinstance(value, str | int):
        return "Write it as a list, in brackets.", f"[{json.dumps(value, ensure_ascii=False)}]"
    if "string" in types and isinstance(value, bool | int):
        return "Write it in quotes.", json.dumps(str(value))
    if "integer" in types and isinstance(value, str) and _INTEGER.fullmatch(value):
        return "Write it without quotes.", value
    return "", ""


def scalar_ends(text: str) -> dict[tuple[int, int], tuple[int, int]]:
    """Give where each value and key of a YAML text ends, by where it starts; lines and columns from 1.

    A text that is not YAML has none.
    """
    found: dict[tuple[int, int], tuple[int, int]] = {}
    try:
        todo = [yaml.compose(text, Loader=_LOADER)]
    except yaml.YAMLError:
        return found
    while todo:
        node = todo.pop()
        if isinstance(node, yaml.ScalarNode):
            start, end = node.start_mark, node.end_mark
            found[start.line + 1, start.column + 1] = (end.line + 1, end.column + 1)
        elif isinstance(node, yaml.SequenceNode):
            todo += node.value
        elif isinstance(node, yaml.MappingNode):
            todo += [part for pair in node.value for part in pair]
    return found


def _value(node: yaml.Node, route: Route, record: Record) -> Any:
    """Give the value of a node, and note in the record where it and its parts stand."""
    here = record.positions[route] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if not node.tag.startswith(_TAG) or "python" in node.tag:
        raise InputError.at(Place(record.path, *here), f"this is not YAML: the tag {node.tag} means nothing here")
    if isinstance(node, yaml.ScalarNode):
        try:
            return _scalar(node)
        except ValueError as error:
            raise InputError.at(Place(record.path, *here), f"this is no number that can be used: {error}") from None
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*route, index), record) for index, item in enumerate(node.value)]
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, mark = str(key_node.value), key_node.start_mark
        place = record.keys[*route, key] = (mark.line + 1, mark.column + 1)
        if key in found:
            raise InputError.at(Place(record.path, *place), f"the key {key!r} stands here twice")
        found[key] = _value(value_node, (*route, key), record)
    return found


def _scalar(node: yaml.ScalarNode) -> Any:
    text = str(node.value)
    if node.style or node.tag == f"{_TAG}str":  # quoted, in a block, or tagged as text
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return int(text) if _INTEGER.fullmatch(text) else text


def _number(text: str) -> int | float:
    """JSON Schema takes 1.0 for an integer, so we do, too."""
    number = float(text)
    return int(number) if number.is_integer() else number


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands here twice")
        found[key] = value
    return found


def _mark(path: Path, error: yaml.MarkedYAMLError) -> Place:
    mark = error.problem_mark or error.context_mark
    return Place(path, mark.line + 1, mark.column + 1) if mark else Place(path)


def _yaml_problem(error: yaml.MarkedYAMLError) -> str:
    context = f" ({error.context})" if error.context else ""
    return f"this is not YAML: {error.problem}{context}"


def _yaml_hint(text: str, error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    lines = text.split("\n")
    if mark and mark.line < len(lines) and "\t" in lines[mark.line]:
        return "There is a tab in this line; YAML wants spaces."
    return "Text with a colon, a hash or quotes in it must itself stand in quotes."


def _starting_keys(name: str) -> str:
    required = load_schema(name).get("required", [])
    return f"It must at least say: {', '.join(required)}." if required else ""
