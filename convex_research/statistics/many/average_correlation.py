"""The average correlation of many legs, its path, and how much of it common directions carry."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Missing, NotComputed, too_short
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_INTERVAL,
    bartlett_lag,
    carried_df,
    carrying_days,
    hac_std_error,
    moves,
)
from convex_research.statistics.inference.jackknife import FisherZ, standardised

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["average_correlation", "component_shares", "rolling_average"]


def average_correlation(returns: Array) -> FisherZ | NotComputed:
    """Mean of the correlations of all pairs of legs, on Fisher's scale, with its error.

    rbar = (mean_t S_t^2 - M) / (M (M - 1)), S_t the sum of the standardised returns of day t.
    Influence (S_t^2 - s_t - sum_i u_it^2 (R_i - 1)) / (M (M - 1)), s_t = sum_i u_it^2 and R_i the
    sum of row i of the matrix; divided by 1 - rbar^2 on Fisher's scale; Bartlett HAC, Student law
    as of one correlation.

    - ``returns`` (M, n): legs on the same days, two at least.

    Examples
    --------
    >>> common, own = np.random.default_rng(7).standard_normal((2, 5, 800))
    >>> r = average_correlation(common[:1] + own)
    >>> round(float(np.tanh(r.z)), 1)
    0.5
    """
    legs, nobs = returns.shape
    if legs < 2 or nobs < MIN_NOBS_INTERVAL:
        return too_short(f"two legs and {MIN_NOBS_INTERVAL} shared observations", nobs)
    if not bool(np.all(moves(returns))):
        return NotComputed(Missing.NOT_MOVING, "a leg does not move in this sample")
    u = standardised(returns)
    total, squares = u.sum(axis=0), u * u
    count = legs * (legs - 1.0)
    mean = (float(total @ total) / nobs - legs) / count
    if 1.0 - mean < 1e-9:
        return NotComputed(Missing.EXACT, "the two move exactly in step")
    rows = u @ total / nobs  # of the matrix, with the one on its diagonal
    own = squares.sum(axis=0)
    influence = (total * total - own - (rows - 1.0) @ squares) / count
    influence = (influence - influence.mean()) / (1.0 - mean * mean)
    std_error, share, lag = hac_std_error(influence)
    df, days = float(carried_df(influence, share)), float(carrying_days(influence))
    return FisherZ(math.atanh(mean), std_error, df, nobs, lag, days)


def rolling_average(returns: Array, window: int) -> tuple[Array, Array, Array]:
    """Average correlation of every complete window on Fisher's scale, its error and df.

    Entry t is :func:`average_correlation` of observations t - window + 1 .. t; NaN before.
    """
    made = np.full((3, returns.shape[-1]), np.nan)
    share = (bartlett_lag(window) + 1) / window
    for last in range(window, returns.shape[-1] + 1):
        one = average_correlation(returns[:, last - window : last])
        if isinstance(one, FisherZ) and share > 0.0:
            made[:, last - 1] = one.z, one.std_error, one.df
    return made[0], made[1], made[2]


def component_shares(matrix: Array, count: int = 5) -> Array:
    """Shares of the first principal components of a correlation matrix in the sum of its diagonal.

    Eigenvalues over the number of legs, largest first.
    """
    values = np.linalg.eigvalsh(matrix)[::-1]
    return np.asarray(values[:count] / matrix.shape[0])
