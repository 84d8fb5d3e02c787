"""Adds to the rolling section what its extremes look like when nothing changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.garch_legs import garch_legs
from convex_research.analysis.section import Curve, Section
from convex_research.core.estimates import Estimate, NotComputed, Result
from convex_research.statistics.dynamics.envelope import MAX_NOBS, Envelope, rolling_envelope
from convex_research.statistics.dynamics.garch import GarchFit
from convex_research.statistics.inference.block_draws import data_seed

if TYPE_CHECKING:
    from convex_research.returns import AlignedReturns

__all__ = ["add_rolling_null"]


def add_rolling_null(section: Section, returns: AlignedReturns, window: int, level: float) -> None:
    """Add ``null_low``, ``null_high``, ``null_min``, ``null_max``, the tests and the band.

    Parameters
    ----------
    section : Section
        The rolling section.
    returns : AlignedReturns
        The sample; its last 1,260 observations are used.
    window : int
        Length of the rolling window.
    level : float
        Coverage of the band and of the ranges.
    """
    rows = slice(max(0, returns.nobs - MAX_NOBS), returns.nobs)
    a, b = returns.a[rows], returns.b[rows]
    legs = None
    if returns.nobs <= MAX_NOBS:
        fits = garch_legs(returns)
        if isinstance(fits[0], GarchFit) and isinstance(fits[1], GarchFit):
            legs = (fits[0], fits[1])
    seed = data_seed(a, b, salt="rolling null")
    found = rolling_envelope(a, b, seed=seed, window=window, legs=legs, confidence_level=level)
    names = ("null_low", "null_high", "null_min", "null_max", "null_percentile")
    tests = (f"pearson_min_test[{window}]", f"pearson_max_test[{window}]")
    if isinstance(found, NotComputed):
        section.add_each((*names, *tests), found)
        return
    results: tuple[Result, ...] = (
        found.null_low,
        found.null_high,
        found.null_min,
        found.null_max,
        _percentile(found),
        found.test_min,
        found.test_max,
    )
    section.add_each((*names, *tests), results, rows)
    dates = returns.dates[rows][found.first :]
    section.add_curve(f"null[{window}]", Curve(dates, found.observed, found.low, found.high))


def _percentile(found: Envelope) -> Estimate:
    return Estimate(
        value=found.percentile,
        method=f"position of the last window among last windows: {found.test_min.distribution}",
        nobs=found.null_low.nobs,
        unit="percent",
    )
