"""Forecast of how far two legs will drift from each other: of twins, what r hardly shows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed
from convex_research.statistics.dynamics.expanding_dcc import FIRST
from convex_research.statistics.dynamics.past_errors import error_range, hit_rate
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_TEST,
    as_pair,
    moves,
    unusable,
)

if TYPE_CHECKING:
    from convex_research.core.typing import ArrayLike

__all__ = ["next_tracking_error"]

_DECAY = 0.97
_HORIZON = 21


def next_tracking_error(
    a: ArrayLike,
    b: ArrayLike,
    periods_per_year: int,
    *,
    horizon: int = _HORIZON,
    confidence_level: float = 0.95,
    unit: str = "decimal",
) -> tuple[Estimate, Estimate | NotComputed] | NotComputed:
    """Forecast of the tracking error over the sessions after the sample, and how past ones held.

    Parameters
    ----------
    a, b : array_like, shape (T,)
        Returns in one unit.
    periods_per_year : int
    horizon : int
        Sessions ahead.

    Returns
    -------
    forecast : Estimate
        sqrt(periods h), h_t = .97 h_(t-1) + .03 (a_t - b_t)^2 from the first year's mean square
        on. The range is for the standard deviation (ddof 1) of the next ``horizon`` differences:
        quantiles of the log of past outcomes over their forecasts.
    hit_rate : Estimate or NotComputed
        :func:`~convex_research.statistics.dynamics.past_errors.hit_rate` of such ranges.
    """
    from scipy.signal import lfilter

    x, y = as_pair(a, b)
    if (reason := unusable(x, y, min_nobs=FIRST + horizon + MIN_NOBS_TEST)) is not None:
        return reason
    gap = x - y
    if not moves(gap, size=max(float(np.abs(x).max()), float(np.abs(y).max()))):
        return NotComputed(Missing.NOT_MOVING, "the legs differ by a constant")
    scale = float(np.abs(gap).max())
    squares = (gap / scale) ** 2
    first = float(squares[:FIRST].mean())
    later = lfilter([1.0 - _DECAY], [1.0, -_DECAY], squares[FIRST:], zi=[_DECAY * first])[0]
    size = np.sqrt(np.concatenate([[first], later]))  # known before session FIRST + k
    outcome = np.lib.stride_tricks.sliding_window_view(gap[FIRST:] / scale, horizon).std(
        axis=1, ddof=1
    )
    scored = (outcome > 0.0) & (size[: outcome.size] > 0.0)
    errors = np.log(outcome[scored]) - np.log(size[: outcome.size][scored])
    ends = error_range(errors, horizon, confidence_level)
    if isinstance(ends, NotComputed):
        return ends
    value = float(size[-1]) * scale * math.sqrt(periods_per_year)
    forecast = Estimate(
        value=value,
        std_error=float(errors.std()) * value,
        low=value * math.exp(ends[0]),
        high=value * math.exp(ends[1]),
        confidence_level=confidence_level,
        interval=Interval.PREDICTION,
        method=(
            f"exponential weights, decay {_DECAY}; prediction interval from {errors.size} past "
            f"errors ({errors.size // horizon} without overlap), log scale; times "
            f"sqrt({periods_per_year})"
        ),
        nobs=gap.size,
        unit=unit,
    )
    return forecast, hit_rate(errors, horizon, confidence_level=confidence_level)
