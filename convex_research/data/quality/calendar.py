"""Rows against the days on which the exchange was open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.catalogue.symbols import IN_MEMORY
from convex_research.core import formatting as fmt
from convex_research.core.arrays import longest_run
from convex_research.data.quality.sessions import has_sessions, sessions
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from convex_research.data.series import SeriesData

__all__ = ["calendar_notes"]

_MISSING_SHARE = 0.02  # five sessions a year; a provider's holes are fewer
_WEEKS = 40  # rows from which the days of the week say something
_WEEKEND_SHARE = 0.1  # a fifth, where every day is off
_GAP = 15  # days between rows of a daily series: no holidays are so long
_MISSING_RUN = 5  # a week without data is not a holiday


def calendar_notes(series: SeriesData) -> list[QualityNote]:
    """Rows on closed days, more rows than sessions, missing sessions: for daily series alone."""
    index, symbol = series.values.index, series.provenance.symbol
    if index.has_duplicates:
        twice = index[index.duplicated()][0].date()
        return [QualityNote("duplicates", "refuse", f"{symbol}: {twice} occurs more than once.")]
    if series.frequency != "daily":
        return []
    days = index.to_numpy().astype("datetime64[D]")
    calendar = series.instrument.calendar
    if calendar is None or not has_sessions(calendar):
        return _weekends(symbol, days) + _gaps(symbol, days)
    opened = sessions(calendar, series.provenance.start, series.provenance.end)
    notes = _too_many(symbol, calendar, days, opened)
    closed = np.setdiff1d(days, opened)
    if len(closed):
        message = f"{symbol}: {_count(len(closed), 'row')} on days {calendar} was closed"
        notes.append(QualityNote("closed_days", "warning", f"{message}: {fmt.listed(closed)}."))
    return notes + _missing(symbol, days, opened)


def _weekends(symbol: str, days: Any) -> list[QualityNote]:
    """Without a calendar, weekends can be counted, and days that are all one off be seen."""
    weekday = (days.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    count = int((weekday >= 5).sum())
    if not count:
        return []
    absent = [name for at, name in ((0, "Mondays"), (4, "Fridays")) if not (weekday == at).any()]
    share = count / len(days)
    if len(absent) == 1 and len(days) >= _WEEKS and share > _WEEKEND_SHARE:
        way = "?timezone=Europe/Berlin"
        if IN_MEMORY in symbol:
            way = 'tz_convert("Europe/Berlin") of its index'
        message = (
            f"{symbol}: {100 * share:.0f} % of its rows are on Saturdays and Sundays and none on "
            f"{absent[0]}: its dates are a day off, as stamps in UTC are; "
            f"{way} (or where the exchange is) counts the days there."
        )
        return [QualityNote("misdated", "refuse", message)]
    message = f"{symbol}: {_count(count, 'row')} of {len(days):,} on Saturdays and Sundays."
    return [QualityNote("weekend_rows", "note", message)]


def _gaps(symbol: str, days: Any) -> list[QualityNote]:
    """Weeks without a row, where no calendar says that sessions are missing."""
    wide = np.flatnonzero(np.diff(days).astype(np.int64) > _GAP)
    if not len(wide):
        return []
    listed = "; ".join(f"{days[i]} to {days[i + 1]}" for i in wide[:4])
    more = f" and {len(wide) - 4:,} more" if len(wide) > 4 else ""
    message = f"{symbol}: no rows from {listed}{more}: the move over each gap counts as one."
    return [QualityNote("gap", "warning", message)]


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
    run = longest_run(absent)
    longest = run.stop - run.start
    grave = count > _MISSING_SHARE * len(opened) or longest >= _MISSING_RUN
    running = f", up to {longest} running" if longest > 1 else ""
    message = (
        f"{symbol}: {_count(count, 'session')} of {len(opened):,} missing{running}: "
        f"{fmt.listed(opened[absent])}."
    )
    return [QualityNote("missing_sessions", "warning" if grave else "note", message)]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
