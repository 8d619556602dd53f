"""Turns the values of lungkg.model into quads: the only module that knows the shape of the graph.

Every literal is one that Oxigraph keeps as written (strings, integers, dateTimes, lower-case language
tags), and nothing here is a blank node. The shape is described in docs/reference/model.md.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

import pyoxigraph as ox

from lungkg.model import Assumption, Claim, Curated, Document, Entity, Gloss, Mapping, Sentence, Span
from lungkg.namespaces import (
    BIOLINK,
    CITO,
    CURATOR_INFERENCE,
    DCTERMS,
    OA,
    ONT,
    PROV,
    RDF,
    RDFS,
    SKOS,
    TRACEABLE_STATEMENT,
    UNTRACEABLE_STATEMENT,
    XSD,
    Minter,
)
from lungkg.project import Project
from lungkg.sources import Vocabulary

Value = ox.NamedNode | ox.Literal

A: Final = ox.NamedNode(RDF + "type")
LABEL: Final = ox.NamedNode(RDFS + "label")
COMMENT: Final = ox.NamedNode(RDFS + "comment")
IDENTIFIER: Final = ox.NamedNode(DCTERMS + "identifier")
NOTE: Final = ox.NamedNode(ONT + "curatorNote")
PREF_LABEL: Final = ox.NamedNode(SKOS + "prefLabel")
ALT_LABEL: Final = ox.NamedNode(SKOS + "altLabel")
DEFINITION: Final = ox.NamedNode(SKOS + "definition")
BROADER: Final = ox.NamedNode(SKOS + "broader")
CATEGORY: Final = ox.NamedNode(BIOLINK + "category")
SUBJECT: Final = ox.NamedNode(BIOLINK + "subject")
PREDICATE: Final = ox.NamedNode(BIOLINK + "predicate")
OBJECT: Final = ox.NamedNode(BIOLINK + "object")
KNOWLEDGE_LEVEL: Final = ox.NamedNode(BIOLINK + "knowledge_level")
AGENT_TYPE: Final = ox.NamedNode(BIOLINK + "agent_type")
CITES: Final = ox.NamedNode(CITO + "citesAsEvidence")
GENERATED_BY: Final = ox.NamedNode(PROV + "wasGeneratedBy")
HAS_SOURCE: Final = ox.NamedNode(OA + "hasSource")
HAS_SELECTOR: Final = ox.NamedNode(OA + "hasSelector")
START: Final = ox.NamedNode(OA + "start")
END: Final = ox.NamedNode(OA + "end")
EXACT: Final = ox.NamedNode(OA + "exact")
SPECIFIC_RESOURCE: Final = ox.NamedNode(OA + "SpecificResource")
POSITION_SELECTOR: Final = ox.NamedNode(OA + "TextPositionSelector")
QUOTE_SELECTOR: Final = ox.NamedNode(OA + "TextQuoteSelector")
EVIDENCE_TYPE: Final = ox.NamedNode(ONT + "evidenceType")
STATED_IN: Final = ox.NamedNode(ONT + "statedIn")
IN_SENTENCE: Final = ox.NamedNode(ONT + "inSentence")
IN_DOCUMENT: Final = ox.NamedNode(ONT + "inDocument")
IN_CONTEXT: Final = ox.NamedNode(ONT + "inContext")
SOURCE: Final = ox.NamedNode(ONT + "source")
NUMBER: Final = ox.NamedNode(ONT + "number")
_INTEGER: Final = ox.NamedNode(XSD + "integer")
_DATE_TIME: Final = ox.NamedNode(XSD + "dateTime")
_GRAPHS_WRITTEN: Final = ("ontology", "entities", "documents", "claims", "edges", "background")


def ont(local: str) -> ox.NamedNode:
    """Name a term of the core vocabulary."""
    return ox.NamedNode(ONT + local)


def english(text: str) -> ox.Literal:
    """Make an English text."""
    return ox.Literal(text, language="en")


def integer(number: int) -> ox.Literal:
    """Make an xsd:integer."""
    return ox.Literal(str(number), datatype=_INTEGER)


def instant(day: str) -> ox.Literal:
    """Make the xsd:dateTime of the first instant of a day (ISO 8601, UTC)."""
    return ox.Literal(f"{day}T00:00:00Z", datatype=_DATE_TIME)


class Writer:
    """Writes a project's values as quads in the fixed named graphs, below the project's base."""

    def __init__(self, project: Project, vocabulary: Vocabulary) -> None:
        self.project, self.vocabulary = project, vocabulary
        self.iris = Minter(project.base)
        self.graphs = {name: ox.NamedNode(self.iris.graph(name)) for name in _GRAPHS_WRITTEN}
        self.curators = self._thing("agent", "curators")

    def shared(self, mappings: Iterable[Mapping]) -> Iterator[ox.Quad]:
        """Write what all documents share: entities, mappings, assumptions, the curators."""
        for entity in self.vocabulary.entities.values():
            yield from self._in("entities", self._thing("entity", entity.id), self._entity(entity))
        for mapping in mappings:
            subject = ox.NamedNode(self.project.rebase(mapping.subject))
            graph = "entities" if subject.value.startswith(self.iris.thing("entity", "")) else "ontology"
            yield from self._in(graph, subject, [(mapping.predicate, ox.NamedNode(mapping.object))])
        for assumption in self.vocabulary.assumptions.values():
            yield from self._assumption(assumption)
        yield from self._in(
            "documents",
            self.curators,
            [(A, ox.NamedNode(PROV + "Organization")), (LABEL, english(self.project.curators))],
        )

    def document(self, curated: Curated) -> Iterator[ox.Quad]:
        """Write one document with its sentences, references, glosses, claims and their plain edges."""
        document = curated.document
        yield from self._document(document)
        for sentence in document.sentences:
            yield from self._sentence(document, sentence)
        for number in document.references:
            yield from self._in(
                "documents",
                self._thing("reference", f"{document.id}-{number}"),
                [
                    (A, ont("Reference")),
                    (LABEL, english(f"reference [{number}] of {document.id}")),
                    (NUMBER, integer(number)),
                    (IN_DOCUMENT, self._thing("document", document.id)),
                ],
            )
        for gloss in curated.glosses:
            yield from self._gloss(document, gloss)
        for claim in curated.claims:
            yield from self._claim(document, claim)
            if claim.polarity == "Affirmed":
                yield self._edge(claim)

    # One method a kind of thing, each giving (property, value) pairs or quads.

    def _entity(self, entity: Entity) -> Iterator[tuple[ox.NamedNode | str, Value]]:
        kind = self.project.ont + entity.kind
        yield A, ox.NamedNode(kind)
        yield LABEL, english(entity.label)
        yield PREF_LABEL, english(entity.label)
        yield DEFINITION, english(entity.definition)
        for label in entity.alt_labels:
            yield ALT_LABEL, english(label)
        for wider in entity.broader:
            yield BROADER, self._thing("entity", wider)
        category = self.vocabulary.ontology.category(kind)
        if category:
            yield CATEGORY, ox.NamedNode(category)
        if entity.note:
            yield NOTE, english(entity.note)

    def _assumption(self, assumption: Assumption) -> Iterator[ox.Quad]:
        node = self._thing("assumption", assumption.id)
        pairs: list[tuple[ox.NamedNode | str, Value]] = [
            (A, ont("BackgroundAssumption")),
            (LABEL, english(assumption.label)),
            (COMMENT, english(assumption.comment)),
            (EVIDENCE_TYPE, ox.NamedNode(CURATOR_INFERENCE)),
            (AGENT_TYPE, ox.Literal("manual_agent")),
        ]
        if assumption.narrower:
            narrower = self._thing("entity", assumption.narrower)
            broader = self._thing("entity", assumption.broader)
            pairs += [(ont("assumesNarrower"), narrower), (ont("assumesBroader"), broader)]
            yield from self._in("background", narrower, [(ont("withinContext"), broader)])
        else:
            entity = self._thing("entity", assumption.entity)
            pairs.append((ont("assumesEntity"), entity))
            pairs += [(ont("assumesName"), ox.Literal(name)) for name in assumption.names]
            yield from self._in("background", entity, [(ALT_LABEL, english(name)) for name in assumption.names])
        yield from self._in("background", node, pairs)

    def _document(self, document: Document) -> Iterator[ox.Quad]:
        node = self._thing("document", document.id)
        pairs: list[tuple[ox.NamedNode | str, Value]] = [
            (A, ont("Document")),
            (LABEL, english(f"document {document.id}")),
            (IDENTIFIER, ox.Literal(document.id)),
            (ont("text"), ox.Literal(document.text)),
            (ont("sha256"), ox.Literal(document.sha256)),
            (ont("characterCount"), integer(len(document.text))),
            (DCTERMS + "language", ox.Literal(document.language)),
            (DCTERMS + "rights", ox.Literal(document.rights)),
        ]
        if document.origin:
            pairs.append((DCTERMS + "source", ox.Literal(document.origin)))
        if document.note:
            pairs.append((NOTE, english(document.note)))
        yield from self._in("documents", node, pairs)
        yield from self._in(
            "documents",
            self._thing("activity", f"curation-{document.id}"),
            [
                (A, ox.NamedNode(PROV + "Activity")),
                (LABEL, english(f"reading of {document.id}")),
                (PROV + "used", node),
                (PROV + "wasAssociatedWith", self.curators),
                (PROV + "endedAtTime", instant(document.curated)),
            ],
        )

    def _sentence(self, document: Document, sentence: Sentence) -> Iterator[ox.Quad]:
        node = self._thing("sentence", f"{document.id}-{sentence.id}")
        yield from self._in(
            "documents",
            node,
            [
                (A, ont("Sentence")),
                (LABEL, english(f"sentence {sentence.id} of {document.id}")),
                (IDENTIFIER, ox.Literal(sentence.id)),
                (NUMBER, integer(sentence.number)),
                (IN_DOCUMENT, self._thing("document", document.id)),
            ],
        )
        yield from self._span("documents", node, SOURCE, "source", sentence.span, document)

    def _gloss(self, document: Document, gloss: Gloss) -> Iterator[ox.Quad]:
        node = self._thing("gloss", f"{document.id}-{gloss.id}")
        yield from self._in(
            "claims",
            node,
            [
                (A, ont("Gloss")),
                (LABEL, english(f"{gloss.id}: {gloss.abbreviation} stands for {gloss.expansion}")),
                (IDENTIFIER, ox.Literal(gloss.id)),
                (ont("abbreviation"), ox.Literal(gloss.abbreviation)),
                (ont("expansion"), ox.Literal(gloss.expansion)),
                (ont("glosses"), self._thing("entity", gloss.entity)),
                *self._stated(document, gloss.sentence),
            ],
        )
        yield from self._span("claims", node, SOURCE, "source", gloss.source, document)

    def _claim(self, document: Document, claim: Claim) -> Iterator[ox.Quad]:
        node = self._thing("claim", f"{document.id}-{claim.id}")
        yield from self._in("claims", node, self._claim_pairs(document, claim))
        yield from self._span("claims", node, SOURCE, "source", claim.source, document)
        yield from self._span("claims", node, ont("focus"), "focus", claim.focus, document)
        for number, hedge in enumerate(claim.hedges, start=1):
            yield from self._span("claims", node, ont("hedge"), f"hedge-{number}", hedge, document)

    def _claim_pairs(self, document: Document, claim: Claim) -> Iterator[tuple[ox.NamedNode | str, Value]]:
        evidence = TRACEABLE_STATEMENT if claim.citations else UNTRACEABLE_STATEMENT
        yield A, ont("Claim")
        yield LABEL, english(f"{claim.id}: {self._sentence_for(claim)}")
        yield IDENTIFIER, ox.Literal(claim.id)
        yield SUBJECT, self._thing("entity", claim.subject)
        yield PREDICATE, ox.NamedNode(self.project.ont + claim.relation)
        yield OBJECT, self._thing("entity", claim.object)
        yield ont("polarity"), ont(claim.polarity)
        yield ont("certainty"), ont(claim.certainty)
        yield EVIDENCE_TYPE, ox.NamedNode(evidence)
        yield KNOWLEDGE_LEVEL, ox.Literal("knowledge_assertion")
        yield AGENT_TYPE, ox.Literal("manual_agent")
        yield GENERATED_BY, self._thing("activity", f"curation-{document.id}")
        yield from self._stated(document, claim.sentence)
        yield from ((IN_CONTEXT, self._thing("entity", context)) for context in claim.contexts)
        yield from ((ont("contextText"), ox.Literal(words)) for words in claim.context_texts)
        yield from ((ont("hedgeText"), ox.Literal(hedge.quote)) for hedge in claim.hedges)
        yield from ((CITES, self._thing("reference", f"{document.id}-{n}")) for n in claim.citations)
        yield from ((ont("mechanismOf"), self._thing("claim", f"{document.id}-{i}")) for i in claim.mechanism_of)
        yield from ((ont("followsFrom"), self._thing("claim", f"{document.id}-{i}")) for i in claim.follows_from)
        yield from ((ont("restsOn"), self._thing("assumption", assumption)) for assumption in claim.rests_on)
        if claim.note:
            yield NOTE, english(claim.note)

    def _stated(self, document: Document, sentence: str) -> Iterator[tuple[ox.NamedNode | str, Value]]:
        yield STATED_IN, self._thing("document", document.id)
        yield IN_SENTENCE, self._thing("sentence", f"{document.id}-{sentence}")

    def _sentence_for(self, claim: Claim) -> str:
        entities, ontology = self.vocabulary.entities, self.vocabulary.ontology
        relation = ontology.label(self.project.ont + claim.relation)
        negation = "" if claim.polarity == "Affirmed" else "not: "
        context = " and ".join(entities[local].label for local in claim.contexts)
        words = f"{negation}{entities[claim.subject].label} {relation} {entities[claim.object].label}"
        return words + (f" (in: {context})" if context else "")

    def _edge(self, claim: Claim) -> ox.Quad:
        return ox.Quad(
            self._thing("entity", claim.subject),
            ox.NamedNode(self.project.ont + claim.relation),
            self._thing("entity", claim.object),
            self.graphs["edges"],
        )

    def _span(
        self, graph: str, node: ox.NamedNode, link: ox.NamedNode, name: str, span: Span, document: Document
    ) -> Iterator[ox.Quad]:
        """Write a span as fragments of its node: #source with #position and #quote, #focus with #focus-position …"""
        prefix = "" if name == "source" else f"{name}-"
        target = ox.NamedNode(f"{node.value}#{name}")
        position = ox.NamedNode(f"{node.value}#{prefix}position")
        quote = ox.NamedNode(f"{node.value}#{prefix}quote")
        return chain(
            self._in(graph, node, [(link, target)]),
            self._in(
                graph,
                target,
                [
                    (A, SPECIFIC_RESOURCE),
                    (HAS_SOURCE, self._thing("document", document.id)),
                    (HAS_SELECTOR, position),
                    (HAS_SELECTOR, quote),
                ],
            ),
            self._in(
                graph,
                position,
                [(A, POSITION_SELECTOR), (START, integer(span.start)), (END, integer(span.end))],
            ),
            self._in(graph, quote, [(A, QUOTE_SELECTOR), (EXACT, ox.Literal(span.quote))]),
        )

    def _thing(self, kind: str, local: str) -> ox.NamedNode:
        return ox.NamedNode(self.iris.thing(kind, local))

    def _in(
        self, graph: str, subject: ox.NamedNode, pairs: Iterable[tuple[ox.NamedNode | str, Value]]
    ) -> Iterator[ox.Quad]:
        name = self.graphs[graph]
        for predicate, value in pairs:
            node = predicate if isinstance(predicate, ox.NamedNode) else ox.NamedNode(predicate)
            yield ox.Quad(subject, node, value, name)
