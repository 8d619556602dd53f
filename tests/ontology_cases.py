"""For each check of ontologies that is a query: Turtle that it finds fault with, Turtle that it passes.

The fault is a small change of what passes wherever that is possible. Local names of the terms that are found
stand in the order of their IRIs.
"""

from typing import Final, NamedTuple

PREFIXES: Final = """
@prefix : <https://example.org/ont#> .
@prefix other: <https://example.com/ont#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix oio: <http://www.geneontology.org/formats/oboInOwl#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


class Case(NamedTuple):
    """What fails, what passes, and the local names of the terms that are found in what fails."""

    fails: str
    passes: str
    found: str


ROBOT: Final = {
    "annotation_whitespace": Case(':A rdfs:comment "loose " .', ':A rdfs:comment "tight" ; rdfs:label " a" .', "A"),
    "deprecated_boolean_datatype": Case(':A owl:deprecated "yes" .', ":A owl:deprecated true .", "A"),
    "deprecated_class_reference": Case(
        ":Old a owl:Class ; owl:deprecated true . :A rdfs:subClassOf :Old . "
        ":B owl:equivalentClass [ owl:intersectionOf ( :A [ owl:onProperty :p ; owl:someValuesFrom :Old ] ) ] .",
        ":Old a owl:Class ; owl:deprecated true ; rdfs:seeAlso :New . :A rdfs:subClassOf :New .",
        "A B",
    ),
    "deprecated_property_reference": Case(
        ":old a owl:ObjectProperty ; owl:deprecated true . :p rdfs:subPropertyOf :old . "
        ":A rdfs:subClassOf [ owl:onProperty :old ; owl:someValuesFrom :B ] . :q owl:propertyChainAxiom ( :p :old ) .",
        ":old a owl:ObjectProperty ; owl:deprecated true . :p rdfs:subPropertyOf :new .",
        "A p q",
    ),
    "duplicate_definition": Case(
        ':A skos:definition "A loaf."@en . :B skos:definition "A loaf."@en .',
        ':A skos:definition "A loaf."@en . :B skos:definition "A roll."@en . '
        ':C skos:definition "A loaf."@en ; owl:deprecated true .',
        "A",
    ),
    "duplicate_exact_synonym": Case(
        ':A oio:hasExactSynonym "bun" . :B oio:hasExactSynonym "bun" .',
        ':A oio:hasExactSynonym "bun" . :B oio:hasBroadSynonym "bun" .',
        "A",
    ),
    "duplicate_label": Case(
        ':A a owl:Class ; rdfs:label "loaf"@en . :p a owl:ObjectProperty ; rdfs:label "loaf"@en .',
        ':A a owl:Class ; rdfs:label "loaf"@en . :B a owl:Class ; rdfs:label "Brot"@de , "roll"@en .',
        "A",
    ),
    "duplicate_label_synonym": Case(
        ':A rdfs:label "bun" . :B skos:altLabel "bun" .', ':A rdfs:label "bun" . :B skos:altLabel "roll" .', "A"
    ),
    "duplicate_scoped_synonym": Case(
        ':A oio:hasExactSynonym "bun" ; oio:hasBroadSynonym "bun" .',
        ':A oio:hasExactSynonym "bun" ; oio:hasBroadSynonym "bread" .',
        "A",
    ),
    "equivalent_class_axiom_no_genus": Case(
        ":A owl:equivalentClass [ owl:onProperty :p ; owl:someValuesFrom :B ] . "
        ":C owl:equivalentClass [ owl:intersectionOf ( [ owl:onProperty :p ; owl:someValuesFrom :B ] ) ] .",
        ":A owl:equivalentClass [ owl:intersectionOf ( :C [ owl:onProperty :p ; owl:someValuesFrom :B ] ) ] .",
        "A C",
    ),
    "equivalent_pair": Case(
        ":A owl:equivalentClass :B .", ":A owl:equivalentClass [ owl:unionOf ( :B :C ) ] , :A .", "A"
    ),
    "illegal_use_of_built_in_vocabulary": Case(
        "rdf:type rdfs:subPropertyOf :p .",
        'rdfs:label a owl:AnnotationProperty ; rdfs:label "label" ; skos:altLabel "name" .',
        "type",
    ),
    "invalid_entity_uri": Case(
        "<https://purl.obolibrary.org/obo/EX_1> a owl:Class . <http://purl.obolibrary.org/EX_2> a owl:Class .",
        "obo:EX_1 a owl:Class .",
        "EX_2 EX_1",
    ),
    "invalid_xref": Case(':A oio:hasDbXref "see there" .', ':A oio:hasDbXref "EX:0001" .', "A"),
    "label_formatting": Case(':A rdfs:label "two\\nlines" .', ':A rdfs:label "one line" .', "A"),
    "label_whitespace": Case(':A rdfs:label "loaf " . :B rdfs:label " roll" .', ':A rdfs:label "a loaf" .', "A B"),
    "lowercase_definition": Case(
        ':A skos:definition "a loaf." . :B obo:IAO_0000115 "éclat." .', ':A skos:definition "A loaf." .', "A B"
    ),
    "missing_definition": Case(
        ':A a owl:Class . :p a owl:AnnotationProperty ; rdfs:comment "no definition" .',
        ':A a owl:Class ; obo:IAO_0000115 "A." . :B a owl:Class ; owl:deprecated true . [] a owl:Class .',
        "A p",
    ),
    "missing_label": Case(
        ":A a owl:Class . :i a owl:NamedIndividual .",
        ':A a owl:Class ; rdfs:label "a" . :B a owl:Class ; owl:deprecated true . [] a owl:Class . :x a :A .',
        "A i",
    ),
    "missing_obsolete_label": Case(
        ':A rdfs:label "loaf" ; owl:deprecated true .', ':A rdfs:label "obsolete loaf" ; owl:deprecated true .', "A"
    ),
    "missing_ontology_description": Case(
        "<urn:x:o> a owl:Ontology .", '<urn:x:o> a owl:Ontology ; dcterms:description "All." .', "urn:x:o"
    ),
    "missing_ontology_license": Case(
        "<urn:x:o> a owl:Ontology .", "<urn:x:o> a owl:Ontology ; dcterms:license <urn:x:free> .", "urn:x:o"
    ),
    "missing_ontology_title": Case(
        "<urn:x:o> a owl:Ontology .", '<urn:x:o> a owl:Ontology ; dcterms:title "All" .', "urn:x:o"
    ),
    "missing_subset_declaration": Case(
        ":A oio:inSubset :few .", ":A oio:inSubset :few . :few rdfs:subPropertyOf oio:SubsetProperty .", "few"
    ),
    "missing_superclass": Case(
        ":A a owl:Class .", ":A a owl:Class ; rdfs:subClassOf :B . :C a owl:Class ; owl:deprecated true .", "A"
    ),
    "missing_synonymtype_declaration": Case(
        "[] oio:hasSynonymType :slang .",
        "[] oio:hasSynonymType :slang . :slang rdfs:subPropertyOf oio:SynonymTypeProperty .",
        "slang",
    ),
    "misused_obsolete_label": Case(
        ':A rdfs:label "obsolete loaf" .',
        ':A rdfs:label "obsolete loaf" ; owl:deprecated true . :B rdfs:label "obsoletely baked" .',
        "A",
    ),
    "misused_replaced_by": Case(
        ":A obo:IAO_0100001 :B .", ":A obo:IAO_0100001 :B ; owl:deprecated true .", "A"
    ),
    "multiple_asserted_superclasses": Case(
        ":A rdfs:subClassOf :B , :C .", ":A rdfs:subClassOf :B , [ owl:onProperty :p ; owl:someValuesFrom :C ] .", "A A"
    ),
    "multiple_definitions": Case(
        ':A skos:definition "One."@en , "Two."@en .', ':A skos:definition "One."@en , "Eins."@de .', "A"
    ),
    "multiple_equivalent_class_definitions": Case(
        ":A owl:equivalentClass [ owl:intersectionOf ( :B :C ) ] , [ owl:intersectionOf ( :B :D ) ] .",
        ":A owl:equivalentClass [ owl:intersectionOf ( :B :C :D ) ] .",
        "A",
    ),
    "multiple_equivalent_classes": Case(
        ":A owl:equivalentClass :B , :C .", ":A owl:equivalentClass :B .", "A A"
    ),
    "multiple_labels": Case(':A rdfs:label "loaf" , "roll" .', ':A rdfs:label "loaf"@en , "Laib"@de .', "A"),
}  # fmt: skip

OOPS: Final = {
    "P02": Case(":A owl:equivalentClass :B .", ":A owl:equivalentClass other:B .", "A"),
    "P03": Case(
        ":is a owl:ObjectProperty . :isA a owl:ObjectProperty . :kind_of a owl:ObjectProperty .",
        ":isBakedBy a owl:ObjectProperty . :island a owl:ObjectProperty .",
        "is isA kind_of",
    ),
    "P04": Case(
        ":A a owl:Class . :p a owl:ObjectProperty . :B a owl:Class ; rdfs:subClassOf owl:Thing .",
        ":A a owl:Class . :p a owl:ObjectProperty ; rdfs:domain :A .",
        "A p",
    ),
    "P05": Case(
        ":p owl:inverseOf :q ; rdfs:domain :A . :q rdfs:range :B .",
        ":p owl:inverseOf :q ; rdfs:domain :A . :q rdfs:range :B . :B rdfs:subClassOf :A .",
        "p",
    ),
    "P06": Case(
        ":A rdfs:subClassOf :B . :B rdfs:subClassOf :C . :C rdfs:subClassOf :A . :p rdfs:subPropertyOf :p .",
        ":A rdfs:subClassOf :B . :B rdfs:subClassOf :C .",
        "A B C p",
    ),
    "P07": Case(
        ":BreadAndButter a owl:Class . :bread_or_roll a owl:Class .", ":Sandwich a owl:Class . :Order a owl:Class .",
        "BreadAndButter bread_or_roll",
    ),
    "P08": Case(
        ':A a owl:Class ; rdfs:label "a" . :p a owl:ObjectProperty ; rdfs:comment "Says." .',
        ':A a owl:Class ; rdfs:label "a" ; skos:definition "A." . :q a owl:AnnotationProperty .',
        "A p",
    ),
    "P10": Case(
        "<urn:x:o> a owl:Ontology . :A a owl:Class . :B a owl:Class .",
        "<urn:x:o> a owl:Ontology . :A a owl:Class ; owl:disjointWith :B . :B a owl:Class .",
        "urn:x:o",
    ),
    "P11": Case(
        ":p a owl:ObjectProperty ; rdfs:domain :A . :q a owl:DatatypeProperty ; rdfs:range xsd:string .",
        ":p a owl:ObjectProperty ; rdfs:domain :A ; rdfs:range :A . :q a owl:ObjectProperty ; rdfs:subPropertyOf :p .",
        "p q",
    ),
    "P12": Case(
        ':p a owl:ObjectProperty ; rdfs:label "bakes" . other:p a owl:ObjectProperty ; rdfs:label "bakes" .',
        ':p a owl:ObjectProperty ; rdfs:label "bakes" ; rdfs:subPropertyOf other:p . '
        'other:p a owl:ObjectProperty ; rdfs:label "bakes" .',
        "p",
    ),
    "P13": Case(
        ":p a owl:ObjectProperty .",
        ":p a owl:ObjectProperty ; owl:inverseOf :q . :q a owl:ObjectProperty . "
        ":r a owl:ObjectProperty , owl:SymmetricProperty . :d a owl:DatatypeProperty .",
        "p",
    ),
    "P19": Case(
        ":p rdfs:domain :A , :B .", ":p rdfs:domain [ owl:unionOf ( :A :B ) ] ; rdfs:range :A .", "p p"
    ),
    "P20": Case(
        ':A a owl:Class ; rdfs:label "loaf" ; rdfs:comment "Loaf" . :B a owl:Class ; rdfs:label "" . '
        ':C a owl:Class ; rdfs:label "a long and winding label"@en ; skos:definition "Short."@en .',
        ':A a owl:Class ; rdfs:label "loaf" ; rdfs:comment "Bread in one piece." .',
        "A B C",
    ),
    "P21": Case(
        ":OtherBread a owl:Class . :Miscellaneous a owl:Class .", ":Otherworld a owl:Class . :Rested a owl:Class .",
        "Miscellaneous OtherBread",
    ),
    "P22": Case(
        ":RyeBread a owl:Class . :Loaf a owl:Class . :white_bread a owl:Class .",
        ":RyeBread a owl:Class . :Loaf a owl:Class . :isBakedBy a owl:ObjectProperty . :eats a owl:ObjectProperty . "
        "obo:EX_0001 a owl:Class . other:white_bread a owl:Class .",
        "white_bread",
    ),
    "P24": Case(
        ":A owl:equivalentClass [ owl:intersectionOf ( :B [ owl:onProperty :p ; owl:someValuesFrom :A ] ) ] .",
        ":A owl:equivalentClass [ owl:intersectionOf ( :B [ owl:onProperty :p ; owl:someValuesFrom :C ] ) ] ; "
        "rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :A ] .",
        "A",
    ),
    "P25": Case(":p owl:inverseOf :p .", ":p owl:inverseOf :q .", "p"),
    "P26": Case(":p a owl:SymmetricProperty ; owl:inverseOf :q .", ":p a owl:SymmetricProperty .", "p"),
    "P28": Case(
        ":p a owl:SymmetricProperty ; rdfs:domain :A ; rdfs:range :B .",
        ":p a owl:SymmetricProperty ; rdfs:domain :A ; rdfs:range :A .",
        "p",
    ),
    "P29": Case(
        ":p a owl:TransitiveProperty ; rdfs:domain :A ; rdfs:range :B .",
        ":p a owl:TransitiveProperty ; rdfs:domain :A ; rdfs:range :B . :B rdfs:subClassOf :A .",
        "p",
    ),
    "P32": Case(
        ':A a owl:Class ; rdfs:label "loaf" . :B a owl:Class ; rdfs:label "loaf" .',
        ':A a owl:Class ; rdfs:label "loaf" . :p a owl:ObjectProperty ; rdfs:label "loaf" .',
        "A",
    ),
    "P33": Case(":p owl:propertyChainAxiom ( :q ) .", ":p owl:propertyChainAxiom ( :q :r ) .", "p"),
    "P34": Case(
        ":A a owl:Class ; rdfs:subClassOf :B , [ owl:unionOf ( :A :C ) ] . :x a :D .",
        ":A a owl:Class ; rdfs:subClassOf owl:Thing . :x a :A . :d a owl:DatatypeProperty ; rdfs:range :kilo .",
        "B C D",
    ),
    "P35": Case(
        ":x :p :y . :q a owl:ObjectProperty ; rdfs:subPropertyOf :r .",
        ':q a owl:ObjectProperty . :x :q :y ; rdfs:label "x" .',
        "p r",
    ),
    "P36": Case(
        "<https://example.org/bread.owl> a owl:Ontology .", "<https://example.org/bread> a owl:Ontology .", "bread.owl"
    ),
    "P38": Case(":A a owl:Class .", "<urn:x:o> a owl:Ontology .", "Ontology"),
    "P39": Case("[] a owl:Ontology .", "<urn:x:o> a owl:Ontology .", "Ontology"),
    "P40": Case(
        ":A rdfs:lable \"a\" ; a owl:Klass .", ':A rdfs:label "a" ; a owl:Class ; rdfs:isDefinedBy dcterms: .',
        "lable Klass",
    ),
    "P41": Case("<urn:x:o> a owl:Ontology .", "<urn:x:o> a owl:Ontology ; dcterms:rights \"All mine.\" .", "urn:x:o"),
}  # fmt: skip
