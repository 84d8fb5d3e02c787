"""Rolling correlation and beta that stay right where running sums do not.

Each window is centred on its own means and summed afresh (two passes), so a bad tick or a large
offset harms only the windows that hold it. Running sums, and formulas that subtract squares, lose
all digits at an offset of 1e8; pandas' rolling beta by covariance over variance loses seven.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_INTERVAL,
    as_pair,
    bartlett_lag,
    carried_df,
    long_run_variance,
    moves,
)
from convex_research.statistics.inference.jackknife import leave_one_out, standardised
from convex_research.statistics.simulate.prefix_sums import window_sums

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convex_research.core.typing import Array, ArrayLike, Mask

__all__ = ["rolling_beta", "rolling_fisher_z", "rolling_paths", "rolling_pearson"]

_CHUNK_VALUES = 1 << 15  # windows are made in pieces that stay in the cache


def _power_of_two(x: Array) -> float:
    """A power of two near the largest value: dividing by it is exact."""
    finite = np.abs(x[np.isfinite(x)])
    largest = float(finite.max()) if finite.size else 0.0
    return math.ldexp(1.0, math.frexp(largest)[1]) if largest > 0.0 else 1.0


def _centred(x: Array) -> Array:
    """Rows minus their means; the second pass removes the first mean's rounding."""
    u = x - x.mean(axis=1, keepdims=True)
    u -= u.mean(axis=1, keepdims=True)
    return np.asarray(u)


def _windows(x: Array, y: Array, window: int) -> Iterator[tuple[slice, Mask, Array, Array]]:
    """Pieces of the (T - window + 1, window) window matrices of both series that move."""
    if window < 2:
        raise ValueError(f"window must be at least 2, got {window}")
    if x.size < window:
        return
    wx, wy = sliding_window_view(x, window), sliding_window_view(y, window)
    step = max(1, _CHUNK_VALUES // window)
    for first in range(0, len(wx), step):
        rows = slice(first, min(first + step, len(wx)))
        good = moves(wx[rows]) & moves(wy[rows])
        at = slice(rows.start + window - 1, rows.stop + window - 1)
        yield at, good, wx[rows][good], wy[rows][good]


def rolling_pearson(a: ArrayLike, b: ArrayLike, window: int) -> Array:
    """Pearson's r over every complete window.

    Entry t is r over observations t - window + 1 .. t. NaN where the window is incomplete, holds a
    missing value, or a leg does not move in it.
    """
    x, y = as_pair(a, b)
    x, y = x / _power_of_two(x), y / _power_of_two(y)
    result = np.full(x.size, np.nan)
    for at, good, wx, wy in _windows(x, y, window):
        u, v = _centred(wx), _centred(wy)
        uv = np.einsum("ij,ij->i", u, v)
        norm = np.sqrt(np.einsum("ij,ij->i", u, u)) * np.sqrt(np.einsum("ij,ij->i", v, v))
        result[at][good] = np.clip(uv / norm, -1.0, 1.0)
    return result


def rolling_beta(a: ArrayLike, b: ArrayLike, window: int) -> Array:
    """Slope of A on B over every complete window.

    cov(a, b) / var(b) over observations t - window + 1 .. t; NaN where the window is incomplete,
    holds a missing value, or a leg does not move in it.
    """
    x, y = as_pair(a, b)
    scale_x, scale_y = _power_of_two(x), _power_of_two(y)
    result = np.full(x.size, np.nan)
    for at, good, wx, wy in _windows(x / scale_x, y / scale_y, window):
        u, v = _centred(wx), _centred(wy)
        uv, vv = np.einsum("ij,ij->i", u, v), np.einsum("ij,ij->i", v, v)
        result[at][good] = uv / vv * (scale_x / scale_y)
    return result


def rolling_fisher_z(a: ArrayLike, b: ArrayLike, window: int) -> tuple[Array, Array, Array]:
    """Fisher's z of every complete window, its standard error and degrees of freedom.

    What :func:`~convex_research.statistics.inference.jackknife.fisher_z` gives window by window;
    NaN where it gives none, as below 30 observations or where the legs are exactly in step.
    """
    x, y = as_pair(a, b)
    x, y = x / _power_of_two(x), y / _power_of_two(y)
    made = np.full((3, x.size), np.nan)
    for at, good, wx, wy in _windows(x, y, window):
        if window < MIN_NOBS_INTERVAL:
            break
        z, influence, flaw = leave_one_out(standardised(wx), standardised(wy))
        good[good] = flaw == 0
        z, influence = z[flaw == 0], influence[flaw == 0]
        lag = bartlett_lag(window)
        std_error = np.sqrt(long_run_variance(influence, lag) / window)
        std_error[std_error == 0.0] = np.nan
        made[:, at][:, good] = z, std_error, carried_df(influence, (lag + 1) / window)
    made[:, np.isnan(made[1])] = np.nan
    return made[0], made[1], made[2]


def rolling_paths(a: Array, b: Array, window: int) -> Array:
    """Rolling correlation of many paths at once, for simulated and resampled ones.

    Shape (T - window + 1, paths), in the precision of ``a``; NaN where a leg does not move. The
    series are not centred.
    """
    nobs, paths = a.shape
    total = np.empty((nobs, 5, paths), dtype=a.dtype)
    total[:, 0], total[:, 1] = a, b
    for k, (left, right) in enumerate(((a, b), (a, a), (b, b)), start=2):
        np.multiply(left, right, out=total[:, k])
    sums = window_sums(total, window)
    sums[:, 2:] *= window  # n sum xy - sum x sum y: everything n^2 times too large
    plain, cov, variances = sums[:, :2], sums[:, 2], sums[:, 3:]
    cov -= plain[:, 0] * plain[:, 1]
    variances -= np.square(plain, out=plain)
    plain *= window * np.finfo(a.dtype).eps
    if (still := variances <= plain).any():
        variances[still] = np.nan
    np.sqrt(variances, out=variances)
    for leg in (0, 1):  # one after the other: the product of both may be too small
        cov /= variances[:, leg]
    return np.asarray(np.clip(cov, -1.0, 1.0, out=cov))
