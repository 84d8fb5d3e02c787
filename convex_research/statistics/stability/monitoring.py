"""Watching a correlation for a change, day after day.

Each leg is divided by its own lagged exponentially weighted volatility, so that volatility clusters
are not taken for changes of correlation. A reference sample gives the usual scales and the usual
correlation under a bivariate Student law. What is watched is how much better another correlation
explains the last observations than the usual one does, where both may choose the legs' scales anew.

Arrays are time-major, shape (T, pairs): a whole family of pairs is watched at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from convex_research.statistics.stability.student_window import (
    DF,
    Products,
    likelihood_gain,
    moving_days,
    student_weights,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array, Indices

__all__ = [
    "AS_ONE",
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
    "over_limited_volatility",
    "tail_pvalues",
]

WINDOW = 40
"""Observations in the sums that are watched."""
GAP = 80
"""Observations between the reference and the first look of a month, that look included."""
LOOKS = 23
"""Looks of a calendar month, which share a reference: no month has more weekdays."""
REFERENCE = 1170
"""Longest reference sample."""
MIN_REFERENCE = 500
"""Shortest reference sample."""
AS_ONE = 0.9999
"""Legs of this correlation or more move as one: nothing about them can be watched."""
BURN_IN = 60
"""Observations that start the volatilities and are not used otherwise."""
_DECAY = 0.94
_LARGEST = 9.0
_LAG = 5
_TAIL = 0.05
_ROUNDS = 8
_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The usual joint behaviour of both legs, estimated once and then held fixed.

    - ``scale_a``, ``scale_b`` (pairs,): scales of the standardised legs under the Student law.
    - ``rho`` (pairs,): correlation under that law.
    - ``noise`` (pairs,): variance of the score of arctanh(rho) over its information: one where the
      law is right, and what likelihood ratios are divided by. The larger of the plain and the
      Bartlett variance with lag 5; at least one half.
    - ``nobs``: observations in the reference.
    """

    scale_a: Array
    scale_b: Array
    rho: Array
    noise: Array
    nobs: int


def over_limited_volatility(x: Array) -> Array:
    """Returns divided by the volatility known the day before.

    x_t / sqrt(h_t), h_{t+1} = .94 h_t + .06 min(x_t^2, 9 g_t), where g_t is the same without that
    limit, h_1 the mean square of the first 60: a single bad day of one leg does not shrink that leg
    for weeks. These 60 are standardised by what comes after them and should not be used.
    """
    squares = np.square(x)
    start = squares[:BURN_IN].mean(axis=0)
    plain = _smoothed(squares, start)
    variance = _smoothed(np.minimum(squares, _LARGEST * plain), start)
    # A leg that stands still for months has no volatility left to divide by.
    variance = np.maximum(variance, 1e-6 * np.maximum(squares.mean(axis=0), 1e-300))
    return np.asarray(x / np.sqrt(variance))


def _smoothed(squares: Array, start: Array) -> Array:
    """Exponentially weighted mean squares up to the day before."""
    # A loop over days: scipy.signal would take longer to import than this takes for 300 pairs.
    variance = np.empty_like(squares)
    variance[0] = start
    np.multiply(squares[:-1], 1.0 - _DECAY, out=variance[1:])
    fading = np.empty_like(start)
    for before, now in pairwise(variance):
        np.multiply(before, _DECAY, out=fading)
        np.add(now, fading, out=now)
    return variance


def fit_reference(a: Array, b: Array) -> Reference:
    """Scales and correlation of the standardised legs by Student weights, and the noise.

    Kent, Tyler and Vardi (1994), Communications in Statistics 23, 441-453 (scatter under a Student
    law); Godambe (1960), Annals of Mathematical Statistics 31, 1208-1211, and Kent (1982),
    Biometrika 69, 19-27 (likelihood ratios where the law is not quite right).
    """
    aa, ab, bb = a * a, a * b, b * b
    # Days on which neither leg moves say nothing about both together.
    known = np.maximum(moving_days(Products(aa, ab, bb)), 1.0)
    s_aa, s_ab, s_bb = (x.sum(axis=0) / known for x in (aa, ab, bb))
    for _ in range(_ROUNDS):
        # Legs that move as one have no distance; they are not watched.
        determinant = np.maximum(s_aa * s_bb - s_ab * s_ab, 1e-12 * s_aa * s_bb)
        distance = aa * (s_bb / determinant)
        distance -= ab * (2.0 * s_ab / determinant)
        distance += bb * (s_aa / determinant)
        weight = student_weights(distance)
        s_aa, s_ab, s_bb = (np.einsum("tp,tp->p", weight, x) / known for x in (aa, ab, bb))
    root = np.sqrt(s_aa * s_bb)
    rho = np.clip(s_ab / root, -AS_ONE, AS_ONE)
    return Reference(
        scale_a=np.sqrt(s_aa),
        scale_b=np.sqrt(s_bb),
        rho=np.asarray(rho),
        noise=_score_noise(Products(aa / s_aa, ab / root, bb / s_bb), rho),
        nobs=len(a),
    )


def _score_noise(products: Products, rho: Array) -> Array:
    """Variance of the score of arctanh(rho), over the information."""
    room = 1.0 - rho * rho
    distance = (products.aa - 2.0 * rho * products.ab + products.bb) / room
    slope = 2.0 * (rho * distance - products.ab) / room  # of the distance, by rho
    weight = student_weights(distance)
    score = rho - 0.5 * room * weight * slope
    bent = 1.0 + np.square(weight * slope) * room / (2.0 * (DF + 2.0))
    bent -= weight * (distance + rho * slope)
    moves = (products.aa + products.bb) > 0.0
    known = np.maximum(moves.sum(axis=0), 1)
    information = np.maximum(-room * np.where(moves, bent, 0.0).sum(axis=0) / known, 1e-3)
    centred = score - np.where(moves, score, 0.0).sum(axis=0) / known
    noise = _noise(np.where(moves, centred, 0.0)) / known
    return np.asarray(np.maximum(noise / information, 0.5))


def _noise(u: Array) -> Array:
    """The larger of the sum of squares and Bartlett's with lag 5."""
    plain = np.einsum("tp,tp->p", u, u)
    long_run = plain.copy()
    for j in range(1, _LAG + 1):
        long_run += 2.0 * (1.0 - j / (_LAG + 1.0)) * np.einsum("tp,tp->p", u[j:], u[:-j])
    return np.asarray(np.maximum(plain, long_run))


def change_statistics(a: Array, b: Array, reference: Reference, looks: int) -> Array:
    """Signed distance of the last 40 observations from the reference, at the last looks.

    sqrt(2 gain / noise / (1 + 40 / n)), n observations in the reference: by how much the window's
    own correlation is likelier than the reference's; see
    :func:`~convex_research.statistics.stability.student_window.likelihood_gain`. Negative where the
    correlation fell. At least 39 rows come before the first look. Chu, Stinchcombe and White
    (1996), Econometrica 64, 1045-1065 (monitoring); Wied and Galeano (2013), Journal of Statistical
    Planning and Inference 143, 1262-1273.

    - ``reference``: from observations before those.
    """
    needed = looks + WINDOW - 1
    if looks < 1 or len(a) < needed:
        raise ValueError(f"{looks} looks need {needed} rows, there are {len(a)}")
    x, y = a[-needed:] / reference.scale_a, b[-needed:] / reference.scale_b
    statistics = np.empty((looks, x.shape[1]))
    for first in range(0, x.shape[1], _AT_ONCE):  # what stays in the processor's cache
        some = slice(first, first + _AT_ONCE)
        one, other, rho = x[:, some], y[:, some], reference.rho[some]
        products = Products(*(_windows(p) for p in (one * one, one * other, other * other)))
        gain, own = likelihood_gain(products, rho)
        scale = 2.0 / (1.0 + WINDOW / reference.nobs) / reference.noise[some]
        size = np.sqrt(gain * scale)
        statistics[:, some] = np.copysign(size, own - rho)
    return statistics


def _windows(x: Array) -> Array:
    """Windows of 40 rows, shape (40, looks, pairs)."""
    view = np.lib.stride_tricks.sliding_window_view(x, WINDOW, axis=0)
    return np.ascontiguousarray(np.moveaxis(view, -1, 0))


def detector(a: Array, b: Array, looks: int) -> Array:
    """Statistics of one month's looks from raw returns; see :func:`change_statistics`.

    - ``looks``: looks of the month so far.
    """
    x, y = over_limited_volatility(a), over_limited_volatility(b)
    end = len(x) - looks - GAP + 1
    first = max(BURN_IN, end - REFERENCE)
    if end - first < MIN_REFERENCE:
        raise ValueError(f"the reference needs {MIN_REFERENCE} observations")
    return change_statistics(x, y, fit_reference(x[first:end], y[first:end]), looks)


def tail_pvalues(past: Array, latest: Array) -> tuple[Array, Indices]:
    """Chance of moves as large as the latest ones, by the past of the same series.

    Hill (1975), Annals of Statistics 3, 1163-1174.

    - ``past`` (n, pairs): standardised moves of the reference sample; n at least 100.
    - ``latest`` (looks, pairs): standardised moves to be judged; their signs do not matter.
    - ``pvalues`` (looks, pairs): (k + 1) / (n + 1) with k past moves at least as large; beyond the
      largest 5 % a Pareto tail with Hill's estimate plus half its standard error, where that is
      smaller.
    - ``as_often`` (looks, pairs): k.
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
