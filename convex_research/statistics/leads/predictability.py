"""Forecasts of one leg by the past of the other, judged out of sample."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed, TestResult
from convex_research.statistics.inference.influence_interval import (
    as_pair,
    hac_std_error,
    moves,
    unusable,
)
from convex_research.statistics.inference.paired_losses import relative_gain

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = [
    "Forecasts",
    "clark_west",
    "expanding_forecasts",
    "larger_model_test",
    "out_of_sample_rsquared",
]

_FIRST_FORECAST = 120
_HAC_LAG = 5


class Forecasts(NamedTuple):
    """One-step forecasts on the evaluation dates, in the effect's units over its scale."""

    actual: Array
    small: Array
    large: Array


def expanding_forecasts(cause: ArrayLike, effect: ArrayLike, lags: int) -> Forecasts | NotComputed:
    """Forecasts of the effect by its own lags, and by those of both legs.

    Parameters
    ----------
    cause, effect : array_like, shape (T,)
        Returns.
    lags : int
        k lags of each series.

    Returns
    -------
    Forecasts or NotComputed
        ``small``: constant and k own lags; ``large``: k lags of ``cause`` besides. Both are
        refitted before every forecast on all earlier observations; the first forecast comes
        after the first third of the sample, at least 120 observations.

    Raises
    ------
    ValueError
        If the shapes are wrong or ``lags`` is below 1.
    """
    if lags < 1:
        raise ValueError(f"lags must be at least 1, got {lags}")
    x, y = as_pair(cause, effect)
    if (reason := unusable(x, y, min_nobs=2 * _FIRST_FORECAST)) is not None:
        return reason
    first = max(_FIRST_FORECAST, x.size // 3)
    # Centre and scale come from the first training sample alone: nothing looks ahead.
    scaled = []
    for series in (x, y):
        train = series[:first]
        if not moves(train):
            return NotComputed(
                Missing.NOT_MOVING, "one leg does not move in the first third of the sample"
            )
        spread = float(np.abs(train - train.mean()).max())
        scaled.append((series - train.mean()) / spread)
    x, y = scaled
    lagged = [series[lags - j : x.size - j] for series in (y, x) for j in range(1, lags + 1)]
    design = np.column_stack([np.ones(x.size - lags), *lagged])
    target, begin = y[lags:], first - lags
    # Rows before each forecast, summed; the small model's are a corner of the large one's.
    outer = np.einsum("ti,tj->tij", design, design)
    moments = np.cumsum(outer, axis=0)[begin - 1 : -1]
    cross = np.cumsum(design * target[:, None], axis=0)[begin - 1 : -1]
    # If the large model can be solved, so can the small one.
    if np.linalg.cond(moments[0]) > 1e12:
        return NotComputed(
            Missing.EXACT, "the lags of both legs are exact combinations of each other"
        )
    small, large = (
        _forecasts(moments[:, :k, :k], cross[:, :k], design[begin:, :k])
        for k in (lags + 1, 2 * lags + 1)
    )
    return Forecasts(target[begin:], small, large)


def _forecasts(moments: Array, cross: Array, regressors: Array) -> Array:
    """Least-squares forecast of each row from the moments before it."""
    coefficients = np.linalg.solve(moments, cross[:, :, None])[:, :, 0]
    return np.asarray(np.einsum("ti,ti->t", regressors, coefficients))


def out_of_sample_rsquared(
    cause: ArrayLike, effect: ArrayLike, lags: int = 1, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Share of the forecast error of own lags that the other leg's lags remove.

    Parameters
    ----------
    cause, effect : array_like, shape (T,)
        Returns.
    lags : int
        k lags of each series.
    confidence_level : float
        Nominal coverage.

    Returns
    -------
    Estimate or NotComputed
        1 - sum e_large^2 / sum e_small^2 over the evaluation dates; negative when the
        extra lags cost more than they tell. The interval is for the loss of these two
        forecasting schemes, estimation error included; it is not a test that the lags are
        irrelevant, see :func:`clark_west`.

    Raises
    ------
    ValueError
        If the shapes are wrong or ``lags`` is below 1.

    References
    ----------
    Campbell and Thompson (2008), Review of Financial Studies 21, 1509-1531.
    """
    forecasts = expanding_forecasts(cause, effect, lags)
    if isinstance(forecasts, NotComputed):
        return forecasts
    return relative_gain(
        (forecasts.actual - forecasts.large) ** 2,
        (forecasts.actual - forecasts.small) ** 2,
        confidence_level=confidence_level,
        what=f"out-of-sample R2 of {lags} lags against own lags, expanding refits",
    )


def clark_west(cause: ArrayLike, effect: ArrayLike, lags: int = 1) -> TestResult | NotComputed:
    """Clark-West test that lags of one leg do not improve forecasts of the other.

    Parameters
    ----------
    cause, effect : array_like, shape (T,)
        Returns.
    lags : int
        k lags of each series.

    Returns
    -------
    TestResult or NotComputed
        Mean of e_small^2 - e_large^2 + (small - large)^2 over its Bartlett HAC(5) standard
        error; one-sided normal p-value. The last term undoes the loss by which a larger
        model trails when its extra coefficients are zero.

    Raises
    ------
    ValueError
        If the shapes are wrong or ``lags`` is below 1.

    References
    ----------
    Clark and West (2007), Journal of Econometrics 138, 291-311.
    """
    forecasts = expanding_forecasts(cause, effect, lags)
    if isinstance(forecasts, NotComputed):
        return forecasts
    return larger_model_test(forecasts)


def larger_model_test(forecasts: Forecasts) -> TestResult | NotComputed:
    """Clark and West's test on forecasts that are there already; see :func:`clark_west`.

    Parameters
    ----------
    forecasts : Forecasts
        Of a model and of one that holds it as a special case.
    """
    from scipy.special import ndtr

    error_small, error_large = (
        forecasts.actual - forecasts.small,
        forecasts.actual - forecasts.large,
    )
    adjusted = error_small**2 - error_large**2 + (forecasts.small - forecasts.large) ** 2
    std_error, _, lag = hac_std_error(adjusted, _HAC_LAG)
    mean = float(adjusted.mean())
    if not math.isfinite(mean) or std_error <= 1e-14 * abs(mean) or std_error == 0.0:
        return NotComputed(Missing.EXACT, "both forecasts have the same error on every date")
    statistic = mean / std_error
    return TestResult(
        statistic=statistic,
        pvalue=float(ndtr(-statistic)),
        null="what the larger model adds does not improve forecasts",
        alternative="they do",
        distribution=f"normal, one-sided; Newey-West with lag {lag}",
        nobs=adjusted.size,
    )
