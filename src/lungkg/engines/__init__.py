"""Engines answer SPARQL queries over a release: one contract (`base`), two implementations (`local`, `remote`)."""

from lungkg.engines.base import Answer, Engine, NotAcceptable, choose_format, screen
from lungkg.engines.local import LocalEngine

__all__ = ["Answer", "Engine", "LocalEngine", "NotAcceptable", "choose_format", "screen"]
