"""What the pages about the vocabulary and the shapes are given, in each of their states, with hostile text throughout."""

from typing import Any, Final

import pyoxigraph as ox

from lungkg.formats import GRAPHS
from lungkg.shapes.guide import Group, Guide, Rule, Target
from lungkg.shapes.showcase import Pair, Showcase, Shown
from lungkg.shapes.tally import Tally
from lungkg.web.shape_pages import Anchors
from lungkg.web.term_pages import Branch, Other, Term
from lungkg.web.thing_pages import Row, Section
from lungkg.web.thing_pages import Shown as ShownTerm
from lungkg.web.variants import Place

PREFIX: Final = "/deep%20er/kg"
HOSTILE: Final = "</td></details><script>alert(\"x\")</script><img src=x onerror='alert(1)'>&amp;"

VALUE: Final = ShownTerm(HOSTILE, HOSTILE, f"{PREFIX}/doc/entity/a", "http://example.org/a?b=<c>")
SAID: Final = (Row(VALUE, (VALUE, ShownTerm("Brot", language="de"))),)


class Names:
    """Calls every IRI the same."""

    def iri(self, iri: str) -> ShownTerm:
        """Show an IRI."""
        del iri
        return VALUE


def anchor(iri: str) -> str:
    """Give the end of an IRI that has one."""
    return iri.partition("#")[2]


RULE: Final = Rule(HOSTILE, HOSTILE, "urn:c#In", "urn:s#A", HOSTILE, values=12345, results=1, waived=1)
QUERY: Final = Rule(HOSTILE, "sh:sparql", "urn:c#S", "urn:s#K", HOSTILE, HOSTILE, HOSTILE, HOSTILE, off=True)
IDLE: Final = Rule(HOSTILE, HOSTILE * 3, "urn:c#In", "urn:s#P", HOSTILE, values=0, results=0, idle=True)
GROUPS: Final = (
    Group("urn:s#A", "", HOSTILE, HOSTILE, HOSTILE, "Violation", False, "", (RULE, QUERY)),
    Group("urn:s#P", HOSTILE, HOSTILE, HOSTILE, HOSTILE, "Warning", True, "one of several", (IDLE,)),
)
TARGETS: Final = (Target("every instance of", "urn:a#C"), Target("the node", "urn:a#n"))
GUIDES: Final = (
    Guide("urn:s#A", HOSTILE, HOSTILE, HOSTILE, "Violation", False, (), TARGETS, GROUPS, 44, HOSTILE),
    Guide("urn:s#Lost", HOSTILE, "", "", "Violation", False, (), (), ()),
    Guide("urn:s#Off", HOSTILE, "", "", "Violation", True, ("urn:s#A",), (), ()),
    Guide("urn:s#Empty", HOSTILE, "", "", "Violation", False, (), TARGETS[:1], (), 0),
)
EXAMPLE: Final = Shown(HOSTILE, HOSTILE, (HOSTILE,))

FRAME: Final[dict[str, Any]] = {
    "name": "ont", "place": Place("ont", "https://example.org/ont"), "versions": ["1.0"],
    "files": [(GRAPHS[0], f"{PREFIX}/ont.ttl")], "heads": [Section(VALUE, SAID)],
    "new_anchors": lambda: Anchors(anchor),
}  # fmt: skip
SHAPES: Final[dict[str, Any]] = {
    **FRAME, "name": "shapes", "names": Names(), "guides": GUIDES, "rules": 3,
    "tally": Tally({}, {}), "results": 1, "waived": 1, "status": f"{PREFIX}/status", "examples": HOSTILE, "examined": 1,
    "showcase": Showcase({"A": Pair(1, 2, EXAMPLE, EXAMPLE)}, {("A", "In"): 2}),
    "lost": [GUIDES[1]], "off": [GUIDES[2]], "unmet": [GUIDES[3]], "idle": [(GUIDES[0], IDLE)],
    "more": [("prefix-a", Section(VALUE, SAID)), ("", Section(VALUE, SAID))],
}  # fmt: skip


def term(name: str, **more: Any) -> Term:
    """Make a term, with everything that one may have unless something else is given."""
    everything: dict[str, Any] = {
        "kind": "classes", "definitions": (ox.Literal(HOSTILE),), "above": ("urn:a#B",), "below": ("urn:a#C",),
        "rows": SAID, "used": 12345, "used_below": 3, "examples": ((VALUE, None), (VALUE, VALUE)),
        "shapes": (("urn:s#A", ""), ("urn:s#P", "urn:a#B")), "deprecated": True, "instead": (VALUE, VALUE),
    }  # fmt: skip
    return Term(iri=f"urn:a#{name}", anchor=name, shown=VALUE, **{**everything, **more})


BARE: Final = {
    "definitions": (), "above": (), "below": (), "rows": SAID, "used": None, "used_below": 0, "examples": (),
    "shapes": (), "deprecated": False, "instead": (),
}  # fmt: skip
TERMS: Final = {
    "urn:a#A": term("A"),
    "urn:a#B": term("B", **{**BARE, "used": 0}),
    "urn:a#i": term("i", kind="individuals", **BARE),
}
ONTOLOGY: Final[dict[str, Any]] = {
    **FRAME, "names": Names(), "terms": TERMS, "asked": 500, "kinds": {"classes": 2, "individuals": 1},
    "trees": {
        "classes": (Branch(TERMS["urn:a#A"], (Branch(TERMS["urn:a#B"], ()),)),),
        "individuals": (Branch(TERMS["urn:a#i"], ()),),
    },
    "others_used": [Other(VALUE, (VALUE, VALUE), 3, (VALUE,)), Other(VALUE, (), None, ())], "deprecated": [TERMS["urn:a#A"]],
}  # fmt: skip

VOCABULARY_PAGES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "shapes": ("shapes.html", SHAPES),
    "shapes-uncounted": ("shapes.html", {**SHAPES, "tally": None, "results": None, "status": ""}),
    "shapes-of-an-old-release": ("shapes.html", {**SHAPES, "results": None}),
    "shapes-without-examples": ("shapes.html", {**SHAPES, "showcase": None, "status": ""}),
    "shapes-in-order": ("shapes.html", {**SHAPES, "lost": [], "off": [], "unmet": [], "idle": [], "more": []}),
    "shapes-none": ("shapes.html", {**SHAPES, "guides": (), "lost": [], "off": [], "unmet": [], "idle": []}),
    "ontology": ("ontology.html", ONTOLOGY),
    "ontology-empty": ("ontology.html", {**ONTOLOGY, "terms": {}, "trees": {}, "others_used": [], "deprecated": []}),
}  # fmt: skip
