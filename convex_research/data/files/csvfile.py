"""``csv:PATH#COLUMN``: a series from the user's own file."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from convex_research.core.errors import DataError, UnknownSeries, printable
from convex_research.data.clock import first_future_row
from convex_research.data.files.table import clean_series, parse_dates, parse_numbers
from convex_research.data.series import Provenance, QualityNote, SeriesData

if TYPE_CHECKING:
    from datetime import date

    from convex_research.catalogue import Instrument
    from convex_research.catalogue.symbols import Symbol

__all__ = ["CsvProvider"]

_DATE_NAMES = ("date", "observation_date", "datetime", "timestamp", "time", "day")


class CsvProvider:
    """Reads a local file; the date column is found by name, else it is the first."""

    name = "csv"

    def load(
        self, symbol: Symbol, instrument: Instrument, start: date | None, end: date | None
    ) -> SeriesData:
        """Read one column; see :class:`convex_research.data.providers.registry.Provider`."""
        where = printable(symbol.public)
        body = _read(symbol, where)
        header, rows = _parse(body, where)
        date_at = _date_position(header, symbol.option("date"), where)
        value_at = _value_position(header, date_at, symbol.column, where)
        for number, row in enumerate(rows, start=2):
            if len(row) != len(header):
                raise DataError(
                    f"{where}: row {number} has {len(row)} cells, the header has {len(header)}."
                )
        dates = parse_dates([row[date_at] for row in rows], where=where)
        values, missing = clean_series(
            dates,
            parse_numbers([row[value_at] for row in rows], where=where),
            where=where,
        )
        adjusted = "adj" in header[value_at].casefold()
        provenance = Provenance(
            symbol=symbol.public,
            provider="csv",
            url=f"file {Path(symbol.path).name}, column {header[value_at]}",
            sha256=hashlib.sha256(body).hexdigest(),
            adjustment="adjusted, by the column's name" if adjusted else "as in the file",
            rows=len(values),
            missing=missing,
            start=values.index[0].date(),
            end=values.index[-1].date(),
            licence="The user's own file; its terms are the user's to know.",
        )
        notes = _times_of_day([row[date_at] for row in rows], where)
        future = first_future_row(values)
        if future is not None:
            future = replace(future, row=int(dates.searchsorted(str(future.day))) + 2)
        series = SeriesData(values, instrument, provenance, notes, future=future)
        return series.between(start, end)


def _times_of_day(cells: list[str], where: str) -> tuple[QualityNote, ...]:
    """Closes carry one time of day, or none; snapshots carry many."""
    times = sorted({cell.strip()[11:16] for cell in cells if len(cell.strip()) > 15})
    if len(times) < 2:
        return ()
    message = (
        f"{where}: rows carry {len(times):,} times of day, {printable(times[0])} to "
        f"{printable(times[-1])}: they are not all closes."
    )
    return (QualityNote("intraday_times", "warning", message),)


def _read(symbol: Symbol, where: str) -> bytes:
    try:
        return Path(symbol.path).expanduser().read_bytes()
    except FileNotFoundError:
        raise UnknownSeries(
            "csv", symbol.public, "there is no such file.", "Check the path."
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        detail = getattr(error, "strerror", None) or "it is not a path"
        raise DataError(f"{where}: the file cannot be read: {detail}.") from None


def _parse(body: bytes, where: str) -> tuple[list[str], list[list[str]]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{where}: the file is not UTF-8 text.") from None
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as error:
        raise DataError(f"{where}: the file is not CSV: {error}.") from None
    if len(rows) < 2:
        raise DataError(f"{where}: the file has no header with rows below it.")
    return rows[0], rows[1:]


def _date_position(header: list[str], asked: str | None, where: str) -> int:
    names = [name.strip().casefold() for name in header]
    if asked is not None:
        if asked.casefold() in names:
            return names.index(asked.casefold())
        if asked.isdigit() and 1 <= int(asked) <= len(header):
            return int(asked) - 1
        raise DataError(f"{where}: there is no date column {printable(asked)!r}.")
    return next((names.index(name) for name in _DATE_NAMES if name in names), 0)


def _value_position(header: list[str], date_at: int, column: str, where: str) -> int:
    if column:
        exact = [i for i, name in enumerate(header) if name == column]
        loose = [i for i, name in enumerate(header) if name.strip() == column.strip()]
        found = exact or loose
        if len(found) == 1 and found[0] != date_at:
            return found[0]
    others = [i for i in range(len(header)) if i != date_at]
    if not column and len(others) == 1:
        return others[0]
    names = ", ".join(printable(header[i], limit=40) for i in others[:12])
    if not column:
        raise DataError(f"{where}: name the column after '#'; the file has {names}.")
    problem = f"there is no single value column {printable(column, limit=60)!r}."
    raise UnknownSeries("csv", where.removeprefix("csv:"), problem, f"The file has {names}.")
