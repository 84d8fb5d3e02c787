"""Returns of a pair for a look: the page's own, without checking the data a second time.

The page was built from the same snapshot, and its alignment has been through the quality gate.
Hundreds of pairs share few legs, so each leg is turned into arrays once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Missing, NotComputed
from convex_research.returns import check_levels, difference, frequency_of
from convex_research.statistics.stability import monitoring

if TYPE_CHECKING:
    from datetime import date

    from convex_research.core.config import ReturnKind
    from convex_research.core.typing import Array, Dates
    from convex_research.data.series import SeriesData

__all__ = ["LONGEST", "DailyReturns", "Leg", "daily_returns"]

LONGEST = monitoring.BURN_IN + monitoring.REFERENCE + monitoring.GAP + 40
"""Most observations that a look can use."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A series as arrays.

    Parameters
    ----------
    series : SeriesData
        What it is.
    dates : array of datetime64[D], shape (n,)
        Its dates.
    levels : array, shape (n,)
        Its values.
    frequency : str
        Of its dates.
    """

    series: SeriesData
    dates: Dates
    levels: Array
    frequency: str

    @classmethod
    def of(cls, series: SeriesData) -> Leg:
        """A loaded series."""
        levels = np.array(series.values, dtype=np.float64)
        return cls(series, series.dates, levels, frequency_of(series.values))

    def between(self, start: date | None, end: date | None) -> tuple[Dates, Array]:
        """Dates and values inside inclusive bounds."""
        first = 0 if start is None else int(np.searchsorted(self.dates, np.datetime64(start)))
        last = len(self.dates)
        if end is not None:
            last = int(np.searchsorted(self.dates, np.datetime64(end), side="right"))
        return self.dates[first:last], self.levels[first:last]


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
    a: Leg,
    b: Leg,
    kind: ReturnKind,
    *,
    start: date | None = None,
    end: date | None = None,
) -> DailyReturns | NotComputed:
    """Align two legs and difference them, as a page does.

    Parameters
    ----------
    a, b : Leg
        The legs.
    kind : {"simple", "log"}
        How prices become returns.
    start, end : datetime.date, optional
        Inclusive bounds on prices.

    Returns
    -------
    DailyReturns or NotComputed
        Not computed for series that are not daily, or that share hardly a date.

    Raises
    ------
    DataError
        As :func:`~convex_research.returns.check_levels`.
    """
    for leg in (a, b):
        if leg.frequency != "daily":
            return NotComputed(
                Missing.FREQUENCY, f"watched are daily series, one of these is {leg.frequency}"
            )
    (days_a, levels_a), (days_b, levels_b) = (leg.between(start, end) for leg in (a, b))
    if not np.array_equal(days_a, days_b):
        days_a, in_a, in_b = np.intersect1d(days_a, days_b, assume_unique=True, return_indices=True)
        levels_a, levels_b = levels_a[in_a], levels_b[in_b]
    if len(days_a) < 3:
        return NotComputed(Missing.TOO_SHORT, "the legs share hardly a date")
    days = days_a[-(LONGEST + 1) :]
    columns, units = [], []
    for levels, leg in ((levels_a[-days.size :], a), (levels_b[-days.size :], b)):
        check_levels(levels, leg.series, days, kind)
        values, unit = difference(levels, leg.series.instrument, kind)
        columns.append(values)
        units.append(unit)
    return DailyReturns(days[1:], np.column_stack(columns), (units[0], units[1]))
