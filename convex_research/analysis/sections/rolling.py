"""Rolling correlation and beta: the paths, the band of r, and its extremes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from convex_research.analysis.section import Curve, Section, slope_unit
from convex_research.analysis.sections.asynchrony import NOT_DAILY
from convex_research.analysis.sections.rolling_null import add_rolling_null
from convex_research.core.estimates import Estimate, Missing, NotComputed
from convex_research.statistics.dependence.asynchrony import (
    MIN_NOBS_SYNCHRONISED,
    rolling_synchronised,
)
from convex_research.statistics.dynamics.envelope import MAX_NOBS
from convex_research.statistics.dynamics.rolling import (
    rolling_beta,
    rolling_fisher_z,
    rolling_pearson,
)
from convex_research.statistics.dynamics.rolling_band import extreme_window, window_band
from convex_research.statistics.single.history import history_percentile, usual_range

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.core.estimates import Result
    from convex_research.core.typing import Array
    from convex_research.returns import AlignedReturns


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """The curves, and the extremes of the whole sample and of its last 1,260 observations.

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
            section.add(f"history_percentile[{window}]", history_percentile(r))
            section.add(f"usual[{window}]", usual_range(r))
        if curve.low is not None:
            section.add_curve(f"band{suffix}[{window}]", curve)
        for side in sides:
            found, at = _extreme(r, errors, side, window, level)
            rows = slice(first + at + 1 - window, first + at + 1)
            section.add(f"pearson_{side}{suffix}[{window}]", found, rows)
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
        reason = "the legs move in step in the extreme window, so its r has no sampling error"
        return NotComputed(Missing.EXACT, reason), at
    z, std_error, df = errors
    found = extreme_window(z, std_error, df, side, window=window, confidence_level=level)
    if isinstance(found, Estimate):
        low, high = (math.tanh(end) for end in (found.low, found.high) if end is not None)
        found = replace(found, value=float(r[at]), low=low, high=high)
    return found, at
