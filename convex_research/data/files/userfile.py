"""``file:PATH#COLUMN``: a series from the user's own file, read as people have it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from convex_research.catalogue import load_catalogue
from convex_research.catalogue.symbols import IN_MEMORY, as_option, refuse_unknown_option
from convex_research.core.errors import DataError, UnknownSeries, printable
from convex_research.data.clock import first_future_row
from convex_research.data.files.content import content_of, plain, valued
from convex_research.data.files.numbers import MISSING, looks_like_number, number_column
from convex_research.data.files.table import clean_series
from convex_research.data.series import Provenance, QualityNote, SeriesData

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from convex_research.catalogue import Instrument
    from convex_research.catalogue.symbols import Symbol
    from convex_research.data.files.content import Content
    from convex_research.data.files.dates import DateColumn
    from convex_research.data.files.numbers import NumberColumn
    from convex_research.data.files.sheet import Table

__all__ = ["FileColumn", "FileProvider", "labels_of", "read_column", "value_columns"]

# Names of what is usually no price: it may be a fund of one, so it is warned of, not refused.
_YIELD = re.compile(
    r"\b(?:yields?|rendite|treasury|spreads?|cds|libor|euribor|sofr|estr|sonia|fed ?funds|vix|"
    r"volatility|(?:us|de|uk|gb|jp|fr|it)\d{1,2}yt?)\b",
    re.IGNORECASE,
)
_SAMPLE = 400  # cells that say what a column holds


@dataclass(frozen=True, slots=True)
class FileColumn:
    """One column of a file with its dates, as they stand in it.

    Parameters
    ----------
    name : str
        Of the column.
    dates : DateColumn
    numbers : NumberColumn
    table : Table
        Where they stand.
    rows : array, shape (n,)
        Number of each row in the file.
    form : str
        How all was read, for the page.
    """

    name: str
    dates: DateColumn
    numbers: NumberColumn
    table: Table
    rows: np.ndarray[tuple[int], np.dtype[np.int64]]
    form: str


class FileProvider:
    """Reads a local file; the date column is found by name or by content."""

    name = "file"

    def load(
        self, symbol: Symbol, instrument: Instrument, start: date | None, end: date | None
    ) -> SeriesData:
        """Read one column; see :class:`convex_research.data.providers.registry.Provider`."""
        try:
            content = content_of(Path(symbol.path), printable(symbol.public))
            return self.read(content, symbol, instrument).between(start, end)
        except UnknownSeries:
            refuse_unknown_option(symbol)
            raise

    @staticmethod
    def read(content: Content, symbol: Symbol, instrument: Instrument) -> SeriesData:
        """The series of a column in the content of a file."""
        where = printable(symbol.public)
        column = read_column(content, symbol.column, dict(symbol.options), where)
        values = column.numbers.values
        percent = column.numbers.percent or symbol.option("unit") == "percent"
        if percent and instrument.quoted == "return":
            values = values / 100.0
        dates, values, rows, notes = _daily(column, values, symbol.option("daily"), where)
        series, missing = clean_series(dates, values, where=where)
        name = Path(symbol.path).name
        place = f"handed over in memory, {name}" if Path(name).stem == IN_MEMORY else f"file {name}"
        adjusted = "adj" in column.name.casefold()
        provenance = Provenance(
            symbol=symbol.public,
            provider=symbol.provider,
            url=f"{place}, column {column.name}, {column.form}",
            sha256=content.sha256,
            adjustment="adjusted, by the column's name" if adjusted else "as in the file",
            rows=len(series),
            missing=missing,
            start=series.index[0].date(),
            end=series.index[-1].date(),
            licence="The user's own file; its terms are the user's to know.",
        )
        future = first_future_row(series)
        if future is not None:
            position = int(dates.searchsorted(pd.Timestamp(future.day)))
            future = replace(future, row=int(rows[position]))
        notes += _kind_notes(symbol, instrument, column)
        return SeriesData(series, instrument, provenance, notes, future=future)


def _kind_notes(
    symbol: Symbol, instrument: Instrument, column: FileColumn
) -> tuple[QualityNote, ...]:
    """Whether what would be read as a price looks like a yield, by its signs or its name."""
    said = symbol.option("kind") or symbol.option("id")
    if said or instrument.kind != "price":
        return ()
    shown = printable(symbol.public)
    ways = [as_option(shown, "kind", kind) for kind in ("rate", "level", "return", "price")]
    way = f"say what it is with {', '.join(ways[:-1])} or {ways[-1]}"
    if column.numbers.percent:
        message = f"{shown}: its numbers have per cent signs, which no price has; {way}."
        return (QualityNote("looks_like_yield", "refuse", message),)
    names = (Path(symbol.path).stem, *column.name.split("."), symbol.title.rpartition(": ")[2])
    listed = (load_catalogue().named(name) for name in names)
    known = any(one is not None and one.kind != "price" for one in listed)
    if not known and not any(_YIELD.search(name.replace("_", " ")) for name in names):
        return ()
    message = f"{shown}: named as a yield, a spread or a volatility is, and read as a price; {way}."
    return (QualityNote("looks_like_yield", "warning", message),)


def read_column(content: Content, column: str, options: dict[str, str], where: str) -> FileColumn:
    """Read one column of a file with its dates.

    Parameters
    ----------
    content : Content
        Of the file.
    column : str
        Name, or number of the column from 1; of an Excel sheet ``SHEET!COLUMN``; the only
        other column than the dates by default.
    options : dict of str to str
        See :data:`convex_research.catalogue.symbols.FILE_OPTIONS`.
    where : str
        The series, for messages.

    Raises
    ------
    DataError
        If file, dates or numbers cannot be read in one way, with the option that helps.
    """
    sheet, sign, name = column.rpartition("!")
    if not sign or content.body[:2] != b"PK":
        name = column
    else:
        options = {**options, "sheet": sheet}
    table = content.table(options, where)
    at = _position(content, table, name, where)
    rows, lines = table.rows, table.lines
    places = None
    if (chosen := options.get("where")) is not None:
        places = _rows_where(content, table, chosen, where)
        rows, lines = [rows[i] for i in places], [lines[i] for i in places]
    dates = content.dates(table, places, options, where)
    numbers = number_column(
        [row[at] for row in rows], where=where, decimal=options.get("decimal"), lines=lines
    )
    if places is None and dates.dates.has_duplicates:
        _refuse_long(table, dates, at, where)
    form = ", ".join(filter(None, (f"dates {dates.form}", numbers.form, table.form)))
    return FileColumn(table.names()[at], dates, numbers, table, np.array(lines), form)


def value_columns(table: Table) -> list[str]:
    """Names of the columns that hold numbers, without one of row numbers that has no name."""
    headed = any(table.header)
    return [
        name
        for i, name in enumerate(table.names())
        if i != table.date_at and (table.header[i] or not headed) and _holds_numbers(table, i)
    ]


def _holds_numbers(table: Table, at: int) -> bool:
    """Whether most of the first cells that are not missing are numbers."""
    cells = (row[at] for row in table.rows)
    sample = list(islice((x for x in cells if x.strip().casefold() not in MISSING), _SAMPLE))
    return 2 * sum(map(looks_like_number, sample)) > len(sample)


def labels_of(content: Content, table: Table, column: str, where: str) -> list[str]:
    """What stands in a column of a long table, each once, in order of the alphabet."""
    at = _label_column(table, column, where)
    return sorted({*content.rows_by_label(table, at)} - {""})


def _label_column(table: Table, column: str, where: str) -> int:
    names = [name.casefold() for name in table.names()]
    if column.strip().casefold() not in names:
        raise DataError(f"{where}: where= takes COLUMN:VALUE, such as where=ticker:AAPL.")
    return names.index(column.strip().casefold())


def _position(content: Content, table: Table, asked: str, where: str) -> int:
    """Where the column is: by its whole name, by one of its labels, or by its number."""
    for spelling in (str, plain):
        fitting = content.places(table, spelling).get(spelling(asked), []) if asked else []
        if len(fitting) > 1:
            closes = [i for i in fitting if {x.casefold() for x in table.header[i]} & {"close"}]
            fitting = closes if len(closes) == 1 else fitting
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            several = ", ".join(printable(table.names()[i], limit=40) for i in fitting[:12])
            raise DataError(
                f"{where}: {printable(asked, limit=60)!r} is several columns: {several}; "
                "write one in full after '#'."
            )
    names, headed = table.names(), any(table.header)
    others = valued(table)
    listed = ", ".join(printable(names[i], limit=40) for i in others[:12])
    if not asked:
        if len(others) == 1:
            return others[0]
        example = printable(names[others[0]], limit=40) if headed else str(others[0] + 1)
        what = "the file has" if headed else "the file has no header; its columns are"
        raise DataError(f"{where}: name the column after '#', such as #{example}; {what} {listed}.")
    if asked.isdigit() and int(asked) - 1 in others:
        return int(asked) - 1
    if "*" in asked:
        raise DataError(f"{where}: #* is all columns, which only batch --universe takes; name one.")
    problem = f"there is no value column {printable(asked, limit=60)!r}."
    raise UnknownSeries("file", where.partition(":")[2], problem, f"The file has {listed}.")


def _rows_where(content: Content, table: Table, chosen: str, where: str) -> list[int]:
    """Rows of a long table that ``COLUMN:VALUE`` picks."""
    column, _, value = chosen.partition(":")
    at = _label_column(table, column, where)
    keep = content.rows_by_label(table, at).get(value.strip())
    if not keep:
        there = labels_of(content, table, column, where)[:12]
        listed = ", ".join(printable(text, limit=40) for text in there)
        raise DataError(
            f"{where}: no row has {printable(value, limit=40)!r} in {printable(column)}; "
            f"there are {listed}."
        )
    return keep


def _refuse_long(table: Table, dates: DateColumn, at: int, where: str) -> None:
    """Say which column tells the series of a long table apart, where there is one."""
    stamped = bool(dates.times)
    for i, name in enumerate(table.names()):
        labels = {row[i].strip() for row in table.rows}
        if i in {table.date_at, at} or len(labels) < 2:
            continue
        pairs = {(d, row[i].strip()) for d, row in zip(dates.dates, table.rows, strict=True)}
        if len(pairs) == len(table.rows) and not stamped:
            first = min(labels)
            raise DataError(
                f"{where}: dates occur once for each of {len(labels):,} values of "
                f"{printable(name, limit=40)}; pick one with "
                f"?where={printable(name, limit=40)}:{printable(first, limit=40)}"
            )


def _daily(
    column: FileColumn, values: np.ndarray, daily: str | None, where: str
) -> tuple[pd.DatetimeIndex, np.ndarray, np.ndarray, tuple[QualityNote, ...]]:
    """Rows oldest first; of several rows a day the last, where that was asked for."""
    dates, rows = column.dates.dates, column.rows
    steps = np.diff(dates.asi8)
    if len(steps) and (steps <= 0).all():
        dates, values, rows = dates[::-1], values[::-1], rows[::-1]
    if daily not in {None, "last"}:
        raise DataError(f"{where}: daily= takes last and nothing else.")
    notes: tuple[QualityNote, ...] = ()
    if len(column.dates.times) > 1:
        if dates.has_duplicates and daily is None:
            raise DataError(
                f"{where}: there are several rows a day, at {len(column.dates.times):,} times; "
                "take the last of each with ?daily=last"
            )
        if not dates.has_duplicates:
            notes = _times_of_day(column.dates.times, where)
    if daily == "last":
        last = ~dates.duplicated(keep="last")
        dates, values, rows = dates[last], values[last], rows[last]
    return dates, values, rows, notes


def _times_of_day(times: Sequence[str], where: str) -> tuple[QualityNote, ...]:
    """Closes carry one time of day, or none; snapshots carry many."""
    message = (
        f"{where}: rows carry {len(times):,} times of day, {printable(times[0])} to "
        f"{printable(times[-1])}: they are not all closes."
    )
    return (QualityNote("intraday_times", "warning", message),)
