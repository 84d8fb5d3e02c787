"""Correlation of two return series, with intervals that hold for real returns.

The interval of the textbooks (Fisher's z with standard error 1 / sqrt(n - 3)) assumes
independent normal observations; on daily returns it is several times too narrow. The
headline here is the influence function with a fixed-b HAC variance; Fisher's interval
and the stationary bootstrap are available by argument, for comparison.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from convex_research.estimates import Estimate, NotComputed
from convex_research.statistics.bootstrap import correlation_interval
from convex_research.statistics.inference import as_pair, influence_interval, unusable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

__all__ = ["kendall", "pearson", "pearson_influence", "spearman"]

Interval = Literal["fixed-b", "fisher", "bootstrap"]

_COLLINEAR = NotComputed("the legs move in exact proportion, so r has no sampling error")


def _standardised(x: Array) -> Array:
    """Centred and divided by its standard deviation (ddof 0), scale-free."""
    centred = x - x.mean()
    centred /= np.abs(centred).max()  # keeps squares of tiny and huge values in range
    return np.asarray(centred / math.sqrt(float(centred @ centred) / x.size))


def pearson_influence(a: Array, b: Array) -> tuple[float, Array]:
    """Pearson's r and its influence values.

    Parameters
    ----------
    a, b : array, shape (T,)
        Finite series, neither constant.

    Returns
    -------
    r : float
        Sample correlation.
    influence : array, shape (T,)
        IF_t = za_t zb_t - r / 2 (za_t^2 + zb_t^2), with z standardised (ddof 0).

    Notes
    -----
    Steiger and Hakstian (1982), British J. Math. Stat. Psychology 35, 208-215.
    """
    za, zb = _standardised(a), _standardised(b)
    r = min(max(float(za @ zb) / a.size, -1.0), 1.0)
    return r, za * zb - 0.5 * r * (za * za + zb * zb)


def pearson(
    a: ArrayLike,
    b: ArrayLike,
    *,
    interval: Interval = "fixed-b",
    confidence_level: float = 0.95,
) -> Estimate | NotComputed:
    """Pearson correlation with a confidence interval.

    Parameters
    ----------
    a, b : array_like, shape (T,)
        Returns of the two legs on shared dates, decimal (or any unit: r is scale-free).
    interval : {"fixed-b", "fisher", "bootstrap"}
        ``"fixed-b"``: influence function, Bartlett HAC with lag floor(1.3 sqrt(T)),
        fixed-b critical values, on Fisher's scale. ``"fisher"``: z +/- q / sqrt(T - 3),
        right only for independent normal observations. ``"bootstrap"``: stationary
        bootstrap of z with the automatic block length of Politis and White.
    confidence_level : float
        0.90 or 0.95 for fixed-b, any level in (0, 1) otherwise.

    Returns
    -------
    Estimate or NotComputed
        The interval is for the average correlation over the sample.

    Raises
    ------
    ValueError
        If the inputs are not one-dimensional and of equal length.

    References
    ----------
    Lazarus, Lewis, Stock and Watson (2018), JBES 36, 541-559.
    Politis and Romano (1994), JASA 89, 1303-1313.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(7)
    >>> common, noise = rng.standard_normal((2, 500))
    >>> round(pearson(common, common + noise).value, 2)
    0.72
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y)) is not None:
        return reason
    r, influence = pearson_influence(x, y)
    if 1.0 - abs(r) < 1e-12:
        return _COLLINEAR
    if interval == "fixed-b":
        return influence_interval(r, influence, confidence_level=confidence_level, link="fisher")
    if interval == "fisher":
        return _fisher(r, x.size, confidence_level)
    if interval == "bootstrap":
        return correlation_interval(x, y, r, influence, confidence_level=confidence_level)
    raise ValueError(f'interval must be "fixed-b", "fisher" or "bootstrap", got {interval!r}')


def _fisher(r: float, nobs: int, confidence_level: float) -> Estimate:
    from scipy.special import ndtri

    half = float(ndtri(0.5 + confidence_level / 2.0)) / math.sqrt(nobs - 3)
    z = math.atanh(r)
    return Estimate(
        value=r,
        std_error=(1.0 - r * r) / math.sqrt(nobs - 3),
        low=math.tanh(z - half),
        high=math.tanh(z + half),
        confidence_level=confidence_level,
        method="Fisher z, independent normal observations assumed",
        nobs=nobs,
    )


def _mid_ranks(x: Array) -> Array:
    """Ranks 1..T, tied values sharing the mean of their ranks."""
    _, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - 0.5 * (counts - 1))[inverse])


def spearman(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Spearman's rank correlation with a fixed-b HAC interval.

    Parameters
    ----------
    a, b : array_like, shape (T,)
        Returns of the two legs on shared dates.
    confidence_level : float
        0.90 or 0.95.

    Returns
    -------
    Estimate or NotComputed
        Pearson's r of mid-ranks. Influence values (Hoeffding projection):
        12 [F(x) G(y) + k1(x) + k2(y)] - r / 2 (zF^2 + zG^2) terms do not arise because
        the rank variances are fixed; k1(x) = E[1{X > x} G(Y)], k2(y) = E[1{Y > y} F(X)],
        a tie counting one half.

    References
    ----------
    Croux and Dehon (2010), Statistical Methods and Applications 19, 497-515.
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y)) is not None:
        return reason
    nobs = x.size
    ranks_x, ranks_y = _mid_ranks(x), _mid_ranks(y)
    zx, zy = _standardised(ranks_x), _standardised(ranks_y)
    rho = min(max(float(zx @ zy) / nobs, -1.0), 1.0)
    if 1.0 - abs(rho) < 1e-12:
        return _COLLINEAR
    # With ties the ranks' variance falls below 1/12; zx and zy carry the right scale.
    scale = 1.0 / (ranks_x.std() * ranks_y.std() / nobs**2)
    product = zx * zy + scale * (_mean_above(x, ranks_y / nobs) + _mean_above(y, ranks_x / nobs))
    influence = product - product.mean()
    return influence_interval(rho, influence, confidence_level=confidence_level, link="fisher")


def _mean_above(x: Array, weight: Array) -> Array:
    """For each t the mean over s of weight_s 1{x_s > x_t}, ties counting one half."""
    _, inverse = np.unique(x, return_inverse=True)
    sums = np.bincount(inverse, weights=weight - weight.mean())
    above = sums[::-1].cumsum()[::-1] - 0.5 * sums
    return np.asarray(above[inverse] / x.size)


def _dominated(x: Array, y: Array) -> Array:
    """For each t the number of s with x_s < x_t and y_s < y_t, in O(T log^2 T).

    Merge counting, one vectorised sort a level: in an order sorted by x, an element in
    the right half of a block dominates those elements of the left half with smaller y.
    """
    nobs = x.size
    order = np.lexsort((-y, x))  # equal x: larger y first, so that ties never count
    key = np.empty(nobs, dtype=np.int64)
    key[np.lexsort((-np.arange(nobs), y[order]))] = np.arange(nobs)
    size = 1 << (nobs - 1).bit_length()
    padded = np.concatenate([key, np.arange(nobs, size)])
    counts = np.zeros(size, dtype=np.int64)
    width = 2
    while width <= size:
        blocks = padded.reshape(-1, width)
        rank = np.argsort(blocks, axis=1, kind="stable")
        left = rank < width // 2
        seen = np.cumsum(left, axis=1)
        rows, columns = np.nonzero(~left)
        counts[rows * width + rank[rows, columns]] += seen[rows, columns]
        width *= 2
    result = np.empty(nobs, dtype=np.float64)
    result[order] = counts[:nobs]
    return result


def kendall(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Kendall's tau-b with a fixed-b HAC interval.

    Parameters
    ----------
    a, b : array_like, shape (T,)
        Returns of the two legs on shared dates.
    confidence_level : float
        0.90 or 0.95.

    Returns
    -------
    Estimate or NotComputed
        tau-b = (concordant - discordant) / sqrt((n0 - n1)(n0 - n2)). Influence values
        2 (c_t - tau) with c_t the concordance of observation t with all others.

    References
    ----------
    Kendall (1945), Biometrika 33, 239-251; Croux and Dehon (2010).
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y)) is not None:
        return reason
    nobs = x.size
    concordant = _dominated(x, y) + _dominated(-x, -y)
    discordant = _dominated(x, -y) + _dominated(-x, y)
    balance = concordant - discordant
    pairs_x, pairs_y = (nobs**2 - float((_tie_counts(v) ** 2).sum()) for v in (x, y))
    norm = math.sqrt(pairs_x * pairs_y)
    tau = float(balance.sum()) / norm
    if 1.0 - abs(tau) < 1e-12:
        return _COLLINEAR
    influence = 2.0 * (balance * (nobs / norm) - tau)
    return influence_interval(tau, influence, confidence_level=confidence_level, link="fisher")


def _tie_counts(x: Array) -> Array:
    return np.unique(x, return_counts=True)[1].astype(np.float64)
