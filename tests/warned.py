"""The bakery with shapes that find something: warnings of which one is waived, infos, and a rule that derives nothing."""

from pathlib import Path
from typing import Final

from lungkg.project import Project, load_project
from tests.bakery import copy

SHAPES: Final = "https://example.org/bakery/shapes#"
ENTITY: Final = "https://example.org/bakery/id/entity/"
NAMED: Final = """
@prefix bakery:  <https://example.org/bakery/ont#> .
@prefix rdfs:    <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh:      <http://www.w3.org/ns/shacl#> .
@prefix shapes:  <https://example.org/bakery/shapes#> .
@prefix skos:    <http://www.w3.org/2004/02/skos/core#> .

shapes:BreadShape a sh:NodeShape ; sh:targetClass bakery:Bread ; rdfs:label "bread"@en ;
    sh:property shapes:Bread-altLabel , [ sh:path skos:definition ; sh:minLength 50 ; sh:severity sh:Info ] .
shapes:Bread-altLabel a sh:PropertyShape ; sh:severity sh:Warning ; sh:path skos:altLabel ; sh:minCount 1 ;
    sh:name "other name"@en ; sh:message "This bread has no other name."@en .
"""
WAIVED: Final = f"""waivers:
  - check: {SHAPES}Bread-altLabel
    only: [{ENTITY}loaf]
    reason: A loaf is a loaf.
    by: the bakers' guild
    until: "2099-12-31"
"""
IDLE: Final = "#+ summary: nothing\n#+ description: A rule that derives nothing.\nCONSTRUCT { ?a ?b ?c } WHERE { ?a ?b ?c FILTER(false) }\n"


def warned(root: Path) -> Project:
    """Copy the bakery to a folder, with more shapes; of three breads none has another name, and two say little."""
    project = copy(root)
    (root / "shapes" / "bread.ttl").write_text(NAMED, "utf-8")
    (root / "data" / "waivers.yaml").write_text(WAIVED, "utf-8")
    (root / "ontology" / "rules" / "idle.rq").write_text(IDLE, "utf-8")
    return load_project(project.root)
