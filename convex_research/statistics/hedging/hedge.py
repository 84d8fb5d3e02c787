"""Hedging A with B: how much variance the ratios of the day before remove.

A method is an array of ratios h_t, each made from returns before t only; see ``hedge_ratios``.
Effectiveness is Ederington's 1 - var(a - h b) / var(a).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed, TestResult, too_short
from convex_research.statistics.dependence.regression import beta, rsquared
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_INTERVAL,
    as_pair,
    influence_interval,
    unusable,
)
from convex_research.statistics.inference.paired_losses import (
    diebold_mariano,
    gain_and_test,
    relative_gain,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convex_research.core.typing import Array, ArrayLike

__all__ = [
    "compare_hedges",
    "effectiveness_and_test",
    "effectiveness_in",
    "effectiveness_out",
    "hedge_ratio",
    "hindsight",
    "volatility_removed",
]


def hedge_ratio(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95, unit: str = "dimensionless"
) -> Estimate | NotComputed:
    """Minimum-variance ratio over the sample: units of B sold per unit of A held.

    cov(a, b) / var(b), the least-squares slope of A on B, with its interval. Johnson (1960), Review
    of Economic Studies 27, 139-151.
    """
    return beta(a, b, confidence_level=confidence_level, unit=unit)


def _squares(x: Array) -> Array:
    return np.asarray((x - x.mean()) ** 2)


def effectiveness_in(
    a: ArrayLike, b: ArrayLike, *, ratio: float | None = None, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Share of A's variance that one ratio for the whole sample would have removed.

    1 - var(a - h b) / var(a): r squared with the image of r's interval for the sample's own ratio,
    by bootstrap of paired days for a given one. Ederington (1979), Journal of Finance 34, 157-170.
    """
    if ratio is None:
        return rsquared(a, b, confidence_level=confidence_level)
    y, x = as_pair(a, b)
    if (reason := unusable(y, x)) is not None:
        return reason
    what = f"1 - var(hedged) / var(a), in sample, ratio {ratio:.4g}"
    squares = _squares(y - ratio * x), _squares(y)
    return relative_gain(*squares, confidence_level=confidence_level, what=what)


def effectiveness_out(
    a: ArrayLike, b: ArrayLike, ratios: ArrayLike, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Share of A's variance that ratios known the day before removed.

    1 - var(a - h b) / var(a) over those K sessions; negative when hedging added risk.
    """
    return effectiveness_and_test(a, b, ratios, confidence_level=confidence_level)[0]


def effectiveness_and_test(
    a: ArrayLike, b: ArrayLike, ratios: ArrayLike, *, confidence_level: float = 0.95
) -> tuple[Estimate | NotComputed, TestResult | NotComputed]:
    """The share of :func:`effectiveness_out`, and the test that it is one half.

    Both from the same resamples. Half of the variance is 29 % of the volatility.
    """
    squares = _hedged_squares(a, b, ratios)
    if isinstance(squares, NotComputed):
        return squares, squares
    hedged, plain = squares
    what = "1 - var(hedged) / var(a), ratios known the day before"
    return gain_and_test(hedged, plain, 0.5, confidence_level=confidence_level, what=what)


def hindsight(
    a: ArrayLike, b: ArrayLike, ratios: ArrayLike, *, confidence_level: float = 0.95
) -> tuple[Estimate | NotComputed, Estimate | NotComputed]:
    """What one ratio fitted afterwards removes, and what less those known before removed.

    Share of A's variance that the least-squares ratio of the same K sessions removes, and that
    share less the one the given ratios removed. Both ratios meet the same days: influence values of
    the loss are (o_t - i_t - loss p_t) / mean(p), o, i and p the squared deviations with given
    ratios, with the fitted one and without a hedge.
    """
    squares = _hedged_squares(a, b, ratios)
    if isinstance(squares, NotComputed):
        return squares, squares
    given, plain = squares
    y, x = (leg[-plain.size :] for leg in as_pair(a, b))
    fitted = effectiveness_in(y, x, confidence_level=confidence_level)
    ratio = hedge_ratio(y, x)
    if isinstance(ratio, NotComputed):
        return fitted, ratio
    afterwards, mean = _squares(y - ratio.value * x), float(plain.mean())
    loss = float((given - afterwards).mean()) / mean
    influence = (given - afterwards - loss * plain) / mean
    if not np.abs(influence).max() > 1e-12:
        return fitted, NotComputed(Missing.EXACT, "both ratios are the same on every day")
    return fitted, influence_interval(
        loss, influence, confidence_level=confidence_level, law="larger"
    )


def volatility_removed(effectiveness: Estimate | NotComputed) -> Estimate | NotComputed:
    """Share of A's volatility that a hedge removes: 1 - sqrt(1 - share of its variance)."""
    if isinstance(effectiveness, NotComputed):
        return effectiveness
    shares = ((name, getattr(effectiveness, name)) for name in ("value", "low", "high"))
    removed: dict[str, Any] = {
        name: 1.0 - math.sqrt(max(1.0 - share, 0.0)) for name, share in shares if share is not None
    }
    method = f"1 - sqrt(1 - share of variance): {effectiveness.method}"
    return replace(effectiveness, std_error=None, method=method, **removed)


def compare_hedges(
    a: ArrayLike, b: ArrayLike, ratios: Mapping[str, ArrayLike]
) -> TestResult | NotComputed:
    """Diebold-Mariano test that two methods, named with their ratios, leave equal variance.

    Positive: the first method leaves more variance.
    """
    if len(ratios) != 2:
        raise ValueError(f"needs two methods, got {len(ratios)}")
    squares = _hedged_squares(a, b, *ratios.values())
    if isinstance(squares, NotComputed):
        return squares
    first, second = ratios
    return diebold_mariano(*squares[:2], names=(f"{{{first}}}", f"{{{second}}}"))


def _hedged_squares(
    a: ArrayLike, b: ArrayLike, *methods: ArrayLike
) -> tuple[Array, ...] | NotComputed:
    """Squared deviations with the ratios of each method, then those without a hedge."""
    y, x = as_pair(a, b)
    ratios = [np.asarray(method, dtype=np.float64) for method in methods]
    sizes = {h.size for h in ratios}
    if len(sizes) != 1 or any(h.ndim != 1 for h in ratios):
        raise ValueError("the methods' ratios must be one-dimensional and equally long")
    size = sizes.pop()
    if size > y.size:
        raise ValueError(f"there are {size} ratios for {y.size} sessions")
    if size < MIN_NOBS_INTERVAL:
        return too_short(f"at least {MIN_NOBS_INTERVAL} hedged sessions", size)
    y, x = y[-size:], x[-size:]
    if (reason := unusable(y, x)) is not None:
        return reason
    return *(_squares(y - h * x) for h in ratios), _squares(y)
