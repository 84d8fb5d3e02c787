"""Whether correlation is higher in months in which a macro series is high."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed, too_short
from convex_research.statistics.inference.influence_interval import (
    as_pair,
    as_series,
    influence_interval,
    moves,
    unusable,
)

if TYPE_CHECKING:
    from convex_research.core.typing import ArrayLike

__all__ = ["monthly_shift"]

MONTH = 21
_MIN_MONTHS = 36


def monthly_shift(
    a: ArrayLike,
    b: ArrayLike,
    level: ArrayLike,
    *,
    confidence_level: float = 0.95,
    lag: int | None = None,
) -> Estimate | NotComputed:
    """Change of monthly correlation with one standard deviation of a macro series.

    Slope of Fisher's z of r in blocks of 21 days, the last block ending with the sample, on the
    level's standardised block mean of the block before: the level is known when the month begins.
    Fixed-b HAC interval, ``lag`` in months; 36 months at least.

    Parameters
    ----------
    level : array_like, shape (T,)
        Level of the macro series on the same dates.
    """
    x, y = as_pair(a, b)
    macro = as_series(level, "level")
    if macro.shape != x.shape:
        raise ValueError(f"level and the legs differ in length: {macro.size} and {x.size}")
    months = x.size // MONTH
    if months < _MIN_MONTHS:
        return too_short(f"{_MIN_MONTHS} months of {MONTH} days", months)
    if (reason := unusable(x, y, macro)) is not None:
        return reason
    rows = slice(x.size - months * MONTH, x.size)
    left, right, state = (v[rows].reshape(months, MONTH) for v in (x, y, macro))
    if not (moves(left).all() and moves(right).all()):
        return NotComputed(Missing.NOT_MOVING, "a leg does not move in one month")
    left = left - left.mean(axis=1, keepdims=True)
    right = right - right.mean(axis=1, keepdims=True)
    spread = np.sqrt((left**2).sum(axis=1) * (right**2).sum(axis=1))
    r = (left * right).sum(axis=1) / spread
    z = np.arctanh(np.clip(r, -0.9999, 0.9999))[1:]
    mean = state.mean(axis=1)[:-1]
    if not moves(mean):
        return NotComputed(Missing.NOT_MOVING, "the macro series does not move")
    unit = (mean - mean.mean()) / mean.std()
    slope = float(unit @ (z - z.mean())) / z.size
    resid = z - z.mean() - slope * unit
    if math.sqrt(float(resid @ resid) / z.size) < 1e-12:
        return NotComputed(Missing.EXACT, "the months have no measurable error")
    return influence_interval(
        slope, unit * resid, confidence_level=confidence_level, unit="Fisher z", lag=lag
    )
