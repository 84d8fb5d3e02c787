"""How much of a series other series explain: R2 with an interval that holds at zero.

R2's influence values vanish where nothing is explained; the error of chance fit is added, so that
an R2 of zero is not taken for a small one that is known exactly.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed, TestResult, too_short
from convex_research.statistics.inference.hac_regression import hac_fit
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_TEST,
    as_series,
    influence_interval,
    moves,
    unusable,
)
from convex_research.statistics.inference.masked import spread_influence

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike, Mask

__all__ = [
    "ExplainedShare",
    "explained",
    "explained_gap",
    "explained_share",
    "explained_test",
    "rsquared_gap",
]

_HAC_LAG = 4


class ExplainedShare(NamedTuple):
    """Adjusted R2, its influence values, and its error where the true R2 is zero."""

    value: float
    influence: Array
    noise: float

    def less(self, other: ExplainedShare) -> ExplainedShare:
        """The difference; both influence functions on one time line, so errors may cancel."""
        noise = math.hypot(self.noise, other.noise)
        return ExplainedShare(self.value - other.value, self.influence - other.influence, noise)

    def estimate(
        self, confidence_level: float, lag: int | None, nobs: int | None = None
    ) -> Estimate:
        """With both errors added, so that nothing explained has an interval around zero."""
        estimate = influence_interval(
            self.value,
            self.influence,
            confidence_level=confidence_level,
            law="larger",
            lag=lag,
            nobs=nobs,
            noise=self.noise,
        )
        return replace(estimate, method=f"adjusted R2, {estimate.method}")


def explained_share(y: Array, regressors: Array) -> ExplainedShare | NotComputed:
    """Adjusted R2 of ``y`` on a constant and ``regressors``, with what its interval needs.

    Influence values (1 - R2) y^2 / var(y) - e^2 / var(y).

    - ``regressors`` (T, k): explanatory series without a constant.
    """
    if not moves(y):
        return NotComputed(
            Missing.NOT_MOVING, "the series to be explained does not move in this sample"
        )
    dy = y - y.mean()
    dy = dy / np.abs(dy).max()
    fit = hac_fit(dy, regressors)
    if isinstance(fit, NotComputed):
        return fit
    nobs, k = regressors.shape
    resid = dy - (regressors - regressors.mean(axis=0)) @ fit.params
    total = float(dy @ dy) / nobs
    left = float(resid @ resid) / nobs / total
    if left < 1e-12:
        return NotComputed(Missing.EXACT, "the series is explained without error")
    influence = left * dy * dy / total - resid * resid / total
    adjusted = 1.0 - left * (nobs - 1.0) / (nobs - k - 1.0)
    return ExplainedShare(adjusted, influence, math.sqrt(2.0 * k) * left / nobs)


def _checked(y: ArrayLike, regressors: Array) -> Array | NotComputed:
    series = as_series(y, "y")
    if regressors.ndim != 2 or regressors.shape[0] != series.size:
        raise ValueError(f"regressors have shape {regressors.shape}, y {series.shape}")
    needed = max(MIN_NOBS_TEST, 10 * (regressors.shape[1] + 1))
    reason = unusable(series, *regressors.T, min_nobs=needed)
    return series if reason is None else reason


def explained(
    y: ArrayLike, regressors: Array, *, confidence_level: float = 0.95, lag: int | None = None
) -> Estimate | NotComputed:
    """Share of a series' variance that others explain on the same dates.

    Adjusted R2, from the influence values (1 - R2) y^2 / var(y) - e^2 / var(y). They vanish at R2 =
    0, where the error is sqrt(2 k) / T of chance fit; both errors are added, so that nothing
    explained has an interval around zero.

    Parameters
    ----------
    regressors : array, shape (T, k)
        Explanatory series without a constant.
    """
    series = _checked(y, regressors)
    if isinstance(series, NotComputed):
        return series
    share = explained_share(series, regressors)
    return share if isinstance(share, NotComputed) else share.estimate(confidence_level, lag)


def explained_test(y: ArrayLike, regressors: Array) -> TestResult | NotComputed:
    """Test that none of the series explains anything.

    b' V^-1 b / k with the Newey-West covariance, lag 4, referred to F with k and 1.5 T / 5 degrees
    of freedom. Newey and West 1987.

    Parameters
    ----------
    regressors : array, shape (T, k)
        Explanatory series without a constant.
    """
    series = _checked(y, regressors)
    if isinstance(series, NotComputed):
        return series
    scaled = regressors / np.abs(regressors - regressors.mean(axis=0)).max(axis=0)
    fit = hac_fit(series, scaled)
    if isinstance(fit, NotComputed):
        return fit
    from scipy.special import fdtrc

    covariance = fit.covariance(_HAC_LAG)
    if np.linalg.matrix_rank(covariance, hermitian=True) < fit.params.size:
        return NotComputed(Missing.EXACT, "the slopes have no measurable error")
    statistic = float(fit.params @ np.linalg.solve(covariance, fit.params)) / fit.params.size
    freedom = 1.5 * fit.nobs / (_HAC_LAG + 1.0)
    return TestResult(
        statistic=statistic,
        pvalue=float(fdtrc(fit.params.size, freedom, statistic)),
        null="none of the series explains the spread",
        alternative="at least one does",
        distribution=f"F({fit.params.size}, {freedom:.0f}), Newey-West with lag {_HAC_LAG}",
        nobs=fit.nobs,
    )


def rsquared_gap(
    y: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    confidence_level: float = 0.95,
    lag: int | None = None,
) -> Estimate | NotComputed:
    """R2 of a series on one index less that on another.

    Both R2 from the same days, so that the interval allows for their dependence.

    Parameters
    ----------
    y, first, second : array_like, shape (T,)
        Returns on shared dates.
    """
    columns = [as_series(x)[:, None] for x in (first, second)]
    series = _checked(y, np.hstack(columns))
    if isinstance(series, NotComputed):
        return series
    one, two = (explained_share(series, column) for column in columns)
    if isinstance(one, NotComputed):
        return one
    if isinstance(two, NotComputed):
        return two
    return one.less(two).estimate(confidence_level, lag)


def explained_gap(
    y: ArrayLike,
    regressors: Array,
    first: Mask,
    second: Mask,
    *,
    confidence_level: float = 0.95,
    lag: int | None = None,
) -> Estimate | NotComputed:
    """R2 on some dates less R2 on others, no date in both; see :func:`explained`."""
    series = _checked(y, regressors)
    if isinstance(series, NotComputed):
        return series
    parts = []
    for mask in (first, second):
        if int(mask.sum()) < MIN_NOBS_TEST:
            return too_short(f"{MIN_NOBS_TEST} dates in each part", mask.sum())
        share = explained_share(series[mask], regressors[mask])
        if isinstance(share, NotComputed):
            return share
        parts.append(share._replace(influence=spread_influence(share.influence, mask)))
    nobs = int(first.sum() + second.sum())
    return parts[0].less(parts[1]).estimate(confidence_level, lag, nobs)
