"""Loading series and pairs by symbol: from a provider, a file, the cache or a snapshot."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from convex_research.catalogue import Pair
from convex_research.core.config import as_day
from convex_research.core.errors import InputError
from convex_research.data.cache.snapshot import SNAPSHOT_VARIABLE, load_from_snapshot
from convex_research.data.clock import refuse_future
from convex_research.data.order import load_in_order
from convex_research.data.series import Prices, SeriesData

if TYPE_CHECKING:
    from datetime import date

__all__ = ["load_prices", "load_series"]


def load_series(
    symbol: str,
    start: date | str | None = None,
    end: date | str | None = None,
    *,
    offline: bool | None = None,
    refresh: bool = False,
) -> SeriesData:
    """Load one series.

    Parameters
    ----------
    symbol : str
        A full symbol or a catalogue name; for a name, the catalogue's providers are
        asked in order.
    start, end : datetime.date or str, optional
        Inclusive bounds, ISO text or dates.
    offline : bool, optional
        Cache, samples and files only; ``CONVEX_RESEARCH_OFFLINE`` decides by default.
        Where ``CONVEX_RESEARCH_SNAPSHOT`` names a snapshot, only that is read.
    refresh : bool
        Ask the provider even if the cache is fresh.

    Returns
    -------
    SeriesData

    Raises
    ------
    ConvexResearchError
        One of the typed errors, naming provider, symbol and remedy. A row dated after
        tomorrow is one, unless ``end`` comes before it; a snapshot was dated when it was
        written.
    """
    if not isinstance(symbol, str):
        raise TypeError(f"load_series needs a symbol, got {type(symbol).__name__}.")
    first, last = as_day(start, "start"), as_day(end, "end")
    folder = os.environ.get(SNAPSHOT_VARIABLE)
    if folder:
        series = load_from_snapshot(Path(folder), symbol).between(first, last)
    else:
        series = load_in_order(symbol, first, last, offline=offline, refresh=refresh)
    refuse_future(series)
    return replace(series, start_asked=first)


def load_prices(
    pair: Pair,
    start: date | str | None = None,
    end: date | str | None = None,
    *,
    offline: bool | None = None,
    refresh: bool = False,
) -> Prices:
    """Load both legs of a pair, bounded inclusively; ``end`` is the report's ``as_of``.

    See :func:`load_series`.

    Raises
    ------
    InputError
        If ``start`` is after ``end``.
    ConvexResearchError
        What a provider raises.
    """
    if not isinstance(pair, Pair):
        raise TypeError(f"load_prices needs a Pair, got {type(pair).__name__}.")
    first, last = as_day(start, "start"), as_day(end, "as_of")
    if first is not None and last is not None and first > last:
        raise InputError(f"The start {first} is after the as-of date {last}.")
    a, b = (
        load_series(leg, first, last, offline=offline, refresh=refresh) for leg in (pair.a, pair.b)
    )
    return Prices(pair, *(_named(leg, pair, i) for i, leg in enumerate((a, b))))


def _named(leg: SeriesData, pair: Pair, at: int) -> SeriesData:
    """A leg by the name that tells it from the other, where both are files of one name."""
    known, own = pair.instruments[at], leg.instrument
    if known.name == own.name:
        return leg
    symbol = pair.public_symbols[at]
    return replace(
        leg,
        instrument=replace(own, id=known.id, name=known.name),
        provenance=replace(leg.provenance, symbol=symbol),
    )
