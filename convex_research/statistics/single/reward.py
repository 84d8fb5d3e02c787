"""Return for the risk taken: Sharpe and Sortino ratios, from returns over a rate of zero."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed
from convex_research.statistics.inference.influence_interval import (
    as_series,
    influence_interval,
    unusable,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["Measure", "reward", "reward_for_risk"]

Measure = Literal["sharpe", "sortino"]


def reward(x: ArrayLike, measure: Measure) -> tuple[float, Array] | NotComputed:
    """Mean over risk per period, and its influence values.

    With risk s, the standard deviation (ddof 1), or the root of the mean square of min(x, 0) over
    all periods: m / s, and (x - m) / s - (m / s) (d^2 / s^2 - 1) / 2, d = x - m or min(x, 0). Lo
    2002; Sortino and van der Meer 1991.
    """
    series = as_series(x)
    if (reason := unusable(series)) is not None:
        return reason
    series = series / np.abs(series).max()  # no overflow at any scale
    mean = float(series.mean())
    moves = series - mean if measure == "sharpe" else np.minimum(series, 0.0)
    square = float(moves @ moves) / series.size
    if not square > 0.0:
        return NotComputed(Missing.UNDEFINED, "it never fell")
    ratio = mean / math.sqrt(square)
    influence = (series - mean) / math.sqrt(square) - 0.5 * ratio * (moves**2 / square - 1.0)
    if measure == "sharpe":
        ratio *= math.sqrt((series.size - 1.0) / series.size)
    return ratio, influence


def reward_for_risk(
    x: ArrayLike, measure: Measure, periods_per_year: int, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Sharpe or Sortino ratio a year, with a HAC interval; see :func:`reward`.

    Nothing is taken off for what cash earned. Student's t with the degrees of freedom of the days
    that carry the variance. Lo 2002.
    """
    per_period = reward(x, measure)
    if isinstance(per_period, NotComputed):
        return per_period
    year, (ratio, influence) = math.sqrt(periods_per_year), per_period
    return influence_interval(
        year * ratio, year * influence, confidence_level=confidence_level, law="student"
    )
