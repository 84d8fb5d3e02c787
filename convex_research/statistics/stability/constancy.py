"""Whether a relation is the same in one part of the sample as in another.

Parts are fixed beforehand: halves, rolling windows. Correlations of parts are compared on Fisher's
scale elsewhere (:mod:`~convex_research.statistics.dependence.comparison`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed, TestResult
from convex_research.statistics.dependence.regression import least_squares
from convex_research.statistics.dynamics.rolling import rolling_paths, rolling_pearson
from convex_research.statistics.inference.block_draws import data_seed, stationary_draws
from convex_research.statistics.inference.fixed_b import fixed_b_pvalue
from convex_research.statistics.inference.flags import OF_ITS_OWN_DAYS
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_TEST,
    as_pair,
    carrying_days,
    hac_std_error,
    influence_interval,
    unusable,
)
from convex_research.statistics.inference.masked import spread_influence

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike, Mask

__all__ = ["beta_gap", "gap_test", "halves", "rolling_quantile"]

_REPLICATIONS = 199
_BLOCK = 90
_LIMIT = 0.999999
_LONGEST = 1260


def halves(nobs: int) -> tuple[Mask, Mask]:
    """Masks of the second half of a sample and of the first."""
    later = np.arange(nobs) >= nobs // 2
    return later, ~later


def _part(x: Array, y: Array, mask: Mask) -> tuple[Array, Array] | NotComputed:
    if mask.shape != x.shape:
        raise ValueError(f"mask has shape {mask.shape}, the legs {x.shape}")
    one, two = x[mask], y[mask]
    reason = unusable(one, two, min_nobs=MIN_NOBS_TEST)
    return (one, two) if reason is None else reason


def beta_gap(
    a: ArrayLike,
    b: ArrayLike,
    first: Mask,
    second: Mask,
    *,
    confidence_level: float = 0.95,
    lag: int | None = None,
) -> Estimate | NotComputed:
    """Beta of A on B on some days less that on others.

    Both influence functions on one time line.

    Parameters
    ----------
    first, second : array of bool, shape (T,)
        Days of each part, 60 at least; no day in both.
    """
    gap = _gap(a, b, first, second)
    if isinstance(gap, NotComputed):
        return gap
    nobs = int(first.sum() + second.sum())
    return influence_interval(
        *gap, confidence_level=confidence_level, law="larger", lag=lag, nobs=nobs
    )


def _gap(
    a: ArrayLike, b: ArrayLike, first: Mask, second: Mask
) -> tuple[float, Array] | NotComputed:
    """Difference of beta between two parts, and its influence values."""
    if (first & second).any():
        raise ValueError("the parts overlap")
    x, y = as_pair(a, b)
    values, influences = [], []
    for mask in (first, second):
        part = _part(x, y, mask)
        if isinstance(part, NotComputed):
            return part
        line = least_squares(*part)
        values.append(line.slope)
        influences.append(spread_influence(line.slope_influence, mask))
    influence = influences[0] - influences[1]
    if float(np.abs(influence).max()) <= 1e-12 * max(map(abs, values)):
        return NotComputed(Missing.EXACT, "the two move in exact proportion")
    return values[0] - values[1], influence


def gap_test(a: ArrayLike, b: ArrayLike, first: Mask, second: Mask) -> TestResult | NotComputed:
    """Test that beta is the same on two sets of days.

    The difference over the larger of its HAC and its uncorrelated standard error; the larger of the
    fixed-b and Student's p-values, the degrees of freedom being the days that carry the variance.
    """
    gap = _gap(a, b, first, second)
    if isinstance(gap, NotComputed):
        return gap
    from scipy.special import stdtr

    value, influence = gap
    robust, share, lag = hac_std_error(influence)
    std_error = max(robust, float(influence.std()) / math.sqrt(influence.size))
    if std_error == 0.0:
        return NotComputed(Missing.EXACT, "the parts have no measurable error")
    t = abs(value) / std_error
    carrying = carrying_days(influence)
    student = 2.0 * float(stdtr(carrying, -t))
    return TestResult(
        statistic=value / std_error,
        pvalue=min(max(fixed_b_pvalue(t, share), student), 1.0),
        null="beta is the same in both parts",
        alternative="beta differs",
        distribution=f"larger of fixed-b (Bartlett, lag {lag}) and Student t, {carrying:.0f} df",
        nobs=int(first.sum() + second.sum()),
        flags=(OF_ITS_OWN_DAYS,),
    )


def rolling_quantile(
    a: ArrayLike,
    b: ArrayLike,
    window: int,
    *,
    quantile: float = 0.05,
    confidence_level: float = 0.95,
) -> Estimate | NotComputed:
    """Quantile of rolling correlation with a block-bootstrap interval.

    Of the last 1,260 returns. Days are resampled in blocks of 90 on average, the rolling path is
    made anew from each of 199 resamples, and its quantile taken. The interval is the sample's
    quantile on Fisher's scale with the level's quantile of |draw - median draw| either side. At
    least five windows without shared days are needed. Politis and Romano 1994.

    - ``quantile``: 0.05: the level above which 95 % of windows lie.
    """
    x, y = (v[-_LONGEST:] for v in as_pair(a, b))
    if (reason := unusable(x, y, min_nobs=5 * window)) is not None:
        return reason
    path = rolling_pearson(x, y, window)
    path = path[np.isfinite(path)]
    if path.size < 4 * window:
        return NotComputed(Missing.NOT_MOVING, "a leg stands still in too many windows")
    value = float(np.quantile(path, quantile))
    seed = data_seed(x, y, salt="rolling quantile")
    draws = stationary_draws(x.size, _BLOCK, replications=_REPLICATIONS, seed=seed).indices()
    x, y = ((v - v.mean()) / v.std() for v in (x, y))
    r = rolling_paths(x[draws.T], y[draws.T], window)
    ranks = (quantile * np.isfinite(r).sum(axis=0)).astype(int)  # NaN is sorted to the end
    kept = np.take_along_axis(np.partition(r, np.unique(ranks), axis=0), ranks[None], axis=0)
    drawn = np.arctanh(np.clip(kept[np.isfinite(kept)], -_LIMIT, _LIMIT))
    # Blocks cut slow drifts, so resampled quantiles lie too high or too low together: only
    # their spread is used, round the sample's own quantile.
    half = float(np.quantile(np.abs(drawn - np.median(drawn)), confidence_level))
    centre = math.atanh(min(max(value, -_LIMIT), _LIMIT))
    low, high = math.tanh(centre - half), math.tanh(centre + half)
    return Estimate(
        value=value,
        low=min(low, value),
        high=max(high, value),
        confidence_level=confidence_level,
        interval=Interval.BOOTSTRAP,
        method=f"stationary bootstrap, mean block {_BLOCK}, {_REPLICATIONS} draws, Fisher scale",
        nobs=x.size,
    )
