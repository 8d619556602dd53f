"""Tells whether the terms of an ontology are any good: checks, reasons, profiles, and what changed."""
