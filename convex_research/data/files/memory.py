"""Series handed over in memory: written as a file, and read as any other file is.

The text is what their page's notebook reads again, and its hash is the series' hash.
"""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlencode

import numpy as np
import pandas as pd

from convex_research.catalogue import load_catalogue
from convex_research.catalogue.catalogue import Kind
from convex_research.catalogue.symbols import IN_MEMORY, parse_symbol
from convex_research.core.errors import DataError, InputError, printable
from convex_research.data.clock import refuse_future
from convex_research.data.files.content import content_of
from convex_research.data.files.dates import date_column, looks_like_date
from convex_research.data.files.numbers import MISSING, looks_like_number, number_column
from convex_research.data.files.userfile import FileProvider

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from convex_research.data.series import SeriesData

__all__ = ["FILE_NAME", "HandedOver", "columns_of", "hand_over", "is_tabular"]

FILE_NAME = f"{IN_MEMORY}.csv"
KINDS = (*get_args(Kind), "return")
_UNSAFE = str.maketrans(dict.fromkeys("#?!\r\n\t", "_"))


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Series that were handed over, as the text of a file.

    Parameters
    ----------
    body : bytes
        The file: a column of dates, and one a series.
    symbols : tuple of str
        How each series is named; the file without folder.
    """

    body: bytes
    symbols: tuple[str, ...]

    def load(self, symbol: str, start: date | None, end: date | None) -> SeriesData:
        """One of the series, as it would be read from the file.

        Raises
        ------
        DataError
            If a date occurs twice, or lies in the future, or there is no value.
        """
        series = FileProvider.read(
            content_of(self.body, symbol), parse_symbol(symbol), load_catalogue().describe(symbol)
        )
        if series.instrument.quoted == "return":
            series = series.compounded()
        series = series.between(start, end)
        refuse_future(series)
        return replace(series, start_asked=start)

    def write(self, folder: Path) -> dict[str, str]:
        """Write the file into a folder, and give the symbols that read it there."""
        from convex_research.core.files import write_atomically

        path = folder / FILE_NAME
        write_atomically(path, self.body)
        return {one: one.replace(f"file:{FILE_NAME}", f"file:{path}", 1) for one in self.symbols}


def is_tabular(given: object) -> bool:
    """Whether something is a frame or a series, of pandas or of a library like polars."""
    return isinstance(given, pd.DataFrame | pd.Series) or hasattr(given, "__arrow_c_stream__")


def columns_of(given: Any) -> list[pd.Series[Any]]:
    """The series in a frame, or the one given, on days without zone, in order.

    Parameters
    ----------
    given : pandas.DataFrame, pandas.Series or a frame of another library
        Dates are the index, or the first column that holds dates.

    Raises
    ------
    InputError
        If there are no dates, or no numbers.
    """
    frame = given if isinstance(given, pd.DataFrame | pd.Series) else _from_arrow(given)
    if isinstance(frame, pd.Series):
        frame = frame.to_frame(frame.name if frame.name is not None else "series")
    if not len(frame):
        raise InputError("a frame or series needs rows; this one has none.")
    if not _dated(frame.index):
        dated = next((name for name in frame.columns if _dated(frame[name])), None)
        if dated is None:
            raise InputError(
                "a frame or series needs dates: an index of dates, or a column of them, which "
                "pandas.to_datetime makes."
            )
        frame = frame.set_index(dated)
    frame = frame.set_axis(_days(frame.index), axis="index").sort_index(kind="stable")
    columns = (_numbers(frame.iloc[:, i]) for i in range(frame.shape[1]))
    found = [one for one in columns if one is not None]
    if not found:
        raise InputError("a frame or series needs a column of numbers beside its dates.")
    return found


def _numbers(column: pd.Series[Any]) -> pd.Series[Any] | None:
    """A column of numbers, those in text read as they are in files; none of anything else."""
    if pd.api.types.is_numeric_dtype(column):
        return None if pd.api.types.is_bool_dtype(column) else column
    texts = ["" if pd.isna(one) else str(one) for one in column]
    there = [one for one in texts if one.strip().casefold() not in MISSING]
    if not there or not all(map(looks_like_number, there)):
        return None
    name = printable(column.name)
    with _in_memory("pandas.to_numeric"):
        values = number_column(texts, where=name).values
    return pd.Series(values, column.index, name=column.name)


@contextmanager
def _in_memory(way: str) -> Iterator[None]:
    """Say of what cannot be read in one way what decides it here: no option of a file."""
    try:
        yield
    except DataError as error:
        raise InputError(f"{str(error).partition(';')[0]}; {way} decides it.") from None


def hand_over(
    series: list[pd.Series[Any]],
    kinds: tuple[str, ...] | str = "price",
    units: tuple[str, ...] = (),
) -> HandedOver:
    """Write series down as a file.

    Parameters
    ----------
    series : list of pandas.Series
        From :func:`columns_of`.
    kinds : str or tuple of str
        What they hold: price, level, rate, spread or return; one for all, or one each.
    units : tuple of str
        Unit of each, empty where it says nothing.

    Raises
    ------
    InputError
        If a kind is unknown, or a day occurs twice.
    """
    each = (kinds,) * len(series) if isinstance(kinds, str) else tuple(kinds)
    if len(each) != len(series) or any(kind not in KINDS for kind in each):
        raise InputError(f"kind takes one of {', '.join(KINDS)}, for all series or one for each.")
    names = _names([one.name for one in series])
    for one, name in zip(series, names, strict=True):
        twice = one.index[one.index.duplicated()]
        if len(twice):
            raise InputError(f"{printable(name)}: {twice[0]:%Y-%m-%d} occurs more than once.")
    frame = pd.DataFrame(dict(zip(names, series, strict=True))).sort_index()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["date", *names])
    columns = [
        ["" if not np.isfinite(x) else repr(float(x)) for x in frame[name].to_numpy(dtype=float)]
        for name in names
    ]
    writer.writerows(zip(pd.DatetimeIndex(frame.index).strftime("%Y-%m-%d"), *columns, strict=True))
    symbols = []
    for one, name, kind, unit in zip(series, names, each, units or [""] * len(each), strict=True):
        said = {} if kind == "price" else {"kind": kind}
        if unit:
            said["unit"] = unit
        if str(one.name) != name and one.name is not None:
            said["name"] = str(one.name)
        symbols.append(f"file:{FILE_NAME}#{name}" + (f"?{urlencode(said)}" if said else ""))
    return HandedOver(text.getvalue().encode(), tuple(symbols))


def _names(given: list[Any]) -> list[str]:
    """A column's name of each series: printable, without signs of a symbol, each once."""
    names: list[str] = []
    taken = {"date"}
    for at, label in enumerate(given):
        text = ".".join(map(str, label)) if isinstance(label, tuple) else str(label)
        name = printable(text.translate(_UNSAFE).strip() or f"series {at + 1}", limit=80)
        while name.casefold() in taken:
            name += f" {at + 1}"
        taken.add(name.casefold())
        names.append(name)
    return names


def _from_arrow(given: Any) -> pd.DataFrame:
    """A frame of another library, by Arrow's stream of tables."""
    import pyarrow as pa

    try:
        frame: pd.DataFrame = pa.table(given).to_pandas()
    except pa.ArrowInvalid:  # a lone column
        kind = type(given).__name__
        raise InputError(
            f"a {kind} has no dates; give a frame with a column of dates, or a pandas Series."
        ) from None
    return frame


def _dated(values: Any) -> bool:
    if isinstance(values, pd.DatetimeIndex | pd.PeriodIndex):
        return True
    kind = values.dtype
    if isinstance(kind, pd.DatetimeTZDtype | pd.PeriodDtype) or kind.kind == "M":
        return True
    return kind.kind not in "iufbc" and len(values) > 0 and _parsed(values) is not None


def _parsed(values: Any) -> pd.DatetimeIndex | None:
    """Days of dates or texts of one form; none for anything else."""
    try:
        return pd.DatetimeIndex(pd.to_datetime(pd.Index(values), format="ISO8601"))
    except (ValueError, TypeError):
        texts = list(map(str, values))
    if not all(map(looks_like_date, texts)):
        return None
    with _in_memory("pandas.to_datetime(..., format=)"):
        return date_column(texts, where="dates in memory").dates


def _days(index: Any) -> pd.DatetimeIndex:
    """Days as they are counted in the index's own zone."""
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp(how="end")
    if not isinstance(index, pd.DatetimeIndex):
        index = _parsed(index)
    return pd.DatetimeIndex(index.tz_localize(None).normalize()).as_unit("s")
