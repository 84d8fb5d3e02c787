"""Variance ratios of a log price ratio: random walk, reversion or continuation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed, TestResult
from convex_research.statistics.inference.influence_interval import as_series, moves, unusable

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["HORIZONS", "chow_denning", "ratio_of", "variance_ratio", "variance_ratio_test"]

HORIZONS = (2, 5, 10, 20, 60)
_STEPS_PER_HORIZON = 10  # below ten independent long steps the statistic is far from normal
_NULL = "the level is a random walk with uncorrelated steps"


def _ratio(x: Array, horizon: int) -> tuple[float, float] | NotComputed:
    """Variance ratio and the standard error it has under a random walk."""
    if horizon < 2:
        raise ValueError(f"horizon must be at least 2, got {horizon}")
    needed = max(60, _STEPS_PER_HORIZON * horizon) + 1
    if (reason := unusable(x, min_nobs=needed)) is not None:
        return reason
    steps = np.diff(x)
    steps -= steps.mean()
    if not moves(steps, size=float(np.abs(x).max())):  # rounding of a straight line
        return NotComputed(Missing.NOT_MOVING, "the level moves in a straight line")
    steps /= float(np.abs(steps).max())
    nobs, squares = steps.size, steps * steps
    total, theta = float(squares.sum()), 0.0
    for lag in range(1, horizon):
        weight = 2.0 * (1.0 - lag / horizon)
        theta += weight * weight * nobs * float(squares[lag:] @ squares[:-lag]) / total**2
    if theta <= 0.0:
        return NotComputed(Missing.NOT_MOVING, "the level moves too rarely for a variance ratio")
    return ratio_of(steps, horizon), math.sqrt(theta / nobs)


def ratio_of(steps: Array, horizon: int) -> float:
    """Variance ratio of centred steps."""
    path = np.concatenate([[0.0], np.cumsum(steps)])
    long_steps = path[horizon:] - path[:-horizon]
    return float(long_steps @ long_steps) / (horizon * float(steps @ steps))


def variance_ratio(
    log_ratio: ArrayLike, horizon: int, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Variance of overlapping q-step changes over q times that of one-step changes.

    One for a random walk, below one when changes are undone later, above one when they continue.
    The standard error is the one a random walk with changing volatility has, so that the interval
    excludes 1 exactly when :func:`variance_ratio_test` rejects; away from 1 it is approximate. Lo
    and MacKinlay (1988), Review of Financial Studies 1, 41-66.
    """
    series = as_series(log_ratio)
    fit = _ratio(series, horizon)
    if isinstance(fit, NotComputed):
        return fit
    from scipy.special import ndtri

    ratio, std_error = fit
    half = float(ndtri(0.5 + confidence_level / 2.0)) * std_error
    return Estimate(
        value=ratio,
        std_error=std_error,
        low=max(ratio - half, 0.0),
        high=ratio + half,
        confidence_level=confidence_level,
        interval=Interval.ROBUST,
        method=(
            f"overlapping, {horizon} steps; heteroskedasticity-robust standard error under a"
            f" random walk, z {(ratio - 1.0) / std_error:.2f}"
        ),
        nobs=series.size - 1,
    )


def variance_ratio_test(log_ratio: ArrayLike, horizon: int) -> TestResult | NotComputed:
    """Heteroskedasticity-robust z test that the variance ratio is one.

    (VR - 1) / se, normal, two-sided.
    """
    series = as_series(log_ratio)
    fit = _ratio(series, horizon)
    if isinstance(fit, NotComputed):
        return fit
    from scipy.special import ndtr

    z = (fit[0] - 1.0) / fit[1]
    return TestResult(
        statistic=z,
        pvalue=min(2.0 * float(ndtr(-abs(z))), 1.0),
        null=_NULL,
        alternative="steps are correlated",
        distribution="normal, heteroskedasticity-robust",
        nobs=series.size - 1,
    )


def chow_denning(
    log_ratio: ArrayLike, horizons: tuple[int, ...] = HORIZONS
) -> TestResult | NotComputed:
    """Joint test that the variance ratios at all horizons are one.

    Largest |z| over the ``horizons`` that are not too long for the sample; p-value
    1 - (2 Phi(z) - 1)^m, an upper bound (Sidak). Chow and Denning (1993), Journal of Econometrics
    58, 385-401.
    """
    series = as_series(log_ratio)
    longest = (series.size - 1) // _STEPS_PER_HORIZON
    used = tuple(q for q in horizons if q <= longest) or horizons[:1]
    largest = 0.0
    for horizon in used:
        fit = _ratio(series, horizon)
        if isinstance(fit, NotComputed):
            return fit
        largest = max(largest, abs(fit[0] - 1.0) / fit[1])
    from scipy.special import ndtr

    alone = min(2.0 * float(ndtr(-largest)), 1 - 1e-16)
    return TestResult(
        statistic=largest,
        pvalue=min(max(-math.expm1(len(used) * math.log1p(-alone)), 0.0), 1.0),
        null=_NULL,
        alternative="at some horizon the variance ratio is not one",
        distribution=f"largest |z| at {', '.join(map(str, used))} steps, Sidak bound",
        nobs=series.size - 1,
    )
