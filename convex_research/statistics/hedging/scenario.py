"""What B did, and may do, when A moves by a given amount over a month.

The fitted answer is a line with a prediction interval from its own residuals, which keeps their
heavy tails and their growth with the size of A's move. The empirical answer beside it is what
happened after moves of about that size, with their count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed
from convex_research.statistics.inference.flags import SMALL_SAMPLE
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_TEST,
    as_pair,
    as_series,
    bartlett_lag,
    long_run_covariance,
    unusable,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["HORIZON", "Neighbours", "Scenario", "b_given_a", "horizon_moves"]

HORIZON = 21
MIN_SEPARATE = 10
_ENOUGH_SEPARATE = 24  # with half as many the interval holds 90 to 96 % in simulation


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What B did in ``count`` overlapping windows in which A moved by ``reach`` off at most.

    ``separate`` is the most of these that share no day with each other, taken from the first on;
    mean, smallest and largest move of B are none without any.
    """

    count: int
    separate: int
    mean: float | None
    low: float | None
    high: float | None
    reach: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """B's move given A's: fitted and observed.

    ``fitted`` is the conditional mean with a prediction interval for one future move of B, not a
    confidence interval for its mean.
    """

    fitted: Estimate | NotComputed
    neighbours: Neighbours


def horizon_moves(levels: ArrayLike, *, horizon: int = HORIZON, relative: bool = True) -> Array:
    """Overlapping moves P_t / P_{t-h} - 1, or the differences where not ``relative``."""
    series = as_series(levels, "levels")
    if horizon < 1:
        raise ValueError(f"horizon must be at least 1, got {horizon}")
    before, after = series[:-horizon], series[horizon:]
    if not relative:
        return np.asarray(after - before)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(after / before - 1.0)


def b_given_a(
    moves_a: ArrayLike,
    moves_b: ArrayLike,
    move: float,
    *,
    horizon: int = HORIZON,
    confidence_level: float = 0.95,
    unit: str = "decimal",
) -> Scenario:
    """Conditional mean of B's move given A's, with prediction interval and neighbours.

    ``fitted.value`` = c + d * move by least squares. Residuals are divided by a scale that is
    linear in |A's move|, fitted to their absolute values and never falling; the interval adds their
    outer quantiles, as many standard errors of the fitted line (Bartlett HAC, lag at least
    ``horizon`` - 1) being allowed for in quadrature. With m = n / ``horizon`` separate windows, the
    quantiles' tail is smaller by 1 / (2 m) and residuals are larger by sqrt(m / (m - 2)). Flagged
    ``"beyond_observed"`` when A never moved that far in the sample, and as a small sample below 24
    separate windows, of which 10 are needed. ``move`` is A's, -0.10 a fall by ten per cent; the
    moves are those of :func:`horizon_moves`.
    """
    x, y = as_pair(moves_a, moves_b)
    if (reason := unusable(x, y, min_nobs=max(MIN_NOBS_TEST, MIN_SEPARATE * horizon))) is not None:
        text = f"moves over {horizon} sessions: {reason.reason}"
        return Scenario(NotComputed(reason.code, text), _neighbours(x, y, move, horizon))
    fitted = _fitted(x, y, move, horizon=horizon, level=confidence_level, unit=unit)
    return Scenario(fitted, _neighbours(x, y, move, horizon))


def _neighbours(x: Array, y: Array, move: float, horizon: int) -> Neighbours:
    reach = 0.2 * abs(move)
    near = np.flatnonzero((np.abs(x - move) <= reach) & np.isfinite(x) & np.isfinite(y))
    separate, free = 0, -1
    for position in near:
        if position >= free:
            separate, free = separate + 1, int(position) + horizon
    if near.size == 0:
        return Neighbours(0, 0, None, None, None, reach)
    mean, low, high = (float(f(y[near])) for f in (np.mean, np.min, np.max))
    return Neighbours(near.size, separate, mean, low, high, reach)


def _fitted(
    x: Array, y: Array, move: float, *, horizon: int, level: float, unit: str
) -> Estimate | NotComputed:
    nobs = x.size
    centre, scale_x, scale_y = float(x.mean()), float(np.abs(x).max()), float(np.abs(y).max())
    reach = float(np.abs(x - centre).max())
    u, v = (x - centre) / reach, y / scale_y
    design = np.column_stack([np.ones(nobs), u])
    bread = np.linalg.inv(design.T @ design / nobs)
    coefficients = bread @ (design.T @ v / nobs)
    residual = v - design @ coefficients
    if float(np.abs(residual).max()) < 1e-12:
        return NotComputed(
            Missing.EXACT, "the two move in exact proportion, so nothing is left to predict"
        )
    at = np.array([1.0, (move - centre) / reach])
    scores = design * residual[:, None]
    omega = long_run_covariance(scores, max(bartlett_lag(nobs), horizon - 1))
    std_error = math.sqrt(max(float(at @ bread @ omega @ bread @ at), 0.0) / nobs)
    size = _residual_size(np.abs(x) / scale_x, np.abs(residual))
    separate = nobs / horizon
    # Two fitted parameters make residuals too small, by as much as separate windows tell.
    here = (size[0] + size[1] * abs(move) / scale_x) * math.sqrt(separate / (separate - 2.0))
    scaled = np.sort(residual / (size[0] + size[1] * np.abs(x) / scale_x))
    value = float(at @ coefficients)
    low, high = _outer_quantiles(scaled, level, horizon)
    below, above = (scale_y * math.hypot(here * end, 2.0 * std_error) for end in (low, high))
    value, std_error = value * scale_y, std_error * scale_y
    flags = () if x.min() <= move <= x.max() else ("beyond_observed",)
    if separate < _ENOUGH_SEPARATE:
        flags = (*flags, SMALL_SAMPLE)
    return Estimate(
        value=value,
        std_error=std_error,
        low=value - below,
        high=value + above,
        confidence_level=level,
        interval=Interval.PREDICTION,
        method=f"line on overlapping {horizon}-session moves, prediction interval from residuals",
        nobs=nobs,
        unit=unit,
        flags=flags,
    )


def _residual_size(distance: Array, size: Array) -> tuple[float, float]:
    """Intercept and slope of the residuals' size on the distance, neither negative."""
    gap = distance - distance.mean()
    slope = max(float(gap @ size) / float(gap @ gap), 0.0)
    intercept = float(size.mean()) - slope * float(distance.mean())
    if intercept <= 0.05 * float(size.mean()):
        return float(size.mean()), 0.0
    return intercept, slope


def _outer_quantiles(ordered: Array, level: float, horizon: int) -> tuple[float, float]:
    """Distances below and above zero that hold ``level`` of the scaled residuals."""
    tail = max(0.5 * (1.0 - level) - 0.5 * horizon / ordered.size, 0.0)
    low, high = np.quantile(ordered, (tail, 1.0 - tail))
    return max(-float(low), 0.0), max(float(high), 0.0)
