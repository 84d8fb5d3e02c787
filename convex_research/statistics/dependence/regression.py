"""Ordinary least squares of leg A on leg B, with HAC intervals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.core.estimates import Estimate, Interval, NotComputed
from convex_research.statistics.dependence.correlation import pearson
from convex_research.statistics.inference.fixed_b import fixed_b_critical
from convex_research.statistics.inference.influence_interval import (
    as_pair,
    bartlett_lag,
    influence_interval,
    long_run_covariance,
    unusable,
)
from convex_research.statistics.inference.jackknife import left_out, standardised

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["Line", "alpha", "beta", "least_squares", "line_band", "rsquared"]


class Line(NamedTuple):
    """Least-squares line of y on x, with the influence values of both coefficients."""

    slope: float
    intercept: float
    slope_influence: Array
    intercept_influence: Array


def least_squares(y: Array, x: Array) -> Line:
    """Slope and intercept of y on x with their influence values, from centred data."""
    dx, dy = x - x.mean(), y - y.mean()
    dx, dy = dx - dx.mean(), dy - dy.mean()  # the first means' own rounding, at an offset of 1e8
    scale = float(np.abs(dx).max())
    unit = dx / scale  # keeps squares of tiny and huge values in range
    variance = float(unit @ unit) / x.size
    slope = float(unit @ dy) / x.size / variance / scale
    resid = dy - slope * dx
    slope_influence = unit * resid / (variance * scale)
    intercept_influence = resid - float(x.mean()) * slope_influence
    return Line(slope, float(y.mean() - slope * x.mean()), slope_influence, intercept_influence)


def beta(
    a: ArrayLike,
    b: ArrayLike,
    *,
    confidence_level: float = 0.95,
    unit: str = "dimensionless",
    lag: int | None = None,
) -> Estimate | NotComputed:
    """Slope of the least-squares line of A on B.

    beta = cov(a, b) / var(b) = r sd(a) / sd(b). Jackknife influence (n - 1) (beta - beta_(-t)) =
    (b_t - mean b) e_t / var(b) / (1 - c (b_t - mean b)^2 / Sbb) with e the residual, Sbb the sum of
    squares of B and c = n / (n - 1); Bartlett HAC, Student t with the degrees of freedom of
    :func:`~convex_research.statistics.inference.influence_interval.carried_df`. The target is the
    sample period's own sum of covariances over sum of variances. Efron and Stein 1981; Newey and
    West 1987.
    """
    y, x = as_pair(a, b)
    if (reason := unusable(y, x)) is not None:
        return reason
    shares = left_out(standardised(x), standardised(y))
    if isinstance(shares, NotComputed):
        return shares
    line = least_squares(y, x)
    influence = line.slope_influence / shares[0]
    estimate = influence_interval(
        line.slope,
        influence - influence.mean(),
        confidence_level=confidence_level,
        unit=unit,
        lag=lag,
        law="student",
    )
    return replace(
        estimate, interval=Interval.JACKKNIFE, method=f"jackknife of the slope, {estimate.method}"
    )


def alpha(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95, unit: str = "decimal"
) -> Estimate | NotComputed:
    """Intercept of the least-squares line of A on B, per period.

    mean(a) - beta mean(b). Influence values e_t - mean(b) (b_t - mean b) e_t / var(b).
    """
    y, x = as_pair(a, b)
    if (reason := unusable(y, x)) is not None:
        return reason
    line = least_squares(y, x)
    return influence_interval(
        line.intercept, line.intercept_influence, confidence_level=confidence_level, unit=unit
    )


def rsquared(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Share of A's variance that the line on B explains, which is r squared.

    r^2; the interval holds the squares of all r in the interval of
    :func:`~convex_research.statistics.dependence.correlation.pearson`, so it starts at 0 when that
    interval contains 0. ``std_error`` is 2 |r| se(r) (delta method).
    """
    r = pearson(a, b, confidence_level=confidence_level)
    if isinstance(r, NotComputed):
        return r
    square, method = r.value * r.value, f"square of r: {r.method}"
    if r.low is None or r.high is None:
        return replace(r, value=square, method=method)
    squares = (r.low * r.low, r.high * r.high)
    return replace(
        r,
        value=square,
        std_error=2.0 * abs(r.value) * (r.std_error or 0.0),
        low=0.0 if r.covers(0.0) else min(squares),
        high=max(squares),
        method=method,
    )


def line_band(
    a: ArrayLike, b: ArrayLike, at: ArrayLike, *, confidence_level: float = 0.95
) -> tuple[Array, Array, Array]:
    """The fitted line at given values of B, and both ends of a pointwise fixed-b band.

    At zero they are what :func:`alpha` gives.

    Parameters
    ----------
    at : array_like, shape (K,)
        Values of B.
    """
    y, x = as_pair(a, b)
    line = least_squares(y, x)
    away = np.asarray(at, dtype=np.float64) - x.mean()
    # The line's influence at any point is linear in these two, so one covariance serves all.
    mean_influence = line.intercept_influence + float(x.mean()) * line.slope_influence
    lag = bartlett_lag(x.size)
    omega = long_run_covariance(np.column_stack([mean_influence, line.slope_influence]), lag)
    variance = omega[0, 0] + away * (2.0 * omega[0, 1] + away * omega[1, 1])
    critical = fixed_b_critical(confidence_level, (lag + 1) / x.size)
    half = critical * np.sqrt(np.maximum(variance, 0.0) / x.size)
    fitted = float(y.mean()) + line.slope * away
    return fitted, fitted - half, fitted + half
