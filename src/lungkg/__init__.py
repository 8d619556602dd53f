"""lungkg: claims read from documents, as a validated and queryable RDF graph."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lungkg.client import IRI, BlankNode, Connection, Literal, connect

__all__ = ["IRI", "BlankNode", "Connection", "Literal", "__version__", "connect"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import the client when it is asked for: most of lungkg does without."""
    if name in __all__:
        return getattr(import_module("lungkg.client"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
