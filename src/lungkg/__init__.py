"""lungkg: claims read from documents, as a validated and queryable RDF graph."""

__version__ = "0.1.0"
