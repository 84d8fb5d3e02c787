"""Observations a year, and the weeks, months and years that dates lie in."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np

from convex_research.data.series import Frequency

if TYPE_CHECKING:
    from convex_research.core.typing import Dates, Indices

__all__ = [
    "FREQUENCIES",
    "Frequency",
    "ends_period",
    "last_rows",
    "period_end",
    "period_of",
    "periods_per_year",
    "whole_rows",
]

_PERIODS = {"daily": 252, "weekly": 52, "monthly": 12, "quarterly": 4, "yearly": 1}  # a year
FREQUENCIES: tuple[Frequency, ...] = get_args(Frequency)
"""From the fastest to the slowest."""

_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}


def periods_per_year(frequency: Frequency, dates: Dates) -> int:
    """Observations a year: 365 where a daily series has them on more than 300 days."""
    years = (dates[-1] - dates[0]) / np.timedelta64(1, "D") / 365.25
    if frequency == "daily" and (len(dates) - 1) / years > 300:
        return 365
    return _PERIODS[frequency]


def period_of(dates: Dates, frequency: Frequency) -> Indices:
    """Number of the day, week, month, quarter or year that each date lies in.

    Examples
    --------
    >>> import numpy as np
    >>> period_of(np.array(["2024-01-05", "2024-01-06"], "datetime64[D]"), "weekly").tolist()
    [2818, 2819]
    """
    days = dates.astype("datetime64[D]").astype(np.intp)
    if frequency == "daily":
        return days
    if frequency == "weekly":  # day 0 is a Thursday, and weeks end on Friday
        return (days + 5) // 7
    return dates.astype("datetime64[M]").astype(np.intp) // _MONTHS[frequency]


def period_end(period: int, frequency: Frequency) -> np.datetime64:
    """Last day of a period that is longer than a day."""
    if frequency == "weekly":
        return np.datetime64(7 * period + 1, "D")
    following = np.datetime64((period + 1) * _MONTHS[frequency], "M").astype("datetime64[D]")
    return np.datetime64(following - np.timedelta64(1, "D"), "D")


def last_rows(dates: Dates, frequency: Frequency) -> Indices:
    """Rows of the last date in every period, the last period's among them."""
    period = period_of(dates, frequency)
    return np.flatnonzero(np.append(np.diff(period) != 0, True))


def ends_period(last: np.datetime64, own: Frequency, frequency: Frequency) -> bool:
    """Whether a series of its own frequency, whose last date this is, has all of that period."""
    if own == frequency:
        return True
    period = int(period_of(np.array([last]), frequency)[0])
    if own != "daily":
        following = period_end(int(period_of(np.array([last]), own)[0]) + 1, own)
        return int(period_of(np.array([following]), frequency)[0]) != period
    # A holiday before the weekend, or at the end of a month, hides no session.
    closed = 1 if frequency == "weekly" else 4
    return bool(period_end(period, frequency) - last <= np.timedelta64(closed, "D"))


def whole_rows(dates: Dates, own: Frequency, frequency: Frequency) -> Indices:
    """Rows of the last date in every period, without a last period that is not over."""
    rows = last_rows(dates, frequency)
    return rows if ends_period(dates[-1], own, frequency) else rows[:-1]
