"""What other series explain of a series with coefficients known only from the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed
from convex_research.statistics.inference.influence_interval import as_series, unusable
from convex_research.statistics.inference.paired_losses import hac_gain
from convex_research.statistics.leads.predictability import Forecasts, refitted, scaled_by_start

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike, Mask

__all__ = ["expanding_fit", "fit_rsquared"]

_FIRST = 52
_PER_REGRESSOR = 10


def expanding_fit(y: ArrayLike, regressors: Array) -> Forecasts | NotComputed:
    """Fit of each value by the others' value of the same date and coefficients from before.

    ``small``: the mean so far; ``large``: constant and slopes refitted on all earlier dates. The
    first fit comes after a third of the sample, at least 52 dates and 10 for each coefficient.
    ``regressors`` has shape (T, k) and no constant.
    """
    series = as_series(y, "y")
    if regressors.ndim != 2 or regressors.shape[0] != series.size:
        raise ValueError(f"regressors have shape {regressors.shape}, y {series.shape}")
    first = max(_FIRST, _PER_REGRESSOR * (regressors.shape[1] + 1), series.size // 3)
    if (reason := unusable(series, *regressors.T, min_nobs=2 * first)) is not None:
        return reason
    scaled = scaled_by_start(first, series, *regressors.T)
    if scaled is None:
        text = "a series does not move in the first third of the sample"
        return NotComputed(Missing.NOT_MOVING, text)
    target, *others = scaled
    design = np.column_stack([np.ones(series.size), *others])
    forecasts = refitted(target, design, first, (1, design.shape[1]))
    text = "the explanatory series are exact combinations of each other"
    return forecasts or NotComputed(Missing.EXACT, text)


def fit_rsquared(
    forecasts: Forecasts, used: Mask | None = None, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Out-of-sample R2: 1 - squared error with the other series / that of the mean so far.

    Of :func:`expanding_fit`, on the dates ``used`` of those fitted; negative where the coefficients
    cost more than they tell. Campbell and Thompson (2008), Review of Financial Studies 21,
    1509-1531.
    """
    rows = slice(None) if used is None else used
    small, large = ((forecasts.actual - f)[rows] ** 2 for f in (forecasts.small, forecasts.large))
    return hac_gain(large, small, confidence_level=confidence_level)
