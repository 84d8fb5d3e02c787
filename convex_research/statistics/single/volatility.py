"""Standard deviation of returns, per period and annualised."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed
from convex_research.statistics.inference.influence_interval import (
    as_pair,
    as_series,
    influence_interval,
    unusable,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["annual_volatility", "annualise", "volatility", "volatility_ratio"]

# A sum of squares of which one observation leaves no more than this share.
_NOTHING = 1e-12


def _log_influence(x: Array) -> tuple[float, Array] | NotComputed:
    """Standard deviation and the jackknife influence values of its log, in O(n)."""
    centred = x - x.mean()
    centred -= centred.mean()  # the first mean's own rounding, at an offset of 1e8
    scale = float(np.abs(centred).max())
    z = centred / scale
    nobs, total = z.size, float(z @ z)
    lost = nobs / (nobs - 1.0) * z * z / total
    if lost.max() >= 1.0 - _NOTHING:
        return NotComputed(Missing.NOT_MOVING, "it moves on a single day only")
    influence = -0.5 * (nobs - 1.0) * np.log1p(-lost)
    return scale * math.sqrt(total / (nobs - 1.0)), influence - influence.mean()


def volatility(
    x: ArrayLike, *, confidence_level: float = 0.95, unit: str = "decimal"
) -> Estimate | NotComputed:
    """Sample standard deviation with a HAC interval.

    Parameters
    ----------
    x : array_like, shape (T,)
        Returns.
    confidence_level : float
        Nominal coverage, in (0, 1).
    unit : str
        Unit of ``x``.

    Returns
    -------
    Estimate or NotComputed
        sqrt(sum (x - mean)^2 / (T - 1)), ddof 1. The interval is made on the log scale from
        jackknife influence values (T - 1) (log s - log s_(-t)), Bartlett HAC with the Student
        degrees of freedom of
        :func:`~convex_research.statistics.inference.influence_interval.carried_df`. It is for
        the window's own average variance; the long-run level may lie outside more often than
        the level says, as a window holds few spells of high and low volatility.

    References
    ----------
    Efron and Stein (1981), Annals of Statistics 9, 586-596.
    """
    series = as_series(x)
    if (reason := unusable(series)) is not None:
        return reason
    found = _log_influence(series)
    if isinstance(found, NotComputed):
        return found
    value, influence = found
    return influence_interval(
        value,
        value * influence,
        confidence_level=confidence_level,
        link="log",
        unit=unit,
        carried=True,
    )


def volatility_ratio(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95, lag: int | None = None
) -> Estimate | NotComputed:
    """Standard deviation of A over that of B, with an interval for both from the same days.

    Parameters
    ----------
    a, b : array_like, shape (T,)
        Returns of the legs in one unit.
    confidence_level : float
        Nominal coverage, in (0, 1).
    lag : int, default floor(1.3 sqrt(T))

    Returns
    -------
    Estimate or NotComputed
        As :func:`volatility`, from the difference of the influence values of both logs.
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y)) is not None:
        return reason
    one, two = _log_influence(x), _log_influence(y)
    if isinstance(one, NotComputed):
        return one
    if isinstance(two, NotComputed):
        return two
    value, influence = one[0] / two[0], one[1] - two[1]
    if not np.abs(influence).max() > _NOTHING * np.abs(one[1]).max():
        return NotComputed(Missing.EXACT, "the legs move in exact proportion")
    return influence_interval(
        value,
        value * influence,
        confidence_level=confidence_level,
        link="log",
        lag=lag,
        carried=True,
    )


def annualise(per_period: Estimate | NotComputed, periods_per_year: int) -> Estimate | NotComputed:
    """A standard deviation per period times sqrt(periods a year), interval included."""
    if isinstance(per_period, NotComputed):
        return per_period
    factor = math.sqrt(periods_per_year)
    return replace(
        per_period,
        value=per_period.value * factor,
        std_error=None if per_period.std_error is None else per_period.std_error * factor,
        low=None if per_period.low is None else per_period.low * factor,
        high=None if per_period.high is None else per_period.high * factor,
        method=f"{per_period.method}; times sqrt({periods_per_year})",
    )


def annual_volatility(
    x: ArrayLike, periods_per_year: int, *, confidence_level: float = 0.95, unit: str = "decimal"
) -> Estimate | NotComputed:
    """Annualised sample standard deviation: :func:`volatility` times sqrt(periods).

    Parameters
    ----------
    x : array_like, shape (T,)
        Returns.
    periods_per_year : int
        252 for exchange sessions, 365 for markets that never close, 52, 12.
    confidence_level : {0.90, 0.95}
    unit : str
        Unit of ``x``.

    Returns
    -------
    Estimate or NotComputed
    """
    one = volatility(x, confidence_level=confidence_level, unit=unit)
    return annualise(one, periods_per_year)
