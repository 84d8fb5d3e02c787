"""Reading a two-column table of dates and numbers, strictly.

Every provider that answers with text ends here: dates must be dates, numbers numbers,
each date once and in order; what is not so is refused with its row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from convex_research.core import formatting as fmt
from convex_research.core.errors import DataError, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MISSING", "clean_series", "parse_dates", "parse_numbers", "plain_numbers"]

_NAN = float("nan")
_EMPTY = frozenset({"", "."})
_PLAIN = dict.fromkeys(map(ord, "0123456789.-+eE"))  # what Python's float takes beyond is refused
MISSING = frozenset({"", ".", "na", "n/a", "nan", "null", "none", "-", "#n/a"})


def parse_dates(
    texts: Sequence[str], *, where: str, form: str = "%Y-%m-%d", first_row: int = 2
) -> pd.DatetimeIndex:
    """Dates from text, a time of day cut off; a DataError names the first row that is no date."""
    days = [text.strip() for text in texts]
    if form == "%Y-%m-%d":
        days = [day[:10] if day[10:11] in {"T", " "} else day for day in days]
    elif form == "%m/%d/%Y" and all(day[2:6:3] == "//" and len(day) == 10 for day in days):
        days, form = [f"{day[6:]}-{day[:2]}-{day[3:5]}" for day in days], "%Y-%m-%d"  # faster
    dates = pd.to_datetime(pd.Series(days, dtype="str"), format=form, errors="coerce")
    bad = np.flatnonzero(dates.isna().to_numpy())
    if bad.size:
        row, text = int(bad[0]), printable(texts[int(bad[0])], limit=40)
        raise DataError(
            f"{where}: row {row + first_row}: {text!r} is not a date; write dates as YYYY-MM-DD."
        )
    return pd.DatetimeIndex(dates).as_unit("s")


def parse_numbers(
    texts: Sequence[str], *, where: str, first_row: int = 2
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Numbers from text, NaN for the usual marks of a missing value.

    A DataError names the first row that is neither that nor a finite number.
    """
    fast = plain_numbers(texts)
    if fast is not None:
        return fast
    cells = ["" if t.strip().lower() in MISSING else t.strip() for t in texts]
    numbers = pd.to_numeric(pd.Series(cells, dtype="str"), errors="coerce").to_numpy(
        dtype=np.float64, na_value=np.nan
    )
    given = np.fromiter((cell != "" for cell in cells), dtype=bool, count=len(cells))
    bad = np.flatnonzero(given & ~np.isfinite(numbers))
    if bad.size:
        row, text = int(bad[0]), printable(texts[int(bad[0])], limit=40)
        raise DataError(f"{where}: row {row + first_row}: {text!r} is not a number.")
    return numbers


def plain_numbers(
    texts: Sequence[str],
) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    """The usual case, ten times as fast: ASCII numbers, empty cells and dots only."""
    if "".join(texts).translate(_PLAIN):
        return None
    try:
        numbers = np.array([_NAN if t in _EMPTY else float(t) for t in texts], dtype=np.float64)
    except ValueError:
        return None
    return None if np.isinf(numbers).any() else numbers


def clean_series(
    dates: pd.DatetimeIndex, numbers: np.ndarray[tuple[int], np.dtype[np.float64]], *, where: str
) -> tuple[pd.Series[float], int]:
    """A series without missing values, and how many there were.

    It is a DataError if dates are doubled (they are listed), not increasing or no
    dates of a calendar, or nothing is left.
    """
    twice = dates[dates.duplicated()].unique()
    if len(twice):
        listed = fmt.listed(twice.date, 5)
        raise DataError(f"{where}: dates occur more than once: {listed}; keep one row a date.")
    if not dates.is_monotonic_increasing:
        step = int(np.flatnonzero(np.diff(dates.asi8) < 0)[0])
        raise DataError(
            f"{where}: dates are not in order: {dates[step + 1].date()} comes after "
            f"{dates[step].date()}; sort the file by date, oldest first."
        )
    series = pd.Series(numbers, index=dates, dtype="float64")
    missing = int(series.isna().sum())
    series = series.dropna()
    if series.empty:
        raise DataError(f"{where}: there is no value in it.")
    if series.index[0].year < 1 or series.index[-1].year > 9999:
        raise DataError(f"{where}: it has dates outside the years 1 to 9999.")
    return series, missing
