"""Series on the periods they are observed in, and the calendars that many of them share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.errors import InputError
from convex_research.returns.frequency import FREQUENCIES, period_of, whole_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.core.typing import Array, Dates, Indices
    from convex_research.data.series import Frequency, SeriesData

__all__ = ["Track", "calendars", "frequency_of", "track"]


@dataclass(frozen=True, slots=True)
class Track:
    """A series with one level a period.

    Parameters
    ----------
    series : SeriesData
        As loaded.
    periods : array of int, shape (T,)
        Number of the day, week or month of each level, without a last one that is not over.
    days : array of datetime64, shape (T,)
        On which each level was observed.
    levels : array, shape (T,)
    """

    series: SeriesData
    periods: Indices
    days: Dates
    levels: Array


def frequency_of(series: Sequence[SeriesData], asked: Frequency | None = None) -> Frequency:
    """The frequency of a universe: that asked for, else that of the slowest series.

    Raises
    ------
    InputError
        If a series is slower than what is asked for.
    """
    slowest = max(series, key=lambda one: FREQUENCIES.index(one.frequency))
    if asked is None:
        return slowest.frequency
    if FREQUENCIES.index(slowest.frequency) > FREQUENCIES.index(asked):
        raise InputError(
            f"{slowest.provenance.symbol} is {slowest.frequency}, slower than {asked}; ask for "
            f"{slowest.frequency}, or leave it out."
        )
    return asked


def track(series: SeriesData, frequency: Frequency) -> Track:
    """A series at a frequency, the last level of each period."""
    dates = series.dates
    rows = whole_rows(dates, series.frequency, frequency)
    levels = np.asarray(series.values, dtype=np.float64)[rows]
    return Track(series, period_of(dates[rows], frequency), dates[rows], levels)


def calendars(tracks: Sequence[Track]) -> list[list[int]]:
    """Places of the tracks that share a calendar, whenever each begins and ends.

    Two share one where neither has a period that the other lacks while both are observed.
    """
    known: list[tuple[Indices, list[int]]] = []
    for place in sorted(range(len(tracks)), key=lambda i: -tracks[i].periods.size):
        own = tracks[place].periods
        for calendar, members in known:
            first, last = np.searchsorted(calendar, (own[0], own[-1]))
            if np.array_equal(calendar[first : last + 1], own):
                members.append(place)
                break
        else:
            known.append((own, [place]))
    return [sorted(members) for _, members in known]
