"""The gate: what validation said of a release before it was published, kept beside it as RDF and as JSON."""

from lungkg.gate.basis import Basis, Hashed, basis_of
from lungkg.gate.kept import JSON_FILE, TURTLE_FILE, KeptReport, Rule, keep, load_report

__all__ = ["JSON_FILE", "TURTLE_FILE", "Basis", "Hashed", "KeptReport", "Rule", "basis_of", "keep", "load_report"]
