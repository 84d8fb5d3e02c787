"""Intervals of break dates: inverted likelihood ratio, and Bai's asymptotic argmax.

Bai's (1997) interval, the one most programs print, is too short when a break is small or volatility
clusters. The dates that a likelihood ratio does not reject (Eo and Morley 2015) cover far better;
they are what is shown, Bai's are kept for comparison.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.statistics.inference.influence_interval import (
    bartlett_lag,
    long_run_covariance,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array, Indices

__all__ = ["argmax_cdf", "argmax_intervals", "ols", "ratio_intervals"]

_SHORTEST = 3  # blocks on either side of a date that two coefficients can be fitted to


def ols(y: Array, x: Array) -> tuple[Array, Array]:
    """Coefficients and the design of one segment."""
    design = np.stack([np.ones_like(x), x], axis=1)
    return np.asarray(np.linalg.lstsq(design, y, rcond=None)[0]), design


class _Segment(NamedTuple):
    """Moments of one segment, per block."""

    beta: Array
    design: Array  # X'X / n
    scores: Array  # covariance of the scores


def _segments(y: Array, x: Array, ends: Indices, lag: int) -> list[_Segment]:
    segments = []
    for i, j in pairwise([0, *(ends + 1), y.size]):
        beta, design = ols(y[i:j], x[i:j])
        resid = y[i:j] - design @ beta
        scores = design * resid[:, None]
        # OLS makes the scores sum to zero: centring them changes nothing.
        covariance = long_run_covariance(scores, lag)
        segments.append(_Segment(beta, design.T @ design / (j - i), covariance))
    return segments


def ratio_intervals(
    y: Array, x: Array, ends: Indices, ssr: Array, level: float
) -> tuple[Indices, Indices]:
    """Ends of the dates that the likelihood ratio does not reject, for each break.

    A date t stays when n log(SSR(t) / SSR) <= c kappa, other breaks fixed: c = -2 log(1
    - sqrt(level)), the maximum of the two-sided Brownian motion with drift, and kappa >= 1 the
    larger ratio of the scores' HAC covariance to that of independent homoskedastic residuals, in
    the direction of the change, of both sides. Eo and Morley (2015), Quantitative Economics 6,
    463-497.

    - ``ends`` (k,): last block before each break.
    - ``ssr`` (n, n): sum of squared residuals of every segment.
    """
    n = y.size
    critical = -2.0 * math.log1p(-math.sqrt(level))
    parts = _segments(y, x, ends, bartlett_lag(n))
    edges = [0, *(ends + 1), n]
    common = sum(ssr[i, j - 1] for i, j in pairwise(edges)) / n
    low, high = ends.copy(), ends.copy()
    for k, end in enumerate(ends):
        before, after = parts[k], parts[k + 1]
        delta = after.beta - before.beta
        kappa = max(
            1.0,
            *(
                float(delta @ part.scores @ delta)
                / max(float(delta @ part.design @ delta), 1e-300)
                / common
                for part in (before, after)
            ),
        )
        first, last = edges[k], edges[k + 2] - 1
        dates = np.arange(first + _SHORTEST - 1, last - _SHORTEST + 1)
        total = ssr[first, dates] + ssr[dates + 1, last]
        chosen = float(ssr[first, end] + ssr[end + 1, last])
        # Everything else in the residual sum stays as it is.
        ratio = n * np.log1p((total - chosen) / (n * common))
        inside = dates[ratio <= critical * kappa]
        low[k], high[k] = min(inside[0], end), max(inside[-1], end)
    return low, high


def argmax_intervals(y: Array, x: Array, ends: Indices, level: float) -> tuple[Indices, Indices]:
    """Bai's interval of each break date, with White's covariance of each segment.

    The whole sample where the fit on one side of a break leaves no error. Bai (1997), Review of
    Economics and Statistics 79, 551-563.

    - ``ends`` (k,): last block before each break.
    """
    segments = _segments(y, x, ends, 0)
    low, high = ends.copy(), ends.copy()
    for k, end in enumerate(ends):
        (beta_1, q_1, omega_1), (beta_2, q_2, omega_2) = segments[k], segments[k + 1]
        delta = beta_2 - beta_1
        signal, noise = float(delta @ q_1 @ delta), float(delta @ omega_1 @ delta)
        after = float(delta @ omega_2 @ delta)
        if min(noise, after) <= 1e-12 * max(noise, after) or signal <= 0.0:
            low[k], high[k] = 0, y.size - 1  # a side without error has no law of the date
            continue
        ratio = float(delta @ q_2 @ delta) / signal
        spread = math.sqrt(after / noise)
        scale = noise / signal**2
        upper, lower = (
            _argmax_quantile(p, ratio, spread) for p in (0.5 + level / 2, 0.5 - level / 2)
        )
        low[k] = max(end - math.ceil(min(upper * scale, y.size)), 0)
        high[k] = min(end - math.floor(max(lower * scale, -y.size)), y.size - 1)
    return low, high


def _side_tail(x: float, drift: float, rate: float) -> float:
    """P(the two-sided maximum lies on this side, further than x from the origin).

    This side is a standard Brownian motion with drift -``drift``; the other side's maximum is
    exponential with ``rate``. The density at t is f(t; 0) - f(t; rate), f(t; k) = 2 m [phi(m sqrt
    t) / sqrt t - v exp((v^2 - m^2) t / 2) Phi(-v sqrt t)], m = drift, v = m + k: the joint law of
    the maximum and its time, integrated over the maximum. Both integrals over t are elementary.
    """
    from scipy.special import log_ndtr, ndtr

    m, v, root = drift, drift + rate, math.sqrt(x)
    gauss = 2.0 / m * float(ndtr(-m * root))
    moment = (2.0 * root * math.exp(-0.5 * m * m * x) / math.sqrt(2.0 * math.pi) + gauss) / m**2
    unlimited = 2.0 * m * (gauss - m * (0.5 * m * moment - x * float(ndtr(-m * root))))
    gap = v * v - m * m
    remaining = math.exp(0.5 * gap * x + float(log_ndtr(-v * root)))
    limited = 2.0 * m * (gauss - v * (2.0 / gap) * (0.5 * v * gauss - remaining))
    return min(max(unlimited - limited, 0.0), 1.0)


def argmax_cdf(x: float, ratio: float, spread: float) -> float:
    """Distribution of the place where a two-sided Brownian motion with drift is largest.

    P(argmax V <= x), V(s) = W1(-s) - abs(s) / 2 for s <= 0 and ``spread`` W2(s) - ``ratio`` s / 2
    after it, Bai's (1997) limit of (d' Q1 d)^2 / (d' Omega1 d) times the error of the date.

    - ``ratio``: xi: the signal after the break over that before it.
    - ``spread``: sqrt(d' Omega2 d / d' Omega1 d), d the change of the coefficients.
    """
    drift = 0.5 * ratio / spread
    if x < 0.0:
        return _side_tail(-x, 0.5, ratio / spread**2)
    return 1.0 - _side_tail(x, drift, spread)


def _argmax_quantile(p: float, ratio: float, spread: float) -> float:
    from scipy.optimize import brentq

    edge = 1.0
    while not argmax_cdf(-edge, ratio, spread) < p < argmax_cdf(edge, ratio, spread):
        edge *= 4.0
        if edge > 1e12:
            return math.copysign(edge, p - 0.5)
    root = brentq(lambda x: argmax_cdf(x, ratio, spread) - p, -edge, edge, xtol=1e-10)
    return float(root)
