"""Where the last value of a path stands among all that went before: observed, not estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import (
    Estimate,
    Interval,
    Missing,
    NotComputed,
    observed,
    too_short,
)
from convex_research.statistics.inference.influence_interval import as_series

if TYPE_CHECKING:
    from convex_research.core.typing import ArrayLike

__all__ = ["history_percentile", "usual_range"]

_FEWEST = 252  # the outermost fortieth of fewer is a handful of days


def _known(path: ArrayLike) -> np.ndarray | NotComputed:
    series = as_series(path, "path")
    known = series[np.isfinite(series)]
    if not (series.size and np.isfinite(series[-1])):
        return NotComputed(Missing.UNDEFINED, "its last value is not defined")
    if known.size < _FEWEST:
        return too_short(f"{_FEWEST} values to be ranked among", known.size)
    return known


def history_percentile(path: ArrayLike) -> Estimate | NotComputed:
    """Share of a path's values below its last one, in percent.

    Observed; the last value itself and those equal to it count one half.
    """
    known = _known(path)
    if isinstance(known, NotComputed):
        return known
    below = np.count_nonzero(known < known[-1]) + 0.5 * np.count_nonzero(known == known[-1])
    method = f"observed; rank of the last value among {known.size}"
    return observed(100.0 * below / known.size, known.size, "percent", method)


def usual_range(
    path: ArrayLike, *, share: float = 0.95, unit: str = "dimensionless"
) -> Estimate | NotComputed:
    """Last value of a path with the range that a share of its values, the middle ones, lie in.

    ``low`` and ``high`` are quantiles of the path's own values, no interval of an estimate.
    """
    known = _known(path)
    if isinstance(known, NotComputed):
        return known
    low, high = np.quantile(known, (0.5 - 0.5 * share, 0.5 + 0.5 * share))
    return Estimate(
        value=float(known[-1]),
        low=float(low),
        high=float(high),
        confidence_level=share,
        interval=Interval.HISTORY,
        method=f"observed; middle {100.0 * share:g} % of {known.size} values",
        nobs=known.size,
        unit=unit,
    )
