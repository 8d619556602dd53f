"""Makes this process ready to validate what strangers sent: nothing is loaded later, neither RDF nor code."""

import encodings
import importlib
import pkgutil
import warnings
from types import ModuleType

import pyshacl
import rdflib.plugins.sparql
import rdflib.plugins.stores

_LEFT_OUT = ("cli", "http", "js", "__main__", "dask", "jupyter", "berkeleydb")
"""Parts of the names of modules that are not needed, or need what is not installed."""


_STANDARD = ("_strptime", "decimal", "stringprep", "unicodedata", "xml.dom.expatbuilder", "xml.dom.minidom")
"""Modules of the standard library that others import when they first need them."""


def close_and_load() -> None:
    """Keep rdflib's queries from loading what FROM names, and import now what would be imported when it is needed.

    A process that may open no files cannot import anything later.
    """
    rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = False
    for package in (encodings, pyshacl, rdflib.plugins.sparql, rdflib.plugins.stores):
        _import_all(package)
    for name in _STANDARD:
        importlib.import_module(name)


def _import_all(package: ModuleType) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.", onerror=lambda _: None):
            if not any(part in module.name for part in _LEFT_OUT):
                try:
                    importlib.import_module(module.name)
                except ImportError:  # it needs what is not installed, so nothing that runs here can need it
                    continue
