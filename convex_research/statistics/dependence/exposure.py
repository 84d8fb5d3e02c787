"""How two legs respond to a market: by how much, how late, and in which weather."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed, too_short
from convex_research.statistics.dependence.explained import ExplainedShare, explained_share
from convex_research.statistics.dependence.regression import least_squares
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_TEST,
    as_pair,
    as_series,
    influence_interval,
    unusable,
)
from convex_research.statistics.inference.masked import spread_influence

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike, Mask

__all__ = ["Slopes", "delay_gap", "market_slopes", "mean_gap", "mean_in"]

DELAY_LAGS = 5
_LEAST_SHARE = 0.10
"""Below this R2 a delay share is a ratio of two noises."""


class Slopes(NamedTuple):
    """Least-squares slopes of two legs on one series, and their difference."""

    a: Estimate | NotComputed
    b: Estimate | NotComputed
    gap: Estimate | NotComputed


def market_slopes(
    a: ArrayLike,
    b: ArrayLike,
    market: ArrayLike,
    *,
    confidence_level: float = 0.95,
    unit: str = "dimensionless",
    lag: int | None = None,
) -> Slopes:
    """Slopes of A and of B on a market leg, and A's less B's.

    Influence values (m - mean) e / var(m); for the difference those of both legs subtracted, so
    that shared errors cancel.
    """
    x, y = as_pair(a, b)
    m = as_series(market, "market")
    if m.shape != x.shape:
        raise ValueError(f"market and the legs differ in length: {m.size} and {x.size}")
    if (reason := unusable(x, y, m)) is not None:
        return Slopes(reason, reason, reason)
    one, two = least_squares(x, m), least_squares(y, m)

    def interval(value: float, influence: Array) -> Estimate | NotComputed:
        if float(np.abs(influence).max()) <= 1e-12 * max(1.0, abs(value)):
            return NotComputed(Missing.EXACT, "the two move in exact proportion")
        return influence_interval(
            value, influence, confidence_level=confidence_level, law="larger", unit=unit, lag=lag
        )

    return Slopes(
        interval(one.slope, one.slope_influence),
        interval(two.slope, two.slope_influence),
        interval(one.slope - two.slope, one.slope_influence - two.slope_influence),
    )


def _delay(y: Array, lagged: Array) -> ExplainedShare | NotComputed:
    """1 - R2 on the same day over R2 with lags, its influence values and noise."""
    now, later = explained_share(y, lagged[:, :1]), explained_share(y, lagged)
    if isinstance(now, NotComputed):
        return now
    if isinstance(later, NotComputed):
        return later
    if later.value < _LEAST_SHARE:
        return NotComputed(
            Missing.UNDEFINED,
            f"the market explains {100 * max(later.value, 0.0):.0f} % of one; a delay needs 10 %",
        )
    influence = now.value * later.influence / later.value**2 - now.influence / later.value
    return ExplainedShare(1.0 - now.value / later.value, influence, later.noise / later.value)


def delay_gap(
    a: ArrayLike,
    b: ArrayLike,
    market: ArrayLike,
    *,
    confidence_level: float = 0.95,
    lag: int | None = None,
) -> tuple[Estimate | NotComputed, tuple[float, float]]:
    """How much more of the market's pull reaches A late than B.

    Hou and Moskowitz (2005), Review of Financial Studies 18, 981-1020.

    Returns
    -------
    gap : Estimate or NotComputed
        D_a - D_b with D = 1 - R2_0 / R2_5: R2 on the same day's market return over R2 with its five
        lags besides, both adjusted.
    shares : tuple of float
        D of each leg, zero where not computed.
    """
    x, y = as_pair(a, b)
    m = as_series(market, "market")
    if (reason := unusable(x, y, m, min_nobs=MIN_NOBS_TEST + DELAY_LAGS)) is not None:
        return reason, (0.0, 0.0)
    lagged = np.lib.stride_tricks.sliding_window_view(m, DELAY_LAGS + 1)[:, ::-1]
    shares = [_delay(leg[DELAY_LAGS:], lagged) for leg in (x, y)]
    one, two = shares
    if isinstance(one, NotComputed):
        return one, (0.0, 0.0)
    if isinstance(two, NotComputed):
        return two, (0.0, 0.0)
    return one.less(two).estimate(confidence_level, lag), (one.value, two.value)


def mean_in(
    y: ArrayLike,
    mask: Mask,
    *,
    scale: float = 1.0,
    confidence_level: float = 0.95,
    unit: str = "decimal a year",
    lag: int | None = None,
) -> Estimate | NotComputed:
    """Mean of a series on some dates, times a scale such as the periods in a year.

    Influence values on the time line of all T dates; Bartlett HAC, fixed-b.

    Parameters
    ----------
    mask : array of bool, shape (T,)
        The dates, 60 at least.
    scale : float
        Factor on the mean.
    """
    series, count = as_series(y, "y"), int(mask.sum())
    if count < MIN_NOBS_TEST:
        return too_short(f"{MIN_NOBS_TEST} such observations", count)
    if (reason := unusable(series[mask])) is not None:
        return reason
    mean = float(series[mask].mean())
    return influence_interval(
        mean * scale,
        spread_influence(series[mask] - mean, mask) * scale,
        confidence_level=confidence_level,
        law="larger",
        unit=unit,
        lag=lag,
        nobs=count,
    )


def mean_gap(
    y: ArrayLike,
    first: Mask,
    second: Mask,
    *,
    scale: float = 1.0,
    confidence_level: float = 0.95,
    unit: str = "decimal a year",
    lag: int | None = None,
) -> Estimate | NotComputed:
    """Mean of a series on some dates less that on others; see :func:`mean_in`."""
    series = as_series(y, "y")
    terms, means = [], []
    for mask in (first, second):
        if int(mask.sum()) < MIN_NOBS_TEST:
            return too_short(f"{MIN_NOBS_TEST} days of either sort", mask.sum())
        if (reason := unusable(series[mask])) is not None:
            return reason
        means.append(float(series[mask].mean()))
        terms.append(spread_influence(series[mask] - means[-1], mask))
    return influence_interval(
        scale * (means[0] - means[1]),
        scale * (terms[0] - terms[1]),
        confidence_level=confidence_level,
        law="larger",
        unit=unit,
        lag=lag,
        nobs=int(first.sum() + second.sum()),
    )
