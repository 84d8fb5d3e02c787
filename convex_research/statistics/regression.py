"""Ordinary least squares of leg A on leg B, with fixed-b HAC intervals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.estimates import Estimate, NotComputed
from convex_research.statistics.correlation import pearson
from convex_research.statistics.inference import as_pair, influence_interval, unusable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

__all__ = ["alpha", "beta", "line_band", "rsquared"]


class _Line(NamedTuple):
    slope: float
    intercept: float
    slope_influence: Array
    intercept_influence: Array


def _least_squares(y: Array, x: Array) -> _Line:
    """Slope and intercept of y on x with their influence values, from centred data."""
    dx, dy = x - x.mean(), y - y.mean()
    scale = float(np.abs(dx).max())
    unit = dx / scale  # keeps squares of tiny and huge values in range
    variance = float(unit @ unit) / x.size
    slope = float(unit @ dy) / x.size / variance / scale
    resid = dy - slope * dx
    slope_influence = unit * resid / (variance * scale)
    intercept_influence = resid - float(x.mean()) * slope_influence
    return _Line(slope, float(y.mean() - slope * x.mean()), slope_influence, intercept_influence)


def beta(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95, unit: str = "dimensionless"
) -> Estimate | NotComputed:
    """Slope of the least-squares line of A on B.

    Parameters
    ----------
    a : array_like, shape (T,)
        Dependent returns.
    b : array_like, shape (T,)
        Explanatory returns.
    confidence_level : float
        0.90 or 0.95.
    unit : str
        Unit of A per unit of B.

    Returns
    -------
    Estimate or NotComputed
        beta = cov(a, b) / var(b) = r sd(a) / sd(b). Influence values
        (b_t - mean b) e_t / var(b) with e the residual; Bartlett HAC, fixed-b. The
        target is the sample period's own sum of covariances over sum of variances.

    Raises
    ------
    ValueError
        If the inputs are not one-dimensional and of equal length.

    References
    ----------
    Newey and West (1987), Econometrica 55; Kiefer and Vogelsang (2005).
    """
    y, x = as_pair(a, b)
    if (reason := unusable(y, x)) is not None:
        return reason
    line = _least_squares(y, x)
    return influence_interval(
        line.slope, line.slope_influence, confidence_level=confidence_level, unit=unit
    )


def alpha(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95, unit: str = "decimal"
) -> Estimate | NotComputed:
    """Intercept of the least-squares line of A on B, per period.

    Parameters
    ----------
    a, b : array_like, shape (T,)
        Dependent and explanatory returns.
    confidence_level : float
        0.90 or 0.95.
    unit : str
        Unit of A.

    Returns
    -------
    Estimate or NotComputed
        mean(a) - beta mean(b). Influence values e_t - mean(b) (b_t - mean b) e_t / var(b).

    Raises
    ------
    ValueError
        If the inputs are not one-dimensional and of equal length.
    """
    y, x = as_pair(a, b)
    if (reason := unusable(y, x)) is not None:
        return reason
    line = _least_squares(y, x)
    return influence_interval(
        line.intercept, line.intercept_influence, confidence_level=confidence_level, unit=unit
    )


def rsquared(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Share of A's variance that the line on B explains, which is r squared.

    Parameters
    ----------
    a, b : array_like, shape (T,)
        Returns of the two legs.
    confidence_level : float
        0.90 or 0.95.

    Returns
    -------
    Estimate or NotComputed
        r^2; the interval holds the squares of all r in the interval of
        :func:`~convex_research.statistics.correlation.pearson`, so it starts at 0 when
        that interval contains 0. ``std_error`` is 2 |r| se(r) (delta method).

    Raises
    ------
    ValueError
        If the inputs are not one-dimensional and of equal length.
    """
    r = pearson(a, b, confidence_level=confidence_level)
    if isinstance(r, NotComputed):
        return r
    low, high = r.low or 0.0, r.high or 0.0
    squares = (low * low, high * high)
    return Estimate(
        value=r.value * r.value,
        std_error=2.0 * abs(r.value) * (r.std_error or 0.0),
        low=0.0 if low <= 0.0 <= high else min(squares),
        high=max(squares),
        confidence_level=confidence_level,
        method=f"square of r: {r.method}",
        nobs=r.nobs,
    )


def line_band(
    a: ArrayLike, b: ArrayLike, at: ArrayLike, *, confidence_level: float = 0.95
) -> tuple[Array, Array, Array]:
    """The fitted line at given values of B, with a pointwise fixed-b band.

    Parameters
    ----------
    a, b : array_like, shape (T,)
        Dependent and explanatory returns, usable for :func:`beta`.
    at : array_like, shape (K,)
        Values of B.
    confidence_level : float
        0.90 or 0.95.

    Returns
    -------
    fitted, low, high : array, shape (K,)
        In the unit of A.
    """
    y, x = as_pair(a, b)
    line = _least_squares(y, x)
    grid = np.asarray(at, dtype=np.float64)
    bands = [
        influence_interval(
            line.intercept + line.slope * g,
            line.intercept_influence + g * line.slope_influence,
            confidence_level=confidence_level,
        )
        for g in grid
    ]
    low = np.array([math.nan if e.low is None else e.low for e in bands])
    high = np.array([math.nan if e.high is None else e.high for e in bands])
    return line.intercept + line.slope * grid, low, high
