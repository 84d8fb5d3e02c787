"""Rolling correlation and beta: the paths, the band of r, and its extremes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from convex_research.analysis.garch_legs import garch_legs
from convex_research.analysis.section import Curve, Section, slope_unit
from convex_research.analysis.sections.asynchrony import NOT_DAILY
from convex_research.core.estimates import Estimate, Missing, NotComputed, observed
from convex_research.statistics.dependence.asynchrony import (
    MIN_NOBS_SYNCHRONISED,
    rolling_synchronised,
)
from convex_research.statistics.dynamics.envelope import MAX_NOBS, rolling_envelope
from convex_research.statistics.dynamics.garch import GarchFit
from convex_research.statistics.dynamics.rolling import (
    rolling_beta,
    rolling_fisher_z,
    rolling_pearson,
)
from convex_research.statistics.dynamics.rolling_band import (
    extreme_window,
    window_band,
    window_interval,
)
from convex_research.statistics.inference.block_draws import data_seed
from convex_research.statistics.single.history import history_percentile, usual_range

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.core.estimates import Result
    from convex_research.core.typing import Array
    from convex_research.returns import AlignedReturns


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """The curves, and the extremes of the whole sample and of its last 1,260 observations.

    The curve ``interval`` has the ends of each window alone, ``pearson`` those of all together.
    ``_5y`` marks what is of the last 1,260 alone, as the simulated null and its tests are.
    """
    section = Section("rolling", returns)
    window, level, nobs = config.rolling_window, config.confidence_level, returns.nobs
    sides: tuple[Literal["max", "min"], ...] = ("max", "min")
    for suffix, first in (("", 0), ("_5y", max(0, nobs - MAX_NOBS))):
        legs = returns.a[first:], returns.b[first:]
        r = rolling_pearson(*legs, window)
        errors = np.stack(rolling_fisher_z(*legs, window))
        band = window_band(errors[0], errors[1], window=window, confidence_level=level)
        ends = (None, None) if isinstance(band, NotComputed) else np.tanh(band)
        curve = Curve(returns.dates[first:], r, *ends)
        if not suffix:
            section.add_curve(f"pearson[{window}]", curve)
            alone = np.tanh(window_interval(*errors, confidence_level=level))
            section.add_curve(f"interval[{window}]", Curve(returns.dates, r, *alone))
            section.add(f"history_percentile[{window}]", history_percentile(r))
            section.add(f"usual[{window}]", usual_range(r))
        if curve.low is not None:
            section.add_curve(f"band{suffix}[{window}]", curve)
        for side in sides:
            extreme, at = _extreme(r, errors, side, window, level)
            rows = slice(first + at + 1 - window, first + at + 1)
            section.add(f"pearson_{side}{suffix}[{window}]", extreme, rows)
    path = rolling_beta(returns.a, returns.b, window)
    section.add_curve(
        f"beta[{window}]", Curve(returns.dates, path, unit=slope_unit(*returns.units))
    )
    add_rolling_null(section, returns, window, level)
    _synchronised(section, returns)
    return section


def _synchronised(section: Section, returns: AlignedReturns) -> None:
    """The correlation with a day's leeway over two years, and its rank among all."""
    window = MIN_NOBS_SYNCHRONISED
    keys = (f"synchronised_percentile[{window}]", f"synchronised_usual[{window}]")
    if returns.frequency != "daily":
        section.add_each(keys, NOT_DAILY)
        return
    path = rolling_synchronised(returns.a, returns.b, window)
    section.add_curve(f"synchronised[{window}]", Curve(returns.dates, path))
    section.add_each(keys, (history_percentile(path), usual_range(path)))


def _extreme(
    r: Array, errors: Array, side: Literal["max", "min"], window: int, level: float
) -> tuple[Result, int]:
    """The extreme of r with the interval made on Fisher's scale, and which window it is."""
    if not np.isfinite(r).any():
        reason = f"there is no complete window of {window} observations in which both legs move"
        return NotComputed(Missing.TOO_SHORT, reason), 0
    at = int(np.nanargmin(r) if side == "min" else np.nanargmax(r))
    if np.isnan(errors[0, at]):
        reason = "the two move in step in the extreme window, so its r has no sampling error"
        return NotComputed(Missing.EXACT, reason), at
    z, std_error, df = errors
    extreme = extreme_window(z, std_error, df, side, window=window, confidence_level=level)
    if isinstance(extreme, Estimate):
        low, high = (math.tanh(end) for end in (extreme.low, extreme.high) if end is not None)
        extreme = replace(extreme, value=float(r[at]), low=low, high=high)
    return extreme, at


def add_rolling_null(section: Section, returns: AlignedReturns, window: int, level: float) -> None:
    """Add what the extremes look like when nothing changes: ``null_*``, the tests, the band."""
    rows = slice(max(0, returns.nobs - MAX_NOBS), returns.nobs)
    a, b = returns.a[rows], returns.b[rows]
    legs = None
    if returns.nobs <= MAX_NOBS:
        fits = garch_legs(returns)
        if isinstance(fits[0], GarchFit) and isinstance(fits[1], GarchFit):
            legs = (fits[0], fits[1])
    seed = data_seed(a, b, salt="rolling null")
    null = rolling_envelope(a, b, seed=seed, window=window, legs=legs, confidence_level=level)
    names = ("null_low", "null_high", "null_min", "null_max", "null_percentile")
    keys = (*names, f"pearson_min_test[{window}]", f"pearson_max_test[{window}]")
    if isinstance(null, NotComputed):
        section.add_each(keys, null)
        return
    ends = (null.null_low, null.null_high, null.null_min, null.null_max)
    method = f"position of the last window among last windows: {null.test_min.distribution}"
    percentile = observed(null.percentile, null.null_low.nobs, "percent", method)
    section.add_each(keys, (*ends, percentile, null.test_min, null.test_max), rows)
    dates = returns.dates[rows][null.first :]
    section.add_curve(f"null[{window}]", Curve(dates, null.observed, null.low, null.high))
