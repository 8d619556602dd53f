"""A copy of the bakery with shapes and terms that stand out: shapes that warn or check nothing, terms given up."""

import shutil
from pathlib import Path
from typing import Final

from lungkg.project import Project, load_project

BAKERY: Final = Path(__file__).parent / "other_project"
OWN: Final = "https://example.org/bakery/shapes#"

SHAPES: Final = """
@prefix bakery: <https://example.org/bakery/ont#> .
@prefix rdfs:   <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh:     <http://www.w3.org/ns/shacl#> .
@prefix shapes: <https://example.org/bakery/shapes#> .
@prefix skos:   <http://www.w3.org/2004/02/skos/core#> .

shapes:NamelessShape a sh:NodeShape ; sh:severity sh:Warning ; sh:targetClass bakery:Ingredient ;
    sh:property shapes:Nameless-label , shapes:Nameless-note ; rdfs:label "nameless <ingredient>"@en .
shapes:Nameless-label a sh:PropertyShape ; sh:severity sh:Warning ; sh:path rdfs:label ; sh:maxCount 0 ;
    sh:or ( [ sh:class bakery:Ingredient ] [ sh:minLength 1 ] ) ; sh:name "label"@en ; sh:message "It has a name."@en .
shapes:Nameless-note a sh:PropertyShape ; sh:path skos:scopeNote ; sh:minLength 1 ; sh:message "Say more."@en .

shapes:LostShape a sh:NodeShape ; rdfs:label "lost"@en ; sh:property shapes:Lost-label .
shapes:Lost-label a sh:PropertyShape ; sh:path rdfs:label ; sh:minCount 1 ; sh:message "It has no name."@en .
shapes:EmptyShape a sh:NodeShape ; sh:targetSubjectsOf skos:changeNote ; sh:nodeKind sh:IRI ; rdfs:label "empty"@en .
shapes:OffShape a sh:NodeShape ; sh:targetClass bakery:Ingredient ; sh:deactivated true ; sh:nodeKind sh:Literal ;
    rdfs:label "off"@en .
"""

TERMS: Final = """
@prefix bakery:  <https://example.org/bakery/ont#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix ont:     <https://w3id.org/lungkg/ont#> .
@prefix owl:     <http://www.w3.org/2002/07/owl#> .
@prefix rdfs:    <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos:    <http://www.w3.org/2004/02/skos/core#> .

bakery:Additive a owl:Class ; rdfs:subClassOf bakery:Ingredient , [ a owl:Restriction ; owl:onProperty bakery:goesWith ;
        owl:someValuesFrom bakery:Bread ] ;
    rdfs:label "additive <old>"@en ; skos:definition "What is added."@en ;
    owl:deprecated true ; dcterms:isReplacedBy bakery:Ingredient .
bakery:goesWith a owl:ObjectProperty ; rdfs:label "goes with"@en ; skos:definition "Is eaten beside it."@en ;
    rdfs:domain [ a owl:Class ; owl:unionOf ( bakery:Bread bakery:Ingredient ) ] .
bakery:Claim a owl:Class ; rdfs:label "claim for a refund"@en .
bakery:Egg a owl:Class ; rdfs:subClassOf bakery:Hen ; rdfs:label "egg"@en .
bakery:Hen a owl:Class ; rdfs:subClassOf bakery:Egg ; rdfs:label "hen"@en .
"""


def odd_project(root: Path) -> Project:
    """Copy the bakery, and add these shapes and terms."""
    shutil.copytree(BAKERY, root)
    (root / "ontology" / "odd.ttl").write_text(TERMS, "utf-8")
    (root / "shapes" / "odd.ttl").write_text(SHAPES, "utf-8")
    return load_project(root)
