"""Test of constant correlation against breaks at unknown dates.

Legs are centred on their medians and divided by their standard deviations first: the statistic does
not change, and prefix sums keep their digits.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from convex_research.core.estimates import Missing, NotComputed, TestResult
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_TEST,
    as_pair,
    bartlett_lag,
    unusable,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = [
    "LIMIT_FLAG",
    "Bandwidth",
    "bartlett_products",
    "prepared_legs",
    "wied",
    "wied_lag",
    "wied_statistics",
]

Bandwidth = Literal["log", "1.3sqrt"]
LIMIT_FLAG = "over_rejects_when_volatility_clusters"
"""Carried by tests whose p-value comes from a textbook law that clustering breaks."""


def prepared_legs(a: ArrayLike, b: ArrayLike) -> tuple[Array, Array] | NotComputed:
    """Both legs centred on their medians with unit scale, or why they cannot be tested.

    Not computed below 60 observations, for missing values, for a leg that does not move or moves
    with the other one alone, and when a single observation makes up more than half of a leg's
    variance: no test of stability means anything there.
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y, min_nobs=MIN_NOBS_TEST)) is not None:
        return reason
    legs = []
    for leg in (x, y):
        shifted = leg - np.median(leg)
        shifted /= float(shifted.std())
        if float(np.max(shifted * shifted)) > 0.5 * leg.size:
            return NotComputed(
                Missing.NO_FIT, "one observation makes up most of the variance of a leg"
            )
        legs.append(shifted)
    if 1.0 - abs(float(np.corrcoef(legs[0], legs[1])[0, 1])) < 1e-12:
        return NotComputed(
            Missing.EXACT, "the two are the same up to scale: there is nothing to test"
        )
    return legs[0], legs[1]


def wied_lag(nobs: int, bandwidth: Bandwidth) -> int:
    """Bartlett lag of the correlation test.

    - ``bandwidth``: [log T] - 1 of the authors, or floor(1.3 sqrt(T)).
    """
    if bandwidth == "log":
        return max(math.floor(math.log(nobs)) - 1, 0)
    if bandwidth == "1.3sqrt":
        return bartlett_lag(nobs)
    raise ValueError(f'bandwidth must be "log" or "1.3sqrt", got {bandwidth!r}')


def bartlett_products(u: Array, v: Array, lag: int) -> Array:
    """Bartlett long-run covariance of column pairs.

    The same as what
    :func:`~convex_research.statistics.inference.influence_interval.long_run_covariance` gives for
    each pair, in one pass whatever the lag: Bartlett's weights are those of the mean product of
    overlapping sums of L + 1 values, zeros beyond both ends.
    """
    nobs, width = u.shape[0], lag + 1
    left = np.cumsum(u, axis=0)
    right = left if v is u else np.cumsum(v, axis=0)

    def pieces(sums: Array) -> tuple[Array, Array, Array]:
        return sums[:width], sums[width:] - sums[:-width], sums[-1] - sums[nobs - width : -1]

    total = np.zeros(u.shape[1])
    for x, y in zip(pieces(left), pieces(right), strict=True):
        total += np.einsum("tp,tp->p", x, y)
    return np.asarray(total / (width * nobs))


def wied_statistics(x: Array, y: Array, lags: tuple[int, ...]) -> Array:
    """Statistic of the correlation test for many pairs of paths at once."""
    nobs = x.shape[0]
    inverse = 1.0 / np.arange(1.0, nobs + 1.0)[:, None]
    mean_x, mean_y = np.cumsum(x, axis=0), np.cumsum(y, axis=0)
    mean_x *= inverse
    mean_y *= inverse
    cov, var_x, var_y = (
        _recursive_moment(left, right, m_left, m_right, inverse)
        for left, right, m_left, m_right in (
            (x, y, mean_x, mean_y),
            (x, x, mean_x, mean_x),
            (y, y, mean_y, mean_y),
        )
    )
    sd_x, sd_y = np.sqrt(var_x[-1]), np.sqrt(var_y[-1])
    last = cov[-1] / (sd_x * sd_y)
    zx, zy = (x - mean_x[-1]) / sd_x, (y - mean_y[-1]) / sd_y
    # A leg that has not moved yet has no correlation and does not count.
    still = (var_x <= 1e-12 * var_x[-1]) | (var_y <= 1e-12 * var_y[-1])
    var_x *= var_y
    var_x[still] = 1.0
    cov /= np.sqrt(var_x, out=var_x)
    cov -= last
    cov[still] = 0.0
    cov /= inverse
    largest = np.abs(cov[1:], out=cov[1:]).max(axis=0) / math.sqrt(nobs)
    influence = zx * zy
    zx *= zx
    zx += np.square(zy, out=zy)
    zx *= 0.5 * last
    influence -= zx
    return np.stack(
        [largest / np.sqrt(bartlett_products(influence, influence, lag)) for lag in lags]
    )


def _recursive_moment(
    left: Array, right: Array, mean_left: Array, mean_right: Array, inverse: Array
) -> Array:
    """Second central moment of the first j rows, for every j."""
    moment = np.cumsum(left * right, axis=0)
    moment *= inverse
    moment -= mean_left * mean_right
    return np.asarray(moment)


def wied(a: ArrayLike, b: ArrayLike, *, bandwidth: Bandwidth = "log") -> TestResult | NotComputed:
    """Test of constant correlation against a change at an unknown date.

    Q = max_j (j / sqrt(T)) abs(r_j - r_T) / sigma, with r_j the correlation of the first j
    observations and sigma^2 the Bartlett long-run variance of the influence function of r. The
    limit law rejects 7 to 12 % of constant correlations at 252 observations and 4 to 7 % at 1,260;
    below 1,000 it is flagged. Not computed below 60 observations. Wied, Kraemer and Dehling (2012),
    Econometric Theory 28, 570-589.

    Parameters
    ----------
    bandwidth : {"log", "1.3sqrt"}
        Lag of the long-run variance; see :func:`wied_lag`.
    """
    from scipy.special import kolmogorov

    prepared = prepared_legs(a, b)
    if isinstance(prepared, NotComputed):
        return prepared
    x, y = prepared
    lag = wied_lag(x.size, bandwidth)
    statistic = float(wied_statistics(x[:, None], y[:, None], (lag,))[0, 0])
    return TestResult(
        statistic=statistic,
        pvalue=float(kolmogorov(statistic)),
        null="the correlation is constant over the sample",
        alternative="the correlation changes at least once",
        distribution=f"supremum of a Brownian bridge (Bartlett, lag {lag})",
        nobs=x.size,
        flags=(LIMIT_FLAG,),
    )
