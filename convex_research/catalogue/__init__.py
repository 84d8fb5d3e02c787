"""Instruments and pairs: symbols, and what the catalogue knows of them."""

from convex_research.catalogue.catalogue import (
    KINDS,
    Catalogue,
    Instrument,
    Kind,
    Pair,
    load_catalogue,
    related_pairs,
    resolve,
)

__all__ = [
    "KINDS",
    "Catalogue",
    "Instrument",
    "Kind",
    "Pair",
    "load_catalogue",
    "related_pairs",
    "resolve",
]
