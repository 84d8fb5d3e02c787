"""The form of a column of dates: the whole column decides, or the user does.

Each form is a pattern that every cell must fit and the parts it names. Where two forms fit, the
order of the rows may settle it; where it does not, nothing is guessed.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from convex_research.core.errors import DataError, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DateColumn", "date_column", "looks_like_date"]

# A time of day with or without zone, after the date.
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?"
_TIME = rf"(?:[T ]+(?P<time>{_CLOCK}) ?(?P<zone>Z|UTC|GMT|[+-]\d{{2}}:?\d{{2}})?)?"
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
_Y, _YY, _M, _D = r"(?P<y>\d{4})", r"(?P<yy>\d{2})", r"(?P<m>\d{1,2})", r"(?P<d>\d{1,2})"
_DAY_NAME = r"(?:[A-Za-z]{3,9},? )?"

# Pattern by the form's name, which is what ``?date_format=`` takes and what a page prints.
_FORMS: dict[str, re.Pattern[str]] = {
    form: re.compile(pattern)
    for form, pattern in {
        "YYYY-MM-DD": rf"{_Y}-{_M}-{_D}{_TIME}",
        "YYYY/MM/DD": rf"{_Y}/{_M}/{_D}{_TIME}",
        "YYYY.MM.DD": rf"{_Y}\.{_M}\.{_D}{_TIME}",
        "YYYYMMDD": rf"(?P<y>(?:1[6-9]|2[01])\d\d)(?P<m>\d\d)(?P<d>\d\d)(?:\.0)?{_TIME}",
        "MM/DD/YYYY": rf"{_M}/{_D}/{_Y}{_TIME}",
        "DD/MM/YYYY": rf"{_D}/{_M}/{_Y}{_TIME}",
        "MM/DD/YY": rf"{_M}/{_D}/{_YY}{_TIME}",
        "DD/MM/YY": rf"{_D}/{_M}/{_YY}{_TIME}",
        "DD.MM.YYYY": rf"{_D}\.{_M}\.{_Y}{_TIME}",
        "DD.MM.YY": rf"{_D}\.{_M}\.{_YY}{_TIME}",
        "DD-MM-YYYY": rf"{_D}-{_M}-{_Y}{_TIME}",
        "MM-DD-YYYY": rf"{_M}-{_D}-{_Y}{_TIME}",
        "DD-MM-YY": rf"{_D}-{_M}-{_YY}{_TIME}",
        "MM-DD-YY": rf"{_M}-{_D}-{_YY}{_TIME}",
        "Mon DD, YYYY": rf"{_DAY_NAME}{_NAME} {_D},? {_Y}{_TIME}",
        "DD Mon YYYY": rf"{_DAY_NAME}{_D}[ -]{_NAME}[ -]{_Y}{_TIME}",
        "DD Mon YY": rf"{_D}[ -]{_NAME}[ -]{_YY}{_TIME}",
        "YYYY-Mon-DD": rf"{_Y}[ -]{_NAME}[ -]{_D}{_TIME}",
        "YYYY-MM": rf"{_Y}[-/]{_M}",
        "YYYYMM": r"(?P<y>(?:1[6-9]|2[01])\d\d)(?P<m>\d\d)",
        "Mon YYYY": rf"{_NAME}[ -]{_Y}",
        "Mon YY": rf"{_NAME}[ '-]{_YY}",
        "YYYY-Qn": rf"{_Y}[- ]?[Qq](?P<q>[1-4])",
    }.items()
}
# Digits of a moment since 1970 by its unit; eight digits are a date.
_UNIX = {
    "s": (1.0, r"\d{9,10}(?:\.\d+)?"),
    "ms": (1e-3, r"\d{12,13}(?:\.0)?"),
    "us": (1e-6, r"\d{15,16}"),
    "ns": (1e-9, r"\d{18,19}"),
}
_ANY_FORM = re.compile(
    "|".join(
        re.sub(r"\(\?P<\w+>", "(?:", pattern)
        for pattern in (
            *(form.pattern for form in _FORMS.values()),
            *(x for _, x in _UNIX.values()),
        )
    )
)
EXCEL = "excel"
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")  # days since 1899-12-30, from 1927 on
_CENTURY = 70  # two-digit years from here on are of the last century
_EARLIEST, _LATEST = 1600, 9999


@dataclass(frozen=True, slots=True)
class DateColumn:
    """Dates of a file, and how they were read.

    Parameters
    ----------
    dates : pandas.DatetimeIndex
        Without time of day, a row a cell.
    form : str
        Name of the form.
    times : tuple of str
        The different times of day that were cut off.
    """

    dates: pd.DatetimeIndex
    form: str
    times: tuple[str, ...] = ()


def looks_like_date(cell: str, form: str | None = None) -> bool:
    """Whether a cell has any form of date, or the one asked for, be it a day that there is or not.

    ``form`` is as :func:`date_column` takes it.
    """
    text = cell.strip()
    if form == EXCEL:
        return _SERIAL.fullmatch(text) is not None
    if form is None or "%" not in form:
        return _ANY_FORM.fullmatch(text) is not None
    with suppress(ValueError):
        return bool(datetime.strptime(text, form))  # noqa: DTZ007 - a day
    return False


def date_column(
    cells: Sequence[str],
    *,
    where: str,
    form: str | None = None,
    timezone: str | None = None,
    lines: Sequence[int] | None = None,
) -> DateColumn:
    """Read a column of dates.

    Parameters
    ----------
    cells : sequence of str
        One a row.
    where : str
        The series, for messages.
    form : str, optional
        A form by name (``"DD/MM/YYYY"``), ``"unix"``, ``"excel"`` for a spreadsheet's serial
        numbers, or a pattern of ``strptime``.
    timezone : str, optional
        Where the days of stamps with a zone are to be counted, such as ``"Europe/Berlin"``;
        by default a stamp's day is the one written in it.
    lines : sequence of int, optional
        Number of each cell's row in the file, for messages.

    Raises
    ------
    DataError
        If no form fits all cells, or two do and the order of rows does not settle which.
    """
    texts = [cell.strip() for cell in cells]
    lines = lines if lines is not None else range(1, len(texts) + 1)
    if form is not None and "%" in form:
        return _by_pattern(texts, form, where, lines)
    if form == EXCEL and all(_SERIAL.fullmatch(text) for text in texts):
        days = np.array(texts, dtype=np.float64).astype("m8[D]") + np.datetime64("1899-12-30")
        return DateColumn(pd.DatetimeIndex(days).as_unit("s"), "Excel's serial numbers")
    unix = _unix(texts, timezone)
    if unix is not None and form in {None, "unix"}:
        return unix
    if form is not None and form not in _FORMS:
        raise DataError(
            f"{where}: date_format={printable(form, limit=40)} is unknown; use one of "
            f"{', '.join(_FORMS)}, unix, excel, or a pattern such as %d.%m.%Y."
        )
    fitting = {
        name: parts
        for name, pattern in _FORMS.items()
        if form in {None, name} and (parts := _parts(pattern, texts)) is not None
    }
    if not fitting:
        raise DataError(_no_form(texts, where, form, lines))
    name = next(iter(fitting)) if len(fitting) == 1 else _settled(fitting, where)
    dates, times = fitting[name]
    if timezone is not None:
        dates = _in_zone(texts, _FORMS[name], dates, timezone, where)
    return DateColumn(dates, name, times)


_Parts = tuple[pd.DatetimeIndex, tuple[str, ...]]


def _parts(pattern: re.Pattern[str], texts: Sequence[str]) -> _Parts | None:
    """Dates by one form and the times of day beside them; none if a cell does not fit."""
    if pattern is _FORMS["YYYY-MM-DD"] and {len(text) for text in texts} == {10}:
        try:
            return pd.DatetimeIndex(np.array(texts, dtype="M8[D]")).as_unit("s"), ()
        except ValueError:
            return None
    rows, times = [], set()
    for text in texts:
        match = pattern.fullmatch(text)
        if match is None:
            return None
        part = match.groupdict()
        month = 3 * int(part["q"]) - 2 if part.get("q") else int(part.get("m") or 0)
        if part.get("name"):
            month = _MONTHS.get(part["name"].lower(), 0)
        year = int(part["y"]) if part.get("y") else _full_year(int(part["yy"]))
        day = int(part.get("d") or 1)
        if not (1 <= month <= 12 and 1 <= day <= 31 and _EARLIEST <= year <= _LATEST):
            return None
        rows.append((year, month, day))
        if part.get("time"):
            times.add(part["time"])
    year, month, day = np.array(rows).T
    months = (year - 1970).astype("M8[Y]").astype("M8[M]") + (month - 1)
    days = months.astype("M8[D]") + (day - 1)
    if (days.astype("M8[M]") != months).any():  # 31 April
        return None
    return pd.DatetimeIndex(days).as_unit("s"), tuple(sorted(times))


def _full_year(short: int) -> int:
    return short + (1900 if short >= _CENTURY else 2000)


def _settled(fitting: dict[str, _Parts], where: str) -> str:
    """The only form by which rows are in order, oldest or newest first."""
    ordered = [name for name, (dates, _) in fitting.items() if _in_order(dates)]
    same = {dates.asi8.tobytes() for dates, _ in fitting.values()}
    if len(same) == 1:  # 1/1/2024 alone: whichever it is, the dates are the same
        return next(iter(fitting))
    if len(ordered) == 1 and len(next(iter(fitting.values()))[0]) > 2:
        return ordered[0]
    names = " and as ".join(fitting)
    options = " or ".join(f"?date_format={name}" for name in fitting)
    raise DataError(f"{where}: its dates can be read as {names}; say which with {options}.")


def _in_order(dates: pd.DatetimeIndex) -> bool:
    steps = np.diff(dates.asi8)
    return bool((steps > 0).all() or (steps < 0).all())


def _unix(texts: Sequence[str], timezone: str | None) -> DateColumn | None:
    """Moments since 1970, whose days are counted in UTC or in the zone asked for."""
    for unit, (factor, digits) in _UNIX.items():
        if all(re.fullmatch(digits, text) for text in texts):
            seconds = np.array([float(text) for text in texts]) * factor
            moments = pd.DatetimeIndex(np.floor(seconds).astype("M8[s]")).tz_localize("UTC")
            times = tuple(sorted(set(moments.strftime("%H:%M"))))
            local = moments.tz_convert(timezone or "UTC").tz_localize(None).normalize()
            return DateColumn(local.as_unit("s"), f"unix {unit}", times if len(times) > 1 else ())
    return None


def _in_zone(
    texts: Sequence[str],
    pattern: re.Pattern[str],
    days: pd.DatetimeIndex,
    timezone: str,
    where: str,
) -> pd.DatetimeIndex:
    """Days of stamps as they are counted elsewhere."""
    matches = [pattern.fullmatch(text) for text in texts]
    parts = [match.groupdict() if match else {} for match in matches]
    if not all(part.get("time") for part in parts):
        raise DataError(f"{where}: timezone= needs dates with a time of day.")
    stamps = pd.to_datetime(
        [
            f"{day:%Y-%m-%d} {part['time']}{part.get('zone') or '+00:00'}"
            for day, part in zip(days, parts, strict=True)
        ],
        utc=True,
        format="mixed",
    )
    try:
        local = stamps.tz_convert(timezone)
    except (KeyError, ValueError, OSError):
        raise DataError(
            f"{where}: timezone={printable(timezone, limit=40)} is unknown; write one such as "
            "Europe/Berlin."
        ) from None
    return local.tz_localize(None).normalize().as_unit("s")


def _by_pattern(texts: Sequence[str], form: str, where: str, lines: Sequence[int]) -> DateColumn:
    dates = pd.to_datetime(pd.Series(texts, dtype="str"), format=form, errors="coerce")
    bad = np.flatnonzero(dates.isna().to_numpy())
    if bad.size:
        row, text = int(bad[0]), printable(texts[int(bad[0])], limit=40)
        raise DataError(
            f"{where}: row {lines[row]}: {text!r} does not fit date_format={printable(form)}."
        )
    return DateColumn(pd.DatetimeIndex(dates).normalize().as_unit("s"), form)


def _no_form(texts: Sequence[str], where: str, form: str | None, lines: Sequence[int]) -> str:
    """Why no form fits, naming the cell that stands out."""
    counts = {
        name: sum(_parts(pattern, [text]) is not None for text in texts)
        for name, pattern in _FORMS.items()
        if form in {None, name}
    }
    name = max(counts, key=counts.__getitem__)
    if counts[name] == 0:
        text = printable(texts[0], limit=40)
        row = lines[0]
        return f"{where}: row {row}: {text!r} is no known form of date; say it with ?date_format=."
    at = next(i for i, text in enumerate(texts) if _parts(_FORMS[name], [text]) is None)
    text = printable(texts[at], limit=40)
    return (
        f"{where}: row {lines[at]}: {text!r} is not a date as {name}, which "
        f"{counts[name]:,} of {len(texts):,} rows are; mend the row, or say the form with "
        "?date_format=."
    )
