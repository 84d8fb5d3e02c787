"""Correlation given something: given the market, or given what is known today.

The partial correlation asks what two legs share once a third series is removed; the exponentially
weighted correlation asks what they share now.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed
from convex_research.statistics.dependence.correlation import pearson_influence
from convex_research.statistics.inference.influence_interval import (
    as_pair,
    as_series,
    influence_interval,
    symmetric_interval,
    unusable,
)
from convex_research.statistics.inference.jackknife import standardised

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["DECAY", "ewma", "ewma_path", "given", "partial", "partial_drop"]

DECAY = 0.94
"""RiskMetrics' decay for daily returns."""

_BURN_IN = 60
_MIN_NOBS_EWMA = 120


def _residuals(
    a: ArrayLike, b: ArrayLike, market: ArrayLike
) -> tuple[Array, Array, Array, Array] | NotComputed:
    """Both legs in standard units, and what the market leaves of each."""
    x, y = as_pair(a, b)
    m = as_series(market, "market")
    if m.size != x.size:
        raise ValueError(f"market differs in length: {m.size} and {x.size}")
    if (reason := unusable(x, y, m)) is not None:
        return reason
    zx, zy, zm = standardised(x), standardised(y), standardised(m)
    ex = zx - zm * (float(zm @ zx) / m.size)
    ey = zy - zm * (float(zm @ zy) / m.size)
    for residual in (ex, ey):
        if float(residual @ residual) < 1e-12 * m.size:
            return NotComputed(Missing.EXACT, "a leg moves in exact proportion to the market leg")
    return zx, zy, ex, ey


def given(market: Array, *columns: Array) -> list[Array]:
    """What a regression on the market with a constant leaves of series, one or many columns."""
    m = standardised(market)
    centred = [x - x.mean(axis=0) for x in columns]
    return [x - np.multiply.outer(m, m @ x / m.size) for x in centred]


def partial(
    a: ArrayLike,
    b: ArrayLike,
    market: ArrayLike,
    *,
    confidence_level: float = 0.95,
    lag: int | None = None,
) -> Estimate | NotComputed:
    """Correlation of two legs given a market leg, with a HAC interval.

    Correlation of the residuals of A and of B after a regression on the market with a constant:
    (r_ab - r_am r_bm) / sqrt((1 - r_am^2)(1 - r_bm^2)). The influence values are those of Pearson's
    r at the residuals; estimating the two slopes changes them only in second order, since residuals
    are uncorrelated with the market. Under GARCH plain fixed-b falls to 92 % at one year; where few
    days carry the variance, Student's critical value is the larger one and is used. Anderson
    (2003), An Introduction to Multivariate Statistical Analysis, section 2.5.

    Examples
    --------
    >>> import numpy as np
    >>> market, u, v = np.random.default_rng(7).standard_normal((3, 5000))
    >>> partial(market + u, market + v, market).covers(0.0)
    True
    """
    prepared = _residuals(a, b, market)
    if isinstance(prepared, NotComputed):
        return prepared
    r, influence = pearson_influence(prepared[2], prepared[3])
    if 1.0 - abs(r) < 1e-12:
        return NotComputed(Missing.EXACT, "given the market, the two move in exact proportion")
    return influence_interval(
        r, influence, confidence_level=confidence_level, law="larger", link="fisher", lag=lag
    )


def partial_drop(
    a: ArrayLike,
    b: ArrayLike,
    market: ArrayLike,
    *,
    confidence_level: float = 0.95,
    lag: int | None = None,
) -> Estimate | NotComputed:
    """How far the correlation falls when the market is removed: r minus partial r.

    Influence values are the difference of those of r and of the partial r, so that the interval
    allows for both being computed from the same days.
    """
    prepared = _residuals(a, b, market)
    if isinstance(prepared, NotComputed):
        return prepared
    zx, zy, ex, ey = prepared
    r, influence = pearson_influence(zx, zy)
    given, given_influence = pearson_influence(ex, ey)
    if 1.0 - max(abs(r), abs(given)) < 1e-12:
        return NotComputed(Missing.EXACT, "the two move in exact proportion")
    gap = influence - given_influence
    return influence_interval(
        r - given, gap, confidence_level=confidence_level, law="larger", lag=lag
    )


def ewma_path(a: ArrayLike, b: ArrayLike, *, decay: float = DECAY) -> Array:
    """RiskMetrics' exponentially weighted correlation after every observation.

    c_t / sqrt(v_t w_t) with c_t = decay c_{t-1} + (1 - decay) a_t b_t and v, w likewise of the
    squares, means zero and all started at zero: the start cancels in the ratio. NaN before both
    legs have moved, and wherever an input is not finite or came before. J. P. Morgan (1996),
    RiskMetrics Technical Document, 4th edition, section 5.2.

    Parameters
    ----------
    decay : float
        Weight of yesterday's moments, in (0, 1).
    """
    from scipy.signal import lfilter

    x, y = as_pair(a, b)
    if not 0.0 < decay < 1.0:
        raise ValueError(f"decay is not in (0, 1): {decay}")
    x, y = (v / max(float(np.abs(v).max(initial=0.0)), 1e-300) for v in (x, y))
    moments = np.stack([x * y, x * x, y * y])
    cross, left, right = lfilter([1.0 - decay], [1.0, -decay], moments, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        path = cross / np.sqrt(left * right)
    return np.asarray(np.clip(path, -1.0, 1.0))


def ewma(
    a: ArrayLike, b: ArrayLike, *, decay: float = DECAY, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Last value of the exponentially weighted correlation, with its sampling error.

    Needs 120 observations. The interval is for the variance-weighted correlation under the weights
    w_t. On Fisher's scale the variance is sum(w_t^2) times that of the influence values of r
    computed from returns divided by their own exponentially weighted volatility of the day before;
    1 / sum(w_t^2) = (1 + decay) / (1 - decay) is the effective number of days, 32 at 0.94. Shocks
    are taken as uncorrelated in time, the critical value is normal. J. P. Morgan (1996),
    RiskMetrics Technical Document, 4th edition, section 5.2.
    """
    from scipy.special import ndtri

    x, y = as_pair(a, b)
    if (reason := unusable(x, y, min_nobs=_MIN_NOBS_EWMA)) is not None:
        return reason
    value = float(ewma_path(x, y, decay=decay)[-1])
    if not math.isfinite(value):
        return NotComputed(
            Missing.NOT_MOVING, "a leg has not moved lately, so nothing is left to correlate"
        )
    scaled = _by_own_volatility(x, y, decay)
    if (reason := unusable(*scaled)) is not None:
        return reason
    r, influence = pearson_influence(*scaled)
    if 1.0 - max(abs(value), abs(r)) < 1e-12:
        return NotComputed(
            Missing.EXACT, "the two move in exact proportion, so r has no sampling error"
        )
    weight = (1.0 - decay) * decay ** np.arange(x.size)
    days = float(weight.sum() ** 2 / (weight @ weight))
    error_z = float(influence.std()) / (1.0 - r * r) / math.sqrt(days)
    return symmetric_interval(
        value,
        error_z * (1.0 - value * value),
        float(ndtri(0.5 + confidence_level / 2.0)),
        link="fisher",
        confidence_level=confidence_level,
        interval=Interval.NORMAL,
        method=f"exponential weights, decay {decay:g}, {days:.0f} effective days, Fisher scale",
        nobs=x.size,
    )


def _by_own_volatility(x: Array, y: Array, decay: float) -> tuple[Array, Array]:
    """Both legs over their exponentially weighted volatility of the day before."""
    from scipy.signal import lfilter

    legs = np.stack([x / np.abs(x).max(), y / np.abs(y).max()])
    variance = lfilter([1.0 - decay], [1.0, -decay], legs * legs, axis=1)
    known = np.sqrt(variance[:, _BURN_IN - 1 : -1])
    used = (known > 0.0).all(axis=0)  # a leg that has not moved yet has no volatility
    scaled = legs[:, _BURN_IN:][:, used] / known[:, used]
    return scaled[0], scaled[1]
