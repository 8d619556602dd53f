"""Canned queries: one .rq file each, with parameters, an answer that is expected, and every face made from it."""

from lungkg.queries.canned import CannedQuery, Given
from lungkg.queries.catalogue import Catalogue, load_catalogue, load_query
from lungkg.queries.parameters import Choice, Parameter

__all__ = ["CannedQuery", "Catalogue", "Choice", "Given", "Parameter", "load_catalogue", "load_query"]
