"""Returns of a pair for a look: the page's own, without checking the data a second time.

The page was built from the same snapshot, and its alignment has been through the quality gate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from convex_research.core.estimates import Missing, NotComputed
from convex_research.returns.alignment import differenced, shared_levels
from convex_research.statistics.stability import monitoring

if TYPE_CHECKING:
    from datetime import date

    from convex_research.core.config import ReturnKind
    from convex_research.core.typing import Array, Dates
    from convex_research.data.series import SeriesData

__all__ = ["LONGEST", "DailyReturns", "daily_returns"]

LONGEST = monitoring.BURN_IN + monitoring.REFERENCE + monitoring.GAP + 40
"""Most observations that a look can use."""


@dataclass(frozen=True, slots=True)
class DailyReturns:
    """The last returns of a pair on shared dates.

    Parameters
    ----------
    dates : array of datetime64[D], shape (T,)
        Date on which each return ends; T is at most ``LONGEST``.
    values : array, shape (T, 2)
        Returns or differences of both legs.
    units : tuple of str
        Their units.
    """

    dates: Dates
    values: Array
    units: tuple[str, str]

    @property
    def nobs(self) -> int:
        """Number of returns."""
        return len(self.values)


def daily_returns(
    a: SeriesData,
    b: SeriesData,
    kind: ReturnKind,
    *,
    start: date | None = None,
    end: date | None = None,
) -> DailyReturns | NotComputed:
    """Align two legs and difference them, as :func:`~convex_research.returns.align` does.

    Not computed for series that are not daily, or that share hardly a date.
    """
    for leg in (a, b):
        if (frequency := leg.frequency) != "daily":
            return NotComputed(
                Missing.FREQUENCY, f"watched are daily series, one of these is {frequency}"
            )
    legs = (a.between(start, end), b.between(start, end))
    dates, levels, _ = shared_levels(legs, "daily")
    if len(dates) < 3:
        return NotComputed(Missing.TOO_SHORT, "the legs share hardly a date")
    last = slice(-(LONGEST + 1), None)
    values, units = differenced(levels[last], legs, dates[last], kind)
    return DailyReturns(dates[last][1:], values, units)
