"""Watching a correlation for a change, day after day, without being fooled by looking often.

Each leg is divided by its own lagged exponentially weighted volatility, so that volatility
clusters are not taken for changes of correlation. A reference sample gives the usual shape of
both legs together: a scatter of Student weights, whose influence values stay bounded. What is
watched are sums of such weighted products over the last observations: the sum and the
difference of the legs, each of mean square one in the reference. A correlation that falls
makes the difference larger and the sum smaller, whatever both volatilities do.

Arrays are time-major, shape (T, pairs): a whole family of pairs is watched at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = [
    "BURN_IN",
    "GAP",
    "LOOKS",
    "MIN_REFERENCE",
    "REFERENCE",
    "WINDOW",
    "Reference",
    "change_statistics",
    "detector",
    "fit_reference",
    "standardised",
    "tail_pvalues",
]

WINDOW = 40
"""Observations in the sums that are watched."""
GAP = 80
"""Observations between the reference and the first look of a month, that look included."""
LOOKS = 23
"""Looks of a calendar month: no month has more weekdays."""
REFERENCE = 1170
"""Longest reference sample."""
MIN_REFERENCE = 500
"""Shortest reference sample."""
BURN_IN = 60
"""Observations that start the volatilities and are not used otherwise."""
_DECAY = 0.94
_DF = 16.0
_LAG = 5
_TAIL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The usual joint behaviour of both legs, estimated once and then held fixed.

    Parameters
    ----------
    scale_a, scale_b : array, shape (pairs,)
        Weighted scales of the standardised legs.
    rho : array, shape (pairs,)
        Weighted correlation.
    noise_sum, noise_difference : array, shape (pairs,)
        Variance of the weighted squares of the legs' sum and difference; the larger of the
        plain and the Bartlett estimate with lag 5.
    nobs : int
        Observations in the reference.
    """

    scale_a: Array
    scale_b: Array
    rho: Array
    noise_sum: Array
    noise_difference: Array
    nobs: int


def standardised(x: Array) -> Array:
    """Returns divided by the volatility known the day before.

    Parameters
    ----------
    x : array, shape (T, pairs)
        Returns of one leg of each pair.

    Returns
    -------
    array, shape (T, pairs)
        x_t / sqrt(h_t), h_{t+1} = .94 h_t + .06 x_t^2, h_1 the mean square of the first 60;
        these 60 are standardised by what comes after them and should not be used.
    """
    from scipy.signal import lfilter

    squares = np.square(x)
    start = squares[:BURN_IN].mean(axis=0)
    first = (_DECAY * start)[None, :]
    later, _ = lfilter([1.0 - _DECAY], [1.0, -_DECAY], squares[:-1], axis=0, zi=first)
    variance = np.concatenate([start[None, :], later])
    # A leg that stands still for months has no volatility left to divide by.
    variance = np.maximum(variance, 1e-6 * np.maximum(squares.mean(axis=0), 1e-300))
    return np.asarray(x / np.sqrt(variance))


def _weights(aa: Array, ab: Array, bb: Array, scatter: tuple[Array, Array, Array]) -> Array:
    """Student weights (df + 2) / (df + squared distance)."""
    s_aa, s_ab, s_bb = scatter
    determinant = s_aa * s_bb - s_ab * s_ab
    distance = (s_bb * aa - 2.0 * s_ab * ab + s_aa * bb) / determinant
    return np.asarray((_DF + 2.0) / (_DF + distance))


def fit_reference(a: Array, b: Array) -> Reference:
    """Scatter of the standardised legs by Student weights, and the noise around it.

    Parameters
    ----------
    a, b : array, shape (n, pairs)
        Legs from :func:`standardised`.

    Returns
    -------
    Reference

    References
    ----------
    Maronna (1976), Annals of Statistics 4, 51-67; Kent, Tyler and Vardi (1994),
    Communications in Statistics 23, 441-453.
    """
    aa, ab, bb = a * a, a * b, b * b
    scatter = (aa.mean(axis=0), ab.mean(axis=0), bb.mean(axis=0))
    for _ in range(6):
        weight = _weights(aa, ab, bb, scatter)
        s_aa, s_ab, s_bb = (np.einsum("tp,tp->p", weight, x) / len(a) for x in (aa, ab, bb))
        scatter = (s_aa, s_ab, s_bb)
    weight = _weights(aa, ab, bb, scatter)
    root = np.sqrt(s_aa * s_bb)
    rho = np.clip(s_ab / root, -0.9999, 0.9999)
    both = 0.5 * weight * (aa / s_aa + bb / s_bb)
    cross = weight * ab / root
    return Reference(
        scale_a=np.sqrt(s_aa),
        scale_b=np.sqrt(s_bb),
        rho=np.asarray(rho),
        noise_sum=_noise((both + cross) / (1.0 + rho)),
        noise_difference=_noise((both - cross) / (1.0 - rho)),
        nobs=len(a),
    )


def _noise(x: Array) -> Array:
    """The larger of the variance and the Bartlett long-run variance with lag 5."""
    u = x - x.mean(axis=0)
    plain = np.einsum("tp,tp->p", u, u)
    long_run = plain.copy()
    for j in range(1, _LAG + 1):
        long_run += 2.0 * (1.0 - j / (_LAG + 1.0)) * np.einsum("tp,tp->p", u[j:], u[:-j])
    return np.asarray(np.maximum(plain, long_run) / len(x))


def change_statistics(a: Array, b: Array, reference: Reference, looks: int) -> Array:
    """Signed distance of the last 40 observations from the reference, at the last looks.

    Parameters
    ----------
    a, b : array, shape (n, pairs)
        Legs from :func:`standardised`; the last ``looks`` rows are the days looked at, and
        at least 39 rows must come before them.
    reference : Reference
        From observations before those.
    looks : int
        Number of looks.

    Returns
    -------
    array, shape (looks, pairs)
        The signed root sqrt(2 w (x - 1 - log x) / noise), w = 40: x is the mean weighted
        square of the legs' difference over the window, in units of that of their sum where
        both moved the same way; or the other way round, whichever is larger. Negative where
        the correlation fell. Legs are balanced in each window, so that one leg's volatility
        alone changes nothing.

    Raises
    ------
    ValueError
        If there are too few rows.

    References
    ----------
    Chu, Stinchcombe and White (1996), Econometrica 64, 1045-1065; Wied and Galeano (2013),
    Journal of Statistical Planning and Inference 143, 1262-1273.
    """
    needed = looks + WINDOW - 1
    if looks < 1 or len(a) < needed:
        raise ValueError(f"{looks} looks need {needed} rows, there are {len(a)}")
    x, y = a[-needed:] / reference.scale_a, b[-needed:] / reference.scale_b
    rho = reference.rho
    one = np.ones_like(rho)
    products = (x * x, x * y, y * y)
    weight = _weights(*products, (one, rho, one))
    aa, ab, bb = (_moving(weight * product) for product in products)
    balanced = np.sqrt(aa * bb)
    together = np.maximum((balanced + ab) / (1.0 + rho), 1e-12)
    apart = np.maximum((balanced - ab) / (1.0 - rho), 1e-12)
    scale = 2.0 * WINDOW / (1.0 + WINDOW / reference.nobs)
    fell = -np.sqrt(scale / reference.noise_difference) * _signed_distance(apart, together)
    rose = np.sqrt(scale / reference.noise_sum) * _signed_distance(together, apart)
    return np.asarray(np.where(np.abs(fell) >= np.abs(rose), fell, rose))


def _moving(x: Array) -> Array:
    """Means over windows of 40 rows."""
    total = np.concatenate([np.zeros((1, x.shape[1])), np.cumsum(x, axis=0)])
    return np.asarray((total[WINDOW:] - total[:-WINDOW]) / WINDOW)


def _signed_distance(moved: Array, other: Array) -> Array:
    """Signed root of x - 1 - log x, with what both have in common taken out of x."""
    up = np.maximum(moved / np.maximum(other, 1.0), 1.0)
    down = np.minimum(moved / np.minimum(other, 1.0), 1.0)
    return np.asarray(
        np.sqrt(np.maximum(up - 1.0 - np.log(up), 0.0))
        - np.sqrt(np.maximum(down - 1.0 - np.log(down), 0.0))
    )


def detector(a: Array, b: Array, looks: int) -> Array:
    """Statistics of one month's looks from raw returns; see :func:`change_statistics`.

    Parameters
    ----------
    a, b : array, shape (T, pairs)
        Returns. The reference ends 80 observations before the first look, so that a change
        shortly before it is seen, and takes up to 1,170.
    looks : int
        Looks of the month so far.

    Returns
    -------
    array, shape (looks, pairs)

    Raises
    ------
    ValueError
        With fewer than ``MIN_REFERENCE`` observations for the reference.
    """
    x, y = standardised(a), standardised(b)
    end = len(x) - looks - GAP + 1
    first = max(BURN_IN, end - REFERENCE)
    if end - first < MIN_REFERENCE:
        raise ValueError(f"the reference needs {MIN_REFERENCE} observations")
    return change_statistics(x, y, fit_reference(x[first:end], y[first:end]), looks)


def tail_pvalues(past: Array, latest: Array) -> tuple[Array, NDArray[np.int64]]:
    """Chance of moves as large as the latest ones, by the past of the same series.

    Parameters
    ----------
    past : array, shape (n, pairs)
        Standardised moves of the reference sample; n at least 100.
    latest : array, shape (looks, pairs)
        Standardised moves to be judged; their signs do not matter.

    Returns
    -------
    pvalues : array, shape (looks, pairs)
        (k + 1) / (n + 1) with k past moves at least as large; beyond the largest 5 % a
        Pareto tail with Hill's estimate plus half its standard error, where that is smaller.
    as_often : array of int, shape (looks, pairs)
        k.

    References
    ----------
    Hill (1975), Annals of Statistics 3, 1163-1174.
    """
    ordered = np.sort(np.abs(past), axis=0)[::-1]
    size = np.abs(latest)
    nobs, k = len(ordered), int(_TAIL * len(ordered))
    as_often = np.stack(
        [
            np.searchsorted(-ordered[:, i], -size[:, i], side="right")
            for i in range(ordered.shape[1])
        ],
        axis=1,
    )
    threshold = ordered[k]
    # A tail taken too thin would cry wolf, hence the half standard error.
    heaviness = np.mean(np.log(ordered[:k] / threshold), axis=0) * (1.0 + 0.5 / math.sqrt(k))
    beyond = np.maximum(size / threshold, 1.0)
    pareto = np.where(size > threshold, k / nobs * beyond ** (-1.0 / heaviness), 1.0)
    return np.minimum((as_often + 1.0) / (nobs + 1.0), pareto), as_often
