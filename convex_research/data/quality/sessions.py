"""Exchange calendars: sessions, closes, and when a new close can be expected.

The exchange_calendars package knows the holidays but takes a quarter of a second to
say them, so its answer is kept in the cache folder as an array.
"""

from __future__ import annotations

import io
import warnings
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from convex_research.core.errors import InputError, printable
from convex_research.core.files import write_atomically
from convex_research.data.cache.store import cache_folder

if TYPE_CHECKING:
    from datetime import date

__all__ = ["ALWAYS_OPEN", "ECB_FIXING", "expires", "has_sessions", "hours_apart", "sessions"]

Days = np.ndarray[tuple[int], np.dtype[np.datetime64]]

ALWAYS_OPEN = "24/7"
ECB_FIXING = "ECB"
"""Days on which the European Central Bank fixes reference rates, at 14:15 in Frankfurt."""
# Business days as the source sees them; no exchange closes.
_WITHOUT_SESSIONS = {"FRED", ECB_FIXING}
_FIRST, _LAST = "1960-01-01", "2035-12-31"
_DAILY = timedelta(hours=24)
_AFTER_CLOSE = timedelta(hours=2)  # by then providers have the day's close
_CLOSES = {
    ECB_FIXING: ("Europe/Berlin", time(14, 15)),
    "XNYS": ("America/New_York", time(16)),
    "XNAS": ("America/New_York", time(16)),
    "XTSE": ("America/Toronto", time(16)),
    "XLON": ("Europe/London", time(16, 30)),
    "XETR": ("Europe/Berlin", time(17, 30)),
    "XPAR": ("Europe/Paris", time(17, 30)),
    "XAMS": ("Europe/Amsterdam", time(17, 30)),
    "XMAD": ("Europe/Madrid", time(17, 30)),
    "XMIL": ("Europe/Rome", time(17, 30)),
    "XSTO": ("Europe/Stockholm", time(17, 30)),
    "XSWX": ("Europe/Zurich", time(17, 30)),
    "BVMF": ("America/Sao_Paulo", time(17)),
    "XTKS": ("Asia/Tokyo", time(15, 30)),
    "XHKG": ("Asia/Hong_Kong", time(16)),
    "XKRX": ("Asia/Seoul", time(15, 30)),
    "XSHG": ("Asia/Shanghai", time(15)),
    "XTAI": ("Asia/Taipei", time(13, 30)),
    "XBOM": ("Asia/Kolkata", time(15, 30)),
    "XSES": ("Asia/Singapore", time(17)),
    "XASX": ("Australia/Sydney", time(16)),
}


def has_sessions(calendar: str | None) -> bool:
    """Whether the days on which this calendar is open are known."""
    return calendar is not None and calendar not in _WITHOUT_SESSIONS


def hours_apart(a: str | None, b: str | None) -> float | None:
    """Hours between the closes of a date, in winter, or nothing where one is not known.

    Examples
    --------
    >>> hours_apart("XNYS", "XTKS"), hours_apart("XNYS", "24/7"), hours_apart("XNYS", "FRED")
    (14.5, 3.0, None)
    """
    if a is not None and a == b:
        return 0.0
    closes = []
    for calendar in (a, b):
        if calendar == ALWAYS_OPEN:  # its day ends where the next one begins
            closes.append(datetime(2024, 1, 17, tzinfo=UTC))
        elif calendar in _CLOSES:
            zone, close = _CLOSES[calendar]
            day = datetime(2024, 1, 16, tzinfo=ZoneInfo(zone))
            closes.append(day.replace(hour=close.hour, minute=close.minute))
        else:
            return None
    return abs((closes[0] - closes[1]).total_seconds()) / 3600.0


def sessions(calendar: str, first: date, last: date) -> Days:
    """Sessions from ``first`` to ``last``, both inclusive, increasing.

    ``calendar`` is ``"24/7"`` or a code of exchange_calendars; another one is an InputError.
    """
    low, high = np.datetime64(first, "D"), np.datetime64(last, "D")
    if calendar == ALWAYS_OPEN:
        return np.arange(low, high + 1)
    known = _sessions(calendar)
    return known[(known >= low) & (known <= high)]


@cache
def _sessions(calendar: str) -> Days:
    import exchange_calendars as ec

    if calendar not in ec.get_calendar_names():
        raise InputError(
            f"There is no exchange calendar {printable(calendar)!r}; XNYS is New York, XLON London."
        )
    path = cache_folder() / "sessions" / f"{ec.__version__}-{calendar.replace('/', '-')}.npy"
    try:
        days: Days = np.load(path, allow_pickle=False)
        if days.dtype == np.dtype("datetime64[D]") and days.size:
            return days
    except (OSError, ValueError, EOFError):
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses offsets that pandas 3 renames
        try:
            found = ec.get_calendar(calendar, start=_FIRST, end=_LAST).sessions
        except ValueError:  # it does not know so many years
            found = ec.get_calendar(calendar).sessions
    days = found.to_numpy().astype("datetime64[D]")
    buffer = io.BytesIO()
    np.save(buffer, days)
    with suppress(OSError):  # without it, it is only slower next time
        write_atomically(path, buffer.getvalue())
    return days


def expires(checked: datetime, calendar: str | None) -> datetime:
    """When a body checked at this aware time should be checked again.

    At the latest after 24 hours; earlier where a new close comes earlier: two hours
    after the next close of an exchange, or 00:40 UTC for what trades every day.
    """
    latest = checked + _DAILY
    if calendar == ALWAYS_OPEN:
        utc = checked.astimezone(UTC)
        turn = utc.replace(hour=0, minute=40, second=0, microsecond=0)
        return min(latest, turn if turn > utc else turn + _DAILY)
    if calendar not in _CLOSES:
        return latest
    zone, close = _CLOSES[calendar]
    local = checked.astimezone(ZoneInfo(zone))
    for days in range(4):
        day = local.date() + timedelta(days=days)
        due = datetime.combine(day, close, local.tzinfo) + _AFTER_CLOSE
        if day.weekday() < 5 and due > local:
            return min(latest, due.astimezone(UTC))
    return latest
