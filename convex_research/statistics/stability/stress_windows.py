"""Named stress windows, fixed once, and what both legs did in them.

The dates are those of the S&P 500's closing peak and trough around each episode, or of the days it
is named for. They are chosen with hindsight and describe; they test nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed
from convex_research.statistics.inference.influence_interval import as_series

if TYPE_CHECKING:
    from convex_research.core.typing import ArrayLike, Dates

__all__ = ["STRESS_WINDOWS", "StressWindow", "cumulative_move"]


@dataclass(frozen=True, slots=True)
class StressWindow:
    """A named episode.

    - ``key``: qualifier in record keys.
    - ``start``, ``end``: the move runs from the close on ``start`` to the close on ``end``.
    """

    key: str
    name: str
    start: date
    end: date


STRESS_WINDOWS: tuple[StressWindow, ...] = (
    StressWindow("crash_1987", "October 1987 crash", date(1987, 10, 13), date(1987, 10, 19)),
    StressWindow("ltcm_1998", "Russia and LTCM, 1998", date(1998, 7, 17), date(1998, 8, 31)),
    StressWindow("dotcom", "Dot-com bust", date(2000, 3, 24), date(2002, 10, 9)),
    StressWindow("gfc", "Financial crisis", date(2007, 10, 9), date(2009, 3, 9)),
    StressWindow("flash_2010", "Flash crash, May 2010", date(2010, 5, 3), date(2010, 5, 7)),
    StressWindow("downgrade_2011", "US downgrade, 2011", date(2011, 7, 22), date(2011, 8, 8)),
    StressWindow("august_2015", "China fears, Aug 2015", date(2015, 8, 17), date(2015, 8, 25)),
    StressWindow("vol_2018", "VIX spike, 2018", date(2018, 1, 26), date(2018, 2, 8)),
    StressWindow("q4_2018", "Last quarter of 2018", date(2018, 9, 20), date(2018, 12, 24)),
    StressWindow("covid", "Covid crash", date(2020, 2, 19), date(2020, 3, 23)),
    StressWindow("rates_2022", "Rate rises, 2022", date(2022, 1, 3), date(2022, 10, 12)),
)


def cumulative_move(
    levels: ArrayLike,
    dates: Dates,
    window: StressWindow,
    *,
    relative: bool = True,
    unit: str = "decimal",
) -> Estimate | NotComputed:
    """Move of one leg from a window's start to its end.

    Observed. Ends are the last observations on or before the window's dates; ``start``, ``end`` and
    ``nobs`` are those found. A window that the sample does not hold from start to end is not
    computed rather than cut.

    - ``levels`` (T + 1,): prices (``relative``) or levels on shared dates.
    - ``dates`` (T + 1,): increasing.
    - ``relative``: true for P_end / P_start - 1, False for the difference.
    """
    series = as_series(levels, "levels")
    if dates.shape != series.shape:
        raise ValueError(f"dates have shape {dates.shape}, levels {series.shape}")
    if dates.size == 0 or dates[0] > np.datetime64(window.start):
        return NotComputed(
            Missing.NOT_IN_SAMPLE, f"the sample begins after {window.start.isoformat()}"
        )
    if dates[-1] < np.datetime64(window.end):
        return NotComputed(
            Missing.NOT_IN_SAMPLE, f"the sample ends before {window.end.isoformat()}"
        )
    first, last = (
        int(np.searchsorted(dates, np.datetime64(day), side="right")) - 1
        for day in (window.start, window.end)
    )
    if first == last:
        return NotComputed(Missing.NOT_IN_SAMPLE, "no observation falls into the window")
    before, after = float(series[first]), float(series[last])
    if not (np.isfinite(before) and np.isfinite(after)) or (relative and before <= 0.0):
        return NotComputed(
            Missing.MISSING_VALUES, "a price at an end of the window is missing or not positive"
        )
    begin: date = dates[first].astype("datetime64[D]").item()
    end: date = dates[last].astype("datetime64[D]").item()
    return Estimate(
        value=after / before - 1.0 if relative else after - before,
        method="observed",
        nobs=last - first,
        start=begin,
        end=end,
        unit=unit,
    )
