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
from convex_research.statistics.leads.lead_lag import COLLINEAR_LAGS, lagged

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = [
    "Forecasts",
    "clark_west",
    "expanding_forecasts",
    "larger_model_test",
    "out_of_sample_rsquared",
    "refitted",
    "scaled_by_start",
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

    ``small``: constant and k own lags; ``large``: k lags of ``cause`` besides. Both are refitted
    before every forecast on all earlier observations; the first forecast comes after the first
    third of the sample, at least 120 observations.
    """
    if lags < 1:
        raise ValueError(f"lags must be at least 1, got {lags}")
    x, y = as_pair(cause, effect)
    if (reason := unusable(x, y, min_nobs=2 * _FIRST_FORECAST)) is not None:
        return reason
    first = max(_FIRST_FORECAST, x.size // 3)
    scaled = scaled_by_start(first, x, y)
    if scaled is None:
        text = "one leg does not move in the first third of the sample"
        return NotComputed(Missing.NOT_MOVING, text)
    x, y = scaled
    past = [lagged(y, lags, lags), lagged(x, lags, lags)]
    design = np.column_stack([np.ones(x.size - lags), *past])
    forecasts = refitted(y[lags:], design, first - lags, (lags + 1, 2 * lags + 1))
    return forecasts or COLLINEAR_LAGS


def scaled_by_start(first: int, *series: Array) -> list[Array] | None:
    """Series centred and scaled by their first values alone; none where one does not move there."""
    starts = [x[:first] for x in series]
    if not all(map(moves, starts)):
        return None
    return [
        (x - start.mean()) / float(np.abs(start - start.mean()).max())
        for x, start in zip(series, starts, strict=True)
    ]


def refitted(target: Array, design: Array, first: int, sizes: tuple[int, int]) -> Forecasts | None:
    """Forecasts by leading columns, fitted to all earlier rows; none if they are collinear."""
    # Rows before each forecast, summed; the small model's are a corner of the large one's, and if
    # the large model can be solved, so can the small one.
    moments = np.cumsum(np.einsum("ti,tj->tij", design, design), axis=0)[first - 1 : -1]
    cross = np.cumsum(design * target[:, None], axis=0)[first - 1 : -1]
    if np.linalg.cond(moments[0]) > 1e12:
        return None
    slopes = (np.linalg.solve(moments[:, :k, :k], cross[:, :k, None])[:, :, 0] for k in sizes)
    small, large = (np.einsum("ti,ti->t", design[first:, : b.shape[1]], b) for b in slopes)
    return Forecasts(target[first:], small, large)


def out_of_sample_rsquared(
    cause: ArrayLike, effect: ArrayLike, lags: int = 1, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Share of the forecast error of own lags that the other leg's lags remove.

    1 - sum e_large^2 / sum e_small^2 over the evaluation dates; negative when the extra lags cost
    more than they tell. The interval is for the loss of these two forecasting schemes, estimation
    error included; it is not a test that the lags are irrelevant, see :func:`clark_west`. Campbell
    and Thompson (2008), Review of Financial Studies 21, 1509-1531.
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

    Mean of e_small^2 - e_large^2 + (small - large)^2 over its Bartlett HAC(5) standard error;
    one-sided normal p-value. The last term undoes the loss by which a larger model trails when its
    extra coefficients are zero. Clark and West (2007), Journal of Econometrics 138, 291-311.
    """
    forecasts = expanding_forecasts(cause, effect, lags)
    if isinstance(forecasts, NotComputed):
        return forecasts
    return larger_model_test(forecasts)


def larger_model_test(forecasts: Forecasts) -> TestResult | NotComputed:
    """Clark and West's test on forecasts that are there already; see :func:`clark_west`."""
    from scipy.special import ndtr

    actual, small, large = forecasts
    adjusted = (actual - small) ** 2 - (actual - large) ** 2 + (small - large) ** 2
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
