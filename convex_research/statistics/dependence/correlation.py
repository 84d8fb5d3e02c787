"""Correlation of two return series, with intervals that hold for real returns.

The interval of the textbooks (Fisher's z with standard error 1 / sqrt(n - 3)) assumes independent
normal observations; on daily returns it is several times too narrow. The headline here is the
jackknife of Fisher's z with a HAC variance; fixed-b critical values, Fisher's interval and the
stationary bootstrap are available by argument, for comparison.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed
from convex_research.statistics.inference.bootstrap import correlation_interval
from convex_research.statistics.inference.influence_interval import (
    as_pair,
    influence_interval,
    symmetric_interval,
    unusable,
)
from convex_research.statistics.inference.jackknife import fisher_z, same_step, standardised

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = [
    "dominated",
    "kendall",
    "kendall_influence",
    "pearson",
    "pearson_influence",
    "spearman",
    "spearman_influence",
]

Law = Literal["jackknife", "fixed-b", "fisher", "bootstrap"]

_SAME_ORDER = NotComputed(
    Missing.EXACT,
    "both legs put the observations in one order or its reverse, so their rank correlation "
    "has no sampling error",
)


def pearson_influence(a: Array, b: Array) -> tuple[float, Array]:
    """Pearson's r and its influence values.

    Steiger and Hakstian (1982), British J. Math. Stat. Psychology 35, 208-215.

    - ``influence``: IF_t = za_t zb_t - r / 2 (za_t^2 + zb_t^2), with z standardised (ddof 0).
    """
    za, zb = standardised(a), standardised(b)
    r = min(max(float(za @ zb) / a.size, -1.0), 1.0)
    return r, za * zb - 0.5 * r * (za * za + zb * zb)


def pearson(
    a: ArrayLike,
    b: ArrayLike,
    *,
    interval: Law = "jackknife",
    confidence_level: float = 0.95,
    stretch: float = 1.0,
) -> Estimate | NotComputed:
    """Pearson correlation with a confidence interval.

    The interval is for the variance-weighted correlation of the sample: its sum of covariances over
    the root of the product of its sums of variances. Where 1 - abs(r) < 1e-9 r is 1 or -1, flagged
    ``"exact"``, and has no interval. Efron and Stein 1981; Lazarus et al. 2018; Politis and Romano
    1994.

    Parameters
    ----------
    interval : {"jackknife", "fixed-b", "fisher", "bootstrap"}
        ``"jackknife"``: :func:`~convex_research.statistics.inference.jackknife.fisher_z`, what each
        observation does to z, Bartlett HAC with lag floor(1.3 sqrt(T)), Student t. ``"fixed-b"``:
        influence function, the same HAC, fixed-b critical values, on Fisher's scale. ``"fisher"``:
        z +/- q / sqrt(T - 3), right only for independent normal observations. ``"bootstrap"``:
        stationary bootstrap of z with the automatic block length of Politis and White.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(7)
    >>> common, noise = rng.standard_normal((2, 500))
    >>> round(pearson(common, common + noise).value, 2)
    0.71
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y)) is not None:
        return reason
    r, influence = pearson_influence(x, y)
    if (exact := same_step(r, x.size)) is not None:
        return exact
    if interval == "jackknife":
        found = fisher_z(x, y, stretch=stretch)
        return found if isinstance(found, NotComputed) else found.estimate(confidence_level)
    if interval == "fixed-b":
        return influence_interval(r, influence, confidence_level=confidence_level, link="fisher")
    if interval == "fisher":
        return _fisher(r, x.size, confidence_level)
    if interval == "bootstrap":
        return correlation_interval(x, y, r, influence, confidence_level=confidence_level)
    raise ValueError(f"interval must be one of {', '.join(get_args(Law))}, got {interval!r}")


def _fisher(r: float, nobs: int, confidence_level: float) -> Estimate:
    from scipy.special import ndtri

    return symmetric_interval(
        r,
        (1.0 - r * r) / math.sqrt(nobs - 3),
        float(ndtri(0.5 + confidence_level / 2.0)),
        link="fisher",
        confidence_level=confidence_level,
        interval=Interval.NORMAL,
        method="Fisher z, independent normal observations assumed",
        nobs=nobs,
    )


def _tie_shares(x: Array) -> Array:
    """For each t the share of observations that equal x_t: 1 / T where nothing is tied."""
    _, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    return np.asarray(counts[inverse] / x.size)


def spearman_influence(a: Array, b: Array) -> tuple[float, Array]:
    """Spearman's rho and its influence values.

    Croux and Dehon (2010), Statistical Methods and Applications 19, 497-515, for continuous laws.
    What ties do to the variance of the ranks is left out.

    - ``rho``: Pearson's r of the mid-ranks.
    - ``influence``: [F_t G_t + k_a(t) + k_b(t) - mean] / (sd F sd G), where F and G are centred
      mid-ranks over T; k_a(t) is the sum of G over the observations above a_t and k_b(t) that of F
      over those above b_t, both over T, a tie counting one half: one more observation moves the
      ranks of all others.
    """
    from scipy.stats import rankdata

    ranks_a, ranks_b = rankdata(a), rankdata(b)
    za, zb = standardised(ranks_a), standardised(ranks_b)
    rho = min(max(float(za @ zb) / a.size, -1.0), 1.0)
    shifts = _mean_above(a, ranks_b) / ranks_b.std() / ranks_a.std()
    shifts += _mean_above(b, ranks_a) / ranks_a.std() / ranks_b.std()
    moved = za * zb + a.size * shifts
    return rho, moved - moved.mean()


def spearman(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Spearman's rank correlation with a HAC interval.

    Pearson's r of the ranks, tied values sharing the mean of their ranks. The interval is made from
    :func:`spearman_influence` on Fisher's scale, with Student's t as for :func:`pearson`. Croux and
    Dehon 2010.
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y)) is not None:
        return reason
    rho, influence = spearman_influence(x, y)
    if (exact := same_step(rho, x.size)) is not None:
        return replace(exact, method=_SAME_ORDER.reason)
    return influence_interval(
        rho, influence, confidence_level=confidence_level, law="student", link="fisher"
    )


def _mean_above(x: Array, weight: Array) -> Array:
    """For each t the mean over s of weight_s 1{x_s > x_t}, ties counting one half."""
    _, inverse = np.unique(x, return_inverse=True)
    sums = np.bincount(inverse, weights=weight - weight.mean())
    above = sums[::-1].cumsum()[::-1] - 0.5 * sums
    return np.asarray(above[inverse] / x.size)


def dominated(x: Array, y: Array) -> Array:
    """For each t the number of s with x_s < x_t and y_s < y_t, in O(T log^2 T).

    Merge counting, one vectorised sort a level: in an order sorted by x, an element in the right
    half of a block dominates those elements of the left half with smaller y.
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


def kendall_influence(a: Array, b: Array) -> tuple[float, Array]:
    """Kendall's tau-b and its influence values.

    Kendall (1945), Biometrika 33, 239-251; Croux and Dehon (2010), Statistical Methods and
    Applications 19, 497-515, for continuous laws.

    - ``tau``: (concordant - discordant pairs) / sqrt((n0 - n1) (n0 - n2)), n0 all pairs, n1 and n2
      those tied in a and in b.
    - ``influence``: 2 (c_t - tau) + tau [u_a(t) + u_b(t)]: c_t is the net concordance of t with all
      observations, on the scale of tau; u = (p_t - mean p) / (1 - mean p), with p_t the share of
      values tied with t, is what t does to the denominator: nothing without ties.
    """
    concordant = dominated(a, b) + dominated(-a, -b)
    discordant = dominated(a, -b) + dominated(-a, b)
    ties = [_tie_shares(x) for x in (a, b)]
    untied = [1.0 - float(p.mean()) for p in ties]
    balance = (concordant - discordant) / (a.size * math.sqrt(untied[0] * untied[1]))
    tau = min(max(float(balance.mean()), -1.0), 1.0)
    influence = 2.0 * (balance - tau)
    for p, rest in zip(ties, untied, strict=True):
        influence += tau * (p - p.mean()) / rest
    return tau, influence


def kendall(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Kendall's tau-b with a fixed-b HAC interval.

    Net concordance of all pairs, corrected for ties. The interval is made from
    :func:`kendall_influence` on Fisher's scale. Kendall (1945), Biometrika 33, 239-251.
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y)) is not None:
        return reason
    tau, influence = kendall_influence(x, y)
    if 1.0 - abs(tau) < 1e-12:
        return _SAME_ORDER
    return influence_interval(tau, influence, confidence_level=confidence_level, link="fisher")
