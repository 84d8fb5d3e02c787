"""What things are called on a page: legs, units, windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.errors import printable

if TYPE_CHECKING:
    from convex_research.analysis import PairAnalysis
    from convex_research.catalogue import Instrument

__all__ = ["legs", "per_period", "short", "unit_of_returns", "window"]

_PERIOD = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter",
           "yearly": "year"}


def legs(analysis: PairAnalysis) -> tuple[Instrument, Instrument]:
    """The instruments behind the pair, as loaded."""
    prices = analysis.returns.prices
    return prices.a.instrument, prices.b.instrument


def short(instrument: Instrument) -> str:
    """A leg's name without what is said once at the top of the page."""
    return printable(instrument.name.removesuffix(" (embedded sample)"), limit=60)


def per_period(analysis: PairAnalysis) -> str:
    """``day``, ``week`` and so on."""
    return _PERIOD[analysis.returns.frequency]


def window(analysis: PairAnalysis, qualifier: str) -> str:
    """A window in words: ``last 252 days``, ``whole sample``, ``2018``."""
    if qualifier == "all":
        return "Whole sample"
    if int(qualifier) >= 1600 and len(qualifier) == 4 and int(qualifier) not in analysis.config.windows:
        return qualifier
    longest = int(qualifier) == analysis.config.windows[-1]
    prefix = "Last, up to" if longest else "Last"
    return f"{prefix} {int(qualifier):,} {per_period(analysis)}s"


def unit_of_returns(analysis: PairAnalysis, column: int) -> str:
    """What a leg's returns are called: ``% a day``, ``points a day``."""
    unit = analysis.returns.units[column]
    return f"{'%' if unit == 'decimal' else unit} a {per_period(analysis)}"
