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

__all__ = [
    "annual_volatility",
    "annualise",
    "log_volatility_ratio",
    "volatility",
    "volatility_ratio",
]

_ROUNDING = 1e-12


def _log_influence(x: Array) -> tuple[float, Array]:
    """Standard deviation, and the influence values of its log, (z_t^2 - 1) / 2."""
    centred = x - x.mean()
    centred -= centred.mean()  # the first mean's own rounding, at an offset of 1e8
    scale = float(np.abs(centred).max())
    z = centred / scale
    mean_square = float(z @ z) / z.size
    value = scale * math.sqrt(mean_square * z.size / (z.size - 1))
    return value, 0.5 * (z * z / mean_square - 1.0)


def volatility(
    x: ArrayLike, *, confidence_level: float = 0.95, unit: str = "decimal"
) -> Estimate | NotComputed:
    """Sample standard deviation with a HAC interval.

    sqrt(sum (x - mean)^2 / (T - 1)), ddof 1. Influence values of the log are (z_t^2 - 1) / 2; the
    interval is made on the log scale, so both ends are positive. It is for the window's own average
    variance, which it covers where volatility clusters; the long-run level may lie outside more
    often than the level says, as a window holds few spells of high and low volatility. The critical
    value is that of
    :func:`~convex_research.statistics.inference.influence_interval.carried_critical`: with heavy
    tails a few squares carry the variance. Where the fourth moment does not exist (Student's t with
    3 degrees of freedom) a nominal 95 % covers .83 to .89, a jackknife no more than .01 better.
    """
    series = as_series(x)
    if (reason := unusable(series)) is not None:
        return reason
    value, influence = _log_influence(series)
    estimate = influence_interval(
        value,
        value * influence,
        confidence_level=confidence_level,
        link="log",
        unit=unit,
        law="student",
    )
    method = f"{estimate.method} (95 % covers .83 to .89 for Student t, 3 df)"
    return replace(estimate, method=method)


def log_volatility_ratio(a: ArrayLike, b: ArrayLike) -> tuple[float, Array] | NotComputed:
    """Log of A's standard deviation over B's, and its influence values."""
    x, y = as_pair(a, b)
    if (reason := unusable(x, y)) is not None:
        return reason
    (value_a, first), (value_b, second) = _log_influence(x), _log_influence(y)
    influence = first - second
    if not np.abs(influence).max() > _ROUNDING * np.abs(first).max():
        return NotComputed(Missing.EXACT, "the two move in exact proportion")
    return math.log(value_a / value_b), influence


def volatility_ratio(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95, lag: int | None = None
) -> Estimate | NotComputed:
    """Standard deviation of A over that of B, with an interval for both from the same days.

    As :func:`volatility`, from the difference of the influence values of both logs.
    """
    log_ratio = log_volatility_ratio(a, b)
    if isinstance(log_ratio, NotComputed):
        return log_ratio
    value = math.exp(log_ratio[0])
    influence = value * log_ratio[1]
    return influence_interval(
        value, influence, confidence_level=confidence_level, link="log", lag=lag, law="student"
    )


def annualise(per_period: Estimate | NotComputed, periods_per_year: int) -> Estimate | NotComputed:
    """A standard deviation per period times sqrt(periods a year), interval included."""
    if isinstance(per_period, NotComputed):
        return per_period
    parts = ((name, getattr(per_period, name)) for name in ("value", "std_error", "low", "high"))
    yearly = {k: part * math.sqrt(periods_per_year) for k, part in parts if part is not None}
    method = f"{per_period.method}; times sqrt({periods_per_year})"
    return replace(per_period, method=method, **yearly)


def annual_volatility(
    x: ArrayLike, periods_per_year: int, *, confidence_level: float = 0.95, unit: str = "decimal"
) -> Estimate | NotComputed:
    """Annualised sample standard deviation; see :func:`volatility`, here times sqrt(periods).

    252 for exchange sessions, 365 for markets that never close, 52, 12.
    """
    per_period = volatility(x, confidence_level=confidence_level, unit=unit)
    return annualise(per_period, periods_per_year)
