"""Rows against the days on which the exchange was open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.core.arrays import runs
from convex_research.data.quality.sessions import has_sessions, sessions
from convex_research.data.quality.values import is_daily
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from convex_research.data.series import SeriesData

__all__ = ["calendar_notes"]

_MISSING_SHARE = 0.02  # five sessions a year; a provider's holes are fewer
_MISSING_RUN = 5  # a week without data is not a holiday


def calendar_notes(series: SeriesData) -> list[QualityNote]:
    """Rows on closed days, more rows than sessions, missing sessions: for daily series alone."""
    index, symbol = series.values.index, series.provenance.symbol
    if index.has_duplicates:
        twice = index[index.duplicated()][0].date()
        return [QualityNote("duplicates", "refuse", f"{symbol}: {twice} occurs more than once.")]
    if not is_daily(series):
        return []
    days = index.to_numpy().astype("datetime64[D]")
    calendar = series.instrument.calendar
    if calendar is None or not has_sessions(calendar):
        return _weekends(symbol, days)
    opened = sessions(calendar, series.provenance.start, series.provenance.end)
    notes = _too_many(symbol, calendar, days, opened)
    closed = np.setdiff1d(days, opened)
    if len(closed):
        message = f"{symbol}: {_count(len(closed), 'row')} on days {calendar} was closed"
        notes.append(QualityNote("closed_days", "warning", f"{message}: {_listed(closed)}."))
    return notes + _missing(symbol, days, opened)


def _weekends(symbol: str, days: Any) -> list[QualityNote]:
    """Without a calendar, weekends can be counted and nothing concluded."""
    weekday = (days.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    count = int((weekday >= 5).sum())
    if not count:
        return []
    message = f"{symbol}: {_count(count, 'row')} of {len(days):,} on Saturdays and Sundays."
    return [QualityNote("weekend_rows", "note", message)]


def _too_many(symbol: str, calendar: str, days: Any, opened: Any) -> list[QualityNote]:
    years = days.astype("datetime64[Y]").astype(int) + 1970
    open_years = opened.astype("datetime64[Y]").astype(int) + 1970
    counts = [
        (int(year), int((years == year).sum()), int((open_years == year).sum()))
        for year in np.unique(years)
    ]
    bad = [(year, rows, possible) for year, rows, possible in counts if rows > possible]
    if not bad:
        return []
    year, rows, possible = bad[0]
    more = f" (and {_count(len(bad) - 1, 'other year')})" if len(bad) > 1 else ""
    message = (
        f"{symbol}: {year} has {rows:,} rows, but {calendar} had {possible:,} sessions in that "
        f"time{more}: rows were filled in, or it is not a daily series of that exchange."
    )
    return [QualityNote("more_rows_than_sessions", "refuse", message)]


def _missing(symbol: str, days: Any, opened: Any) -> list[QualityNote]:
    absent = ~np.isin(opened, days)
    count = int(absent.sum())
    if not count:
        return []
    longest = max(run.stop - run.start for run in runs(absent))
    grave = count > _MISSING_SHARE * len(opened) or longest >= _MISSING_RUN
    run = f", up to {longest} running" if longest > 1 else ""
    message = (
        f"{symbol}: {_count(count, 'session')} of {len(opened):,} missing{run}: "
        f"{_listed(opened[absent])}."
    )
    return [QualityNote("missing_sessions", "warning" if grave else "note", message)]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _listed(days: Any, limit: int = 4) -> str:
    shown = ", ".join(str(day) for day in days[:limit])
    return shown if len(days) <= limit else f"{shown} and {len(days) - limit:,} more"
