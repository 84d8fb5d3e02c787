"""What other series explain of a series with coefficients known only from the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed
from convex_research.statistics.inference.influence_interval import as_series, moves, unusable
from convex_research.statistics.inference.paired_losses import hac_gain
from convex_research.statistics.leads.predictability import Forecasts

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike, Mask

__all__ = ["expanding_fit", "fit_rsquared"]

_FIRST = 52
_PER_REGRESSOR = 10


def expanding_fit(y: ArrayLike, regressors: Array) -> Forecasts | NotComputed:
    """Fit of each value by the others' value of the same date and coefficients from before.

    Parameters
    ----------
    y : array_like, shape (T,)
        Series.
    regressors : array, shape (T, k)
        Explanatory series of the same dates, without a constant.

    Returns
    -------
    Forecasts or NotComputed
        ``small``: the mean so far; ``large``: constant and slopes refitted on all earlier
        dates. The first fit comes after a third of the sample, at least 52 dates and 10 for
        each coefficient.
    """
    series = as_series(y, "y")
    if regressors.ndim != 2 or regressors.shape[0] != series.size:
        raise ValueError(f"regressors have shape {regressors.shape}, y {series.shape}")
    first = max(_FIRST, _PER_REGRESSOR * (regressors.shape[1] + 1), series.size // 3)
    if (reason := unusable(series, *regressors.T, min_nobs=2 * first)) is not None:
        return reason
    # Scales come from the first training sample alone: nothing looks ahead.
    train = np.column_stack([series, regressors])[:first]
    centre = train.mean(axis=0)
    if not moves(train, axis=0).all():
        return NotComputed(
            Missing.NOT_MOVING, "a series does not move in the first third of the sample"
        )
    scale = np.abs(train - centre).max(axis=0)
    target = (series - centre[0]) / scale[0]
    design = np.column_stack([np.ones(series.size), (regressors - centre[1:]) / scale[1:]])
    moments = np.cumsum(np.einsum("ti,tj->tij", design, design), axis=0)[first - 1 : -1]
    cross = np.cumsum(design * target[:, None], axis=0)[first - 1 : -1]
    if np.linalg.cond(moments[0]) > 1e12:
        return NotComputed(
            Missing.EXACT, "the explanatory series are exact combinations of each other"
        )
    slopes = np.linalg.solve(moments, cross[:, :, None])[:, :, 0]
    large = np.einsum("ti,ti->t", design[first:], slopes)
    return Forecasts(target[first:], cross[:, 0] / moments[:, 0, 0], large)


def fit_rsquared(
    forecasts: Forecasts, used: Mask | None = None, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Out-of-sample R2: 1 - squared error with the other series / that of the mean so far.

    Parameters
    ----------
    forecasts : Forecasts
        From :func:`expanding_fit`.
    used : array of bool, shape (K,), optional
        The dates that count, of those fitted; all by default.
    confidence_level : {0.90, 0.95}

    Returns
    -------
    Estimate or NotComputed
        Negative where the coefficients cost more than they tell.

    References
    ----------
    Campbell and Thompson (2008), Review of Financial Studies 21, 1509-1531.
    """
    rows = slice(None) if used is None else used
    small, large = ((forecasts.actual - f)[rows] ** 2 for f in (forecasts.small, forecasts.large))
    return hac_gain(large, small, confidence_level=confidence_level)
