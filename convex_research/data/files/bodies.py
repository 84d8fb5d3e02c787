"""Reading bodies strictly: whatever the bytes are, a table comes out or ``Malformed``."""

from __future__ import annotations

import csv
import re
from contextlib import contextmanager, suppress
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import numpy as np
import pandas as pd

from convex_research.core.errors import DataError, printable
from convex_research.data.files.table import clean_series, parse_dates, parse_numbers
from convex_research.data.providers.faults import malformed, no_observations
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from convex_research.core.typing import Array
    from convex_research.data.http.exchange import HttpAnswer, Ref

__all__ = [
    "csv_rows",
    "json_body",
    "other_name",
    "period_days",
    "text_dates",
    "text_numbers",
    "text_series",
    "value_series",
]

_T = TypeVar("_T")
_PERIOD = re.compile(r"(\d{4})(?:-?([BQSW])(\d{1,2})|-(\d{2}))?")
_MONTHS = {"B": 2, "Q": 3, "S": 6}  # of two months, quarters, half years
_EARLIEST, _LATEST = pd.Timestamp("1600-01-01"), pd.Timestamp("9999-12-31")


def json_body(ref: Ref, answer: HttpAnswer, form: type[_T]) -> _T:
    """The JSON document of an answer in the form of msgspec's types, or ``Malformed``."""
    _refuse_other_bodies(ref, answer.body)
    try:
        return msgspec.json.decode(answer.body, type=form)
    except msgspec.ValidationError as error:
        problem = f"{error}."
    except ValueError:
        problem = "it is not JSON, or was cut off."
    raise malformed(ref, problem)


def csv_rows(
    ref: Ref, answer: HttpAnswer, dates: frozenset[str]
) -> tuple[list[str], list[list[str]], tuple[QualityNote, ...]]:
    """Header and rows of a CSV whose first column has one of these names, in lower case.

    Returns
    -------
    tuple
        Header, rows of the same length, and a note if the last line has no end.

    Raises
    ------
    Malformed
        If the body is anything else, or was visibly cut off.
    """
    _refuse_other_bodies(ref, answer.body)
    try:
        text = answer.body.decode("utf-8-sig")
        head, *rows = csv.reader(text.rstrip().splitlines(), strict=True)
    except (ValueError, csv.Error):  # no UTF-8, no line, an open quote
        text, head, rows = "", [""], []
    head = [cell.strip() for cell in head]
    if head[:1] == [] or head[0].casefold() not in dates:
        raise malformed(ref, f"it starts with {printable(text[:40])!r}, not with a date column.")
    for number, row in enumerate(rows, start=2):
        if len(row) != len(head):
            raise malformed(ref, f"row {number} has {len(row)} cells, the header {len(head)}.")
    return head, rows, _unfinished(ref, text, rows)


def _unfinished(ref: Ref, text: str, rows: list[list[str]]) -> tuple[QualityNote, ...]:
    """A last line without its end may be a number cut short."""
    if not rows or text.endswith(("\n", "\r")):
        return ()
    decimals = [len(row[-1].partition(".")[2]) for row in rows if row[-1].strip()]
    if len(decimals) < 2 or decimals[-1] < min(decimals[:-1]):
        raise malformed(ref, "it was cut off in its last line.")
    message = "The answer's last line has no line end; its last value may be cut short."
    return (QualityNote("unfinished_body", "note", message),)


def other_name(column: str, *expected: str) -> tuple[QualityNote, ...]:
    """A warning where the answer is named as another series would be."""
    if column.upper() in expected:
        return ()
    message = f"The answer names its column {printable(column, limit=40)!r}."
    return (QualityNote("other_name", "warning", message),)


@contextmanager
def _strictly(ref: Ref) -> Iterator[None]:
    """What is wrong with a table is wrong with the answer."""
    try:
        yield
    except (DataError, OverflowError) as error:
        raise malformed(ref, str(error).removeprefix(f"{ref.symbol}: ")) from None


def text_series(
    ref: Ref, days: Sequence[str], numbers: Sequence[str], *, form: str = "%Y-%m-%d"
) -> tuple[pd.Series[float], int]:
    """A series from texts and the number of missing values; see :func:`value_series`."""
    if not days:
        raise no_observations(ref)
    return value_series(ref, text_dates(ref, days, form=form), text_numbers(ref, numbers))


def period_days(periods: Sequence[str]) -> list[str]:
    """The first day of years, half years, quarters, months and weeks; days as they are.

    What is none of these stays, for :func:`text_dates` to refuse.

    Examples
    --------
    >>> period_days(["2024", "2024-S2", "2024-Q2", "2024-03", "2024-W01", "2024-05-06"])
    ['2024-01-01', '2024-07-01', '2024-04-01', '2024-03-01', '2024-01-01', '2024-05-06']
    """
    return [_first_day(period.strip()) for period in periods]


def _first_day(period: str) -> str:
    match = _PERIOD.fullmatch(period)
    if match is None:
        return period
    year, part, number, month = match.groups()
    if part == "W":
        with suppress(ValueError):
            return date.fromisocalendar(int(year), int(number), 1).isoformat()
    elif part:
        month = f"{_MONTHS[part] * (int(number) - 1) + 1:02}"
    return f"{year}-{month or '01'}-01" if part != "W" else period


def text_dates(ref: Ref, days: Sequence[str], *, form: str = "%Y-%m-%d") -> pd.DatetimeIndex:
    """Dates from texts, or ``Malformed``."""
    with _strictly(ref):
        return parse_dates(days, where=str(ref.symbol), form=form)


def text_numbers(ref: Ref, numbers: Sequence[str]) -> Array:
    """Numbers from texts, or ``Malformed``; marks for a missing value become NaN."""
    with _strictly(ref):
        return parse_numbers(numbers, where=str(ref.symbol))


def value_series(ref: Ref, dates: pd.DatetimeIndex, values: Any) -> tuple[pd.Series[float], int]:
    """A clean series from dates and numbers, None or NaN where missing, and how many were.

    Raises
    ------
    Malformed, UnknownSeries
        If dates are unordered or doubled or absurd, or there is no value.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if not len(dates) or not np.isfinite(numbers).any():
        raise no_observations(ref)
    if dates.min() < _EARLIEST or dates.max() > _LATEST:
        raise malformed(ref, "it has dates before 1600 or after 9999.")
    with _strictly(ref):
        return clean_series(dates, numbers, where=str(ref.symbol))


def _refuse_other_bodies(ref: Ref, body: bytes) -> None:
    start = body[:400].lstrip().lower()
    if not start:
        raise malformed(ref, "it is empty.")
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<script")):
        raise malformed(ref, "it is a web page, not data.")
