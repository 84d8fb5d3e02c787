"""Reading bodies strictly: whatever the bytes are, a table comes out or ``Malformed``."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd

from convex_research.core.errors import DataError, printable
from convex_research.data.files.table import clean_series, parse_dates, parse_numbers
from convex_research.data.providers.faults import malformed, no_observations
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from convex_research.data.http.exchange import HttpAnswer, Ref

__all__ = [
    "csv_rows",
    "json_body",
    "number_list",
    "text_dates",
    "text_numbers",
    "text_series",
    "value_series",
]

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]

_EARLIEST, _LATEST = pd.Timestamp("1600-01-01"), pd.Timestamp("9999-12-31")


def json_body(ref: Ref, answer: HttpAnswer) -> Any:
    """The JSON document of an answer.

    Raises
    ------
    Malformed
        If the body is empty, HTML, cut off or otherwise not JSON.
    """
    problem = _not_data(answer.body)
    if problem:
        raise malformed(ref, problem)
    try:
        return orjson.loads(answer.body)  # 30 years with raw and adjusted prices are 2.6 MB
    except ValueError:
        problem = "it is not JSON, or was cut off."
    raise malformed(ref, problem)


def csv_rows(
    ref: Ref, answer: HttpAnswer, dates: frozenset[str]
) -> tuple[list[str], list[list[str]], tuple[QualityNote, ...]]:
    """Header and rows of a CSV whose first column is one of ``dates``.

    Parameters
    ----------
    ref : Ref
        For the error.
    answer : HttpAnswer
        The body.
    dates : frozenset of str
        Names, in lower case, that the first header cell may have.

    Returns
    -------
    tuple
        Header, rows of the same length, and a note if the last line has no end.

    Raises
    ------
    Malformed
        If the body is anything else, or was visibly cut off.
    """
    problem = _not_data(answer.body)
    if problem:
        raise malformed(ref, problem)
    try:
        text = answer.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    lines = text.splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    head = [cell.strip() for cell in lines[0].split(",")] if lines else [""]
    if head[0].strip('"').casefold() not in dates:
        raise malformed(ref, f"it starts with {printable(text[:40])!r}, not with a date column.")
    rows = [line.split(",") for line in lines[1:]]
    if '"' in text:
        try:
            head, *rows = [row for row in csv.reader(lines, strict=True) if row]
        except csv.Error:
            rows = [[]]
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


def text_series(
    ref: Ref, days: Sequence[str], numbers: Sequence[str], *, form: str = "%Y-%m-%d"
) -> tuple[pd.Series[float], int]:
    """A series from texts, and how many values were missing.

    Raises
    ------
    Malformed, UnknownSeries
        If a date or number is none, a date occurs twice, or there is no value.
    """
    if not days:
        raise no_observations(ref)
    dates = text_dates(ref, days, form=form)
    return value_series(ref, dates, text_numbers(ref, numbers))


def text_dates(ref: Ref, days: Sequence[Any], *, form: str = "%Y-%m-%d") -> pd.DatetimeIndex:
    """Dates from texts.

    Raises
    ------
    Malformed
        If one is no text, or no date.
    """
    if not set(map(type, days)) <= {str}:
        raise malformed(ref, "a date is not a text.")
    where = str(ref.symbol)
    try:
        return parse_dates(days, where=where, form=form)
    except (DataError, OverflowError) as error:
        problem = str(error).removeprefix(f"{where}: ")
    raise malformed(ref, problem)


def text_numbers(ref: Ref, numbers: Sequence[str]) -> Floats:
    """Numbers from texts; marks for a missing value become NaN.

    Raises
    ------
    Malformed
        If one is neither.
    """
    where = str(ref.symbol)
    try:
        return parse_numbers(numbers, where=where)
    except (DataError, OverflowError) as error:
        problem = str(error).removeprefix(f"{where}: ")
    raise malformed(ref, problem)


def value_series(ref: Ref, dates: pd.DatetimeIndex, values: Floats) -> tuple[pd.Series[float], int]:
    """A clean series from dates and numbers, and how many values were missing.

    Raises
    ------
    Malformed, UnknownSeries
        If dates are unordered or doubled or absurd, or there is no value.
    """
    if not len(dates) or not np.isfinite(values).any():
        raise no_observations(ref)
    where, problem = str(ref.symbol), ""
    if dates.min() < _EARLIEST or dates.max() > _LATEST:
        raise malformed(ref, "it has dates before 1600 or after 9999.")
    try:
        return clean_series(dates, values, where=where)
    except DataError as error:
        problem = str(error).removeprefix(f"{where}: ")
    raise malformed(ref, problem)


def number_list(ref: Ref, cells: Iterable[Any], length: int, *, what: str) -> Floats:
    """Floats from JSON numbers and nulls; nulls become NaN.

    Raises
    ------
    Malformed
        If there are more or fewer than ``length``, or one is not a finite number.
    """
    if not isinstance(cells, list) or len(cells) != length:
        raise malformed(ref, f"{what} does not hold one number a date.")
    if not set(map(type, cells)) <= {int, float, type(None)}:
        raise malformed(ref, f"{what} holds something that is not a number.")
    try:
        values = np.array(cells, dtype=np.float64)
    except (OverflowError, ValueError, TypeError):
        values = np.array([np.inf])
    if int(np.isfinite(values).sum()) != len(cells) - cells.count(None):
        raise malformed(ref, f"{what} holds a number that is not finite.")
    return values


def _not_data(body: bytes) -> str:
    start = body[:400].lstrip().lower()
    if not start:
        return "it is empty."
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<script")):
        return "it is a web page, not data."
    return ""
