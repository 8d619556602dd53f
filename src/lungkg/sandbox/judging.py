"""Does one task within the fence: reads, screens, examines, and writes the report.

Whatever goes wrong is told by the name of an error in a head, so that the server never has to look at what a
visitor sent.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from lungkg.errors import InputError, Place, QueryRefused, QuerySyntaxError
from lungkg.examination import Examination, Given, examine
from lungkg.namespaces import RDF, RDFS, SH
from lungkg.ontology import Ontology
from lungkg.report import Finding
from lungkg.reporting import Layout
from lungkg.reporting import write as written
from lungkg.reporting.listing import visible
from lungkg.sandbox import page
from lungkg.sandbox.entities import growing
from lungkg.sandbox.screening import not_run, screen_shapes
from lungkg.sandbox.task import PAGE, Task, Text
from lungkg.validation.files import Source, parsed
from lungkg.validation.unread import unread

Head = dict[str, Any]

_TARGETS: Final = frozenset(
    SH + name for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "target")
)
_TYPE: Final = RDF + "type"
_CLASS: Final = RDFS + "Class"
_LONGEST_LINE: Final = 1_000
"""Characters of a line that is shown in a problem; of a longer one only the column is told."""

_REMOTE_CONTEXT: Final = "LoadDocumentCallback"


class _TooLong(Exception):
    """There are more triples than are taken."""


def judge(task: Task) -> tuple[Head, bytes]:
    """Do a task; gives a head, and the report where there is one. Raises MemoryError and RecursionError."""
    try:
        given = _given(task)
        found = examine(given)
    except InputError as error:
        return _unreadable(error, task), b""
    except QueryRefused as error:
        return {"error": "refused", "message": str(error)}, b""
    except QuerySyntaxError as error:
        return {"error": "unreadable", "file": _shapes_name(task), "message": str(error), "hint": error.hint}, b""
    except _TooLong as error:
        return {"error": "long", "message": str(error)}, b""
    except ValueError as error:  # such as a list that goes in a circle
        name = _shapes_name(task) if task.own else task.data[0].name
        return {"error": "unreadable", "file": name, "message": f"this cannot be validated: {visible(str(error))}"}, b""
    report = found.report
    if task.own:
        report.notes += not_run(triple for source in given.shapes for triple in source.triples)
    report.notes += task.notes
    head = {"conforms": report.conforms, "fails": report.fails(task.threshold), "counts": report.counts()}
    return head, b"".join(_written(found, task))


def _written(found: Examination, task: Task) -> Iterable[bytes]:
    layout = Layout(task.group, task.limit, task.threshold)
    if task.format == PAGE:
        return page.write(found.report, layout)
    if task.format == "turtle" and found.results is not None and not task.context:
        return [found.results()]
    return written(found.report, task.format, layout)


# Reading -----------------------------------------------------------------------------------------


def _given(task: Task) -> Given:
    data = [_read(text, task) for text in task.data]
    shapes = [_read(text, task) if task.own else _known(text.name, text.content) for text in task.shapes]
    _count("data", data, task.most_triples)
    if task.own:
        _count("shapes", shapes, task.most_triples)
        screen_shapes(triple for source in shapes for triple in source.triples)
    chosen = [_chosen(source, task.chosen) for source in shapes] if task.chosen else shapes
    ontology = [_known("ontology", task.ontology)] if task.ontology else []
    declared = Ontology(tuple(triple for source in ontology for triple in source.triples), "").declared
    return Given(
        data,
        chosen,
        [] if task.own else ontology,
        declared,
        dict(task.prefixes),
        Place(Path(_shapes_name(task))),
        alone=task.own,
        unseen=not task.own,
        context=[_known("context", task.context)] if task.context else [],
    )


def _read(text: Text, task: Task) -> Source:
    place = Place(Path(text.name))
    form = ox.RdfFormat.from_media_type(text.media_type)
    if form is None:
        raise InputError.at(place, f"{text.media_type} is no RDF format")
    if b"\0" in text.content:
        line = text.content[: text.content.index(b"\0")].count(b"\n") + 1
        raise InputError.at(Place(place.path, line), "there is a NUL byte in it", "Save it as UTF-8 text.")
    if form == ox.RdfFormat.RDF_XML and (why := growing(text.content)):
        raise InputError.at(place, f"this is refused: {why}", "Write the text out, without entities.")
    try:
        return parsed(text.content, form, place, task.base)
    except InputError as error:
        if any(_REMOTE_CONTEXT in problem.what for problem in error.problems):
            hint = 'Write the context itself into the document, as {"@context": {…}}.'
            raise InputError.at(place, "its JSON-LD context is elsewhere, and nothing is fetched here", hint) from None
        raise


def _known(name: str, content: bytes) -> Source:
    """Read what the server itself wrote."""
    return parsed(content, ox.RdfFormat.N_TRIPLES, Place(Path(name)), "")


def _count(what: str, sources: list[Source], most: int) -> None:
    count = sum(len(source.triples) for source in sources)
    if count > most:
        raise _TooLong(f"The {what} have {count:,} triples; at most {most:,} are taken.")


def _chosen(source: Source, chosen: tuple[str, ...]) -> Source:
    """Leave out the targets of all shapes but those that were chosen; others stay, for to be referred to."""
    wanted = {ox.NamedNode(iri) for iri in chosen}

    def stays(triple: ox.Triple) -> bool:
        targets = triple.predicate.value in _TARGETS or (
            triple.predicate.value == _TYPE and triple.object == ox.NamedNode(_CLASS)
        )
        return not targets or triple.subject in wanted

    triples = [triple for triple in source.triples if stays(triple)]
    return Source(source.place, source.form, "", triples, source.prefixes, source.base)


def _shapes_name(task: Task) -> str:
    return task.shapes[0].name if task.shapes else "shapes"


# What cannot be read -----------------------------------------------------------------------------


def _unreadable(error: InputError, task: Task) -> Head:
    texts = {Path(one.name): one.content.decode("utf-8", "replace") for one in (*task.data, *task.shapes)}
    (finding, *_) = unread(error.problems, task.prefixes, texts)
    place = finding.place or Place(Path("data"))
    return {
        "error": "unreadable",
        "file": place.name,
        "message": visible(finding.message),
        "line": place.line,
        "column": place.column,
        "source": visible(finding.line) if len(finding.line) <= _LONGEST_LINE else "",
        "hint": _hint(finding),
    }


def _hint(finding: Finding) -> str:
    if finding.mend is None:
        return ""
    return f"{finding.mend.text}\n{finding.mend.snippet}".strip()
