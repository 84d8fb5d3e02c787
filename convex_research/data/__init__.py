"""Series from providers; the only room that knows files and the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.catalogue import load_catalogue, resolve
from convex_research.data.registry import provider_named, provider_names
from convex_research.data.series import Prices, Provenance, QualityNote, SeriesData
from convex_research.errors import InputError

if TYPE_CHECKING:
    from datetime import date

    from convex_research.catalogue import Pair

__all__ = [
    "Prices",
    "Provenance",
    "QualityNote",
    "SeriesData",
    "load_prices",
    "load_series",
    "provider_names",
]


def load_series(symbol: str, start: date | None = None, end: date | None = None) -> SeriesData:
    """Load one series.

    Parameters
    ----------
    symbol : str
        A full symbol or a catalogue name.
    start, end : datetime.date, optional
        Inclusive bounds.

    Returns
    -------
    SeriesData

    Raises
    ------
    ConvexResearchError
        One of the typed errors, naming provider, symbol and remedy.
    """
    parsed = resolve(symbol)
    provider = provider_named(parsed.provider)
    return provider.load(parsed, load_catalogue().describe(symbol), start, end)


def load_prices(pair: Pair, start: date | None = None, end: date | None = None) -> Prices:
    """Load both legs of a pair.

    Parameters
    ----------
    pair : Pair
        The two symbols.
    start, end : datetime.date, optional
        Inclusive bounds on prices; ``end`` is the report's ``as_of``.

    Returns
    -------
    Prices

    Raises
    ------
    InputError
        If ``start`` is after ``end``.
    ConvexResearchError
        What a provider raises.
    """
    if start is not None and end is not None and start > end:
        raise InputError(f"The start {start} is after the as-of date {end}.")
    return Prices(pair, load_series(pair.a, start, end), load_series(pair.b, start, end))
