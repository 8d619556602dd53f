"""/validate: a visitor's RDF held against the project's shapes or the visitor's own, as a page and for programs.

Nothing that was sent is kept, and nothing of it is parsed or validated in this process: see `lungkg.sandbox`.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import HTTPException

from lungkg.errors import BadParameter, LungkgError
from lungkg.formats import GRAPHS
from lungkg.limits import Limits
from lungkg.reporting.listing import visible
from lungkg.sandbox import Outcome, Sandbox, Task, Text
from lungkg.sandbox.task import PAGE
from lungkg.web import problems
from lungkg.web.answers import root
from lungkg.web.described import Documents
from lungkg.web.kept import Kept
from lungkg.web.service import Served, Service
from lungkg.web.validate_asked import EXAMPLES, KEPT, REPORTS, Asked, read
from lungkg.web.validate_page import shown
from lungkg.web.validate_release import Rules, ours, rules_of

_PAGE: Final = REPORTS[1]

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""What no page can hold; it is shown by signs, so that it can be found and taken out."""

_PREFIXES: Final = """\
@prefix ex:   <https://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
_EXAMPLES: Final = {
    "passing": f"""{_PREFIXES}
ex:atlas a ex:Book ;
    rdfs:label "atlas"@en ;
    ex:pages 320 .
""",
    "failing": f"""{_PREFIXES}
ex:atlas a ex:Book ;
    rdfs:label "atlas"@en , "book of maps"@en ;
    ex:pages "many" .
""",
}
"""Data for the form: about nothing in particular, so that they are examples in any project."""

_SHAPES: Final = f"""{_PREFIXES}\
@prefix rdf:  <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix sh:   <http://www.w3.org/ns/shacl#> .
@prefix xsd:  <http://www.w3.org/2001/XMLSchema#> .

ex:BookShape a sh:NodeShape ;
    sh:targetClass ex:Book ;
    sh:property ex:Book-label , ex:Book-pages .

ex:Book-label a sh:PropertyShape ;
    sh:path rdfs:label ; sh:datatype rdf:langString ; sh:minCount 1 ; sh:maxCount 1 ;
    sh:message "A book has one label, in a language." .

ex:Book-pages a sh:PropertyShape ;
    sh:path ex:pages ; sh:datatype xsd:integer ; sh:minCount 1 ;
    sh:message "A book has a number of pages." .
"""
"""The shapes for both."""


def blueprint(service: Service, limits: Limits, documents: Documents, sandbox: Sandbox) -> Blueprint:
    """Make /validate."""
    routes = Blueprint("validate", __name__)
    desk = _Desk(limits, documents, sandbox)

    @routes.route("/validate", methods=["GET", "POST"])
    def validate() -> Response:
        with service.lease() as served:
            return desk.answer(served)

    return routes


@dataclass(frozen=True)
class _Job:
    """A task that was made of a request, with what the page needs: the text, its path on this site, the shapes."""

    task: Task
    data: Text
    path: str
    chosen: tuple[str, ...]


class _Desk:
    def __init__(self, limits: Limits, documents: Documents, sandbox: Sandbox) -> None:
        self._limits, self._documents, self._sandbox = limits, documents, sandbox
        self._rules: Kept[Rules] = Kept(lambda served: rules_of(documents.describer(served)))

    def answer(self, served: Served) -> Response:
        """Answer a request: with the form when it says nothing, else with the report."""
        asked: Asked | None = None
        try:
            asked = read(self._limits)
            if asked.empty:
                if request.method == "POST":
                    raise BadParameter("data", "is missing: send RDF, as text or as a file, or the url of a thing")
                return self._form(served, asked)
            return self._validated(served, asked)
        except (LungkgError, HTTPException) as error:
            if not (problems.wants_page() or (asked is not None and asked.format == _PAGE)):
                return problems.answer(error)
            return self._problem(served, asked, error)

    def _validated(self, served: Served, asked: Asked) -> Response:
        rules = self._rules.of(served)
        job = self._job(served, rules, asked)
        arrived, gone = (request.environ.get(name) for name in ("lungkg.began", "lungkg.cancelled"))
        outcome = self._sandbox.run(job.task, asked.timeout, arrived, gone)
        if asked.format == _PAGE:
            response = self._page(served, rules, asked, job, outcome)
        else:
            response = Response(outcome.body, content_type=asked.format.content_type)
        told = {"X-Conforms": outcome.conforms, "X-Fails": outcome.fails}
        for name, value in told.items():
            response.headers[name] = str(value).lower()
        if asked.own is None:
            response.headers["Link"] = f'<{root()}/shapes>; rel="related"'
        response.headers["Cache-Control"] = "no-store"
        return response

    def _job(self, served: Served, rules: Rules, asked: Asked) -> _Job:
        """Gather what is to be validated against what."""
        project, data, context, path = served.project, asked.data, b"", ""
        if asked.url:
            found = ours(asked.url, self._documents.describer(served), self._documents.ask(served))
            data, context, path = found.text, found.context, found.path
        if data is None:
            raise BadParameter("data", "is missing")
        chosen = rules.chosen(asked.shapes)
        shapes = asked.own or Text("shapes.nt", "application/n-triples", rules.shapes)
        task = Task(
            (data,),
            (shapes,),
            asked.own is not None,
            project.base,
            project.prefixes,
            self._limits.data_triples,
            rules.ontology,
            context,
            chosen,
            PAGE if asked.format == _PAGE else asked.format.name,
            asked.group,
            asked.limit,
            asked.threshold,
            (_against(served, chosen),) if asked.own is None else (),
        )
        return _Job(task, data, path, chosen)

    # Pages ---------------------------------------------------------------------------------------

    def _form(self, served: Served, asked: Asked) -> Response:
        response = self._rendered(served, asked)
        response.headers["Cache-Control"] = "no-cache"
        return response

    def _page(self, served: Served, rules: Rules, asked: Asked, job: _Job, outcome: Outcome) -> Response:
        texts = [("data", job.data)] + ([("shapes", asked.own)] if asked.own else [])
        place_of = (lambda _: "") if asked.own else rules.permalink
        used = [rules.offered[iri] for iri in job.chosen]
        made = shown(outcome.body, texts, place_of)
        return self._rendered(served, asked, shown=made, path=job.path, used=used)

    def _problem(self, served: Served, asked: Asked | None, error: LungkgError | HTTPException) -> Response:
        """Show what is wrong above the form."""
        told = problems.describe(error)
        response = problems.finish(self._rendered(served, asked, problem=told), told)
        if isinstance(error, HTTPException):
            for name, value in error.get_headers():
                if name.lower() == "allow":
                    response.headers[name] = value
        return response

    def _rendered(self, served: Served, asked: Asked | None, **more: Any) -> Response:
        try:
            rules: Rules | None = self._rules.of(served)
        except LungkgError:  # the engine does not answer now: the form is there without the list
            rules = None
        texts = dict(asked.written) if asked else _pasted()
        if asked and asked.example:
            texts = {"data": _EXAMPLES[asked.example], "own-shapes": _SHAPES}
        return Response(
            render_template(
                "validate.html",
                rules=rules,
                asked=asked,
                texts={name: _CONTROL.sub(lambda found: visible(found[0]), text) for name, text in texts.items()},
                examples=EXAMPLES,
                reports=REPORTS,
                data_formats=GRAPHS,
                **more,
            )
        )


def _against(served: Served, chosen: tuple[str, ...]) -> str:
    what = f"{len(chosen)} of the project's shapes" if chosen else "the project's shapes"
    return f"Validated against {what} in release {served.release.id[:12]} of {served.release.info['date']}."


def _pasted() -> dict[str, str]:
    """Give the texts of a form that has a mistake elsewhere, so that nothing has to be typed again."""
    return {name: request.form[name].replace("\r\n", "\n") for name in KEPT if name in request.form}
