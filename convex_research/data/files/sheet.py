"""A user's file as rows of cells, whoever wrote it: text, Excel or Parquet, by content.

Text may come in several encodings and with several separators, below lines that are none of the
table's and above others. The table is the longest run of rows of one width whose date cell is a
date; the rows of that width right above it are its header.
"""

from __future__ import annotations

import csv
import io
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convex_research.core.errors import DataError, UnknownSeries, printable
from convex_research.data.files.binary import excel_rows, parquet_rows
from convex_research.data.files.dates import looks_like_date

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["DATE_NAMES", "LARGEST", "NO_FILE", "Table", "read_bytes", "read_table"]

LARGEST = 200_000_000
"""Bytes a file may have."""
DATE_NAMES = (
    *("date", "observation_date", "datetime", "timestamp", "time", "day", "period", "month"),
    *("open_time", "datum", "fecha", "data", "trade date", "exchange date", "unix"),
)
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes"}
_NAMED = {"tab": "\t", "\\t": "\t", "space": " "}
NO_FILE = "Check the path: it counts from this folder, in a file of pairs from that file's."
_LOOK = 400  # rows that decide separator and date column
_HEADER_ROWS = 3


@dataclass(frozen=True, slots=True)
class Table:
    """The table in a file.

    Parameters
    ----------
    header : tuple of tuple of str
        The labels of each column, from top to bottom; none where the file has no header.
    rows : list of list of str
        Cells, one list a row.
    date_at : int
        Position of the date column.
    lines : list of int
        Number of each row in the file, from 1.
    form : str
        What was read besides a plain table: encoding, separator, rows left out.
    """

    header: tuple[tuple[str, ...], ...]
    rows: list[list[str]]
    date_at: int
    lines: list[int]
    form: str

    def names(self) -> list[str]:
        """Name of each column: its labels joined by points, or its number."""
        return [".".join(labels) or str(i) for i, labels in enumerate(self.header, start=1)]


def read_bytes(path: Path, where: str) -> bytes:
    """Content of a regular file of sensible size.

    Raises
    ------
    UnknownSeries, DataError
        If there is none, it is something else, or it is too large.
    """
    path = path.expanduser()
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise DataError(
                f"{where}: this is a folder; name a file in it, or give it to batch --universe."
            )
        if not stat.S_ISREG(status.st_mode):
            raise DataError(f"{where}: this is not a regular file.")
        if status.st_size > LARGEST:
            raise DataError(f"{where}: the file has more than {LARGEST // 10**6} MB.")
        return path.read_bytes()
    except FileNotFoundError:
        raise UnknownSeries(
            "file", where.partition(":")[2], "there is no such file.", NO_FILE
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        detail = getattr(error, "strerror", None) or "it is not a path"
        raise DataError(f"{where}: the file cannot be read: {detail}.") from None


def read_table(body: bytes, options: dict[str, str], where: str) -> Table:
    """Find the table in a file.

    Parameters
    ----------
    body : bytes
        The file.
    options : dict of str to str
        ``sep``, ``header`` (row of the header, from 1), ``date`` (column of dates), ``sheet``.
    where : str
        The series, for messages.

    Raises
    ------
    DataError
        If there is none.
    """
    if body[:4] == b"PK\x03\x04":
        return _table(excel_rows(body, options.get("sheet"), where), options, where, "Excel")
    if body[:4] == b"PAR1":
        return _table(parquet_rows(body, where), options, where, "Parquet")
    text, encoding = _decoded(body, where)
    asked = options.get("sep")
    separators = [_NAMED.get(asked, asked)] if asked else []
    separators = separators or [sign for sign in _SEPARATORS if sign in text] or [" "]
    best, reason = None, None
    for separator in separators:
        if len(separator) != 1:
            raise DataError(f"{where}: sep={printable(separator, limit=20)} is not one sign.")
        try:
            rows = _rows(text, separator)
            name = "" if separator == "," else _SEPARATORS.get(separator, "another separator")
            name = "blanks" if separator == " " else name
            form = ", ".join(filter(None, (encoding, name)))
            table = _table(rows, options, where, form)
        except csv.Error as error:
            reason = reason or DataError(f"{where}: the file is not a table of text: {error}.")
        except DataError as error:
            reason = reason or error
        else:
            if best is None or _weight(table) > _weight(best):
                best = table
    if best is not None:
        return best
    assert reason is not None
    raise reason


def _rows(text: str, separator: str) -> list[list[str]]:
    if separator == " ":  # any number of them
        return [line.split() for line in text.splitlines()]
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def _weight(table: Table) -> tuple[int, int]:
    """More rows are better, then more columns."""
    return len(table.rows), len(table.rows[0])


def _decoded(body: bytes, where: str) -> tuple[str, str]:
    """Text of a body, and its encoding where it is not the usual one."""
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        text, name = body.decode("utf-16", errors="replace"), "UTF-16"
    elif b"\x00" in body[:200]:
        zeros = body[1:200:2].count(0), body[:200:2].count(0)
        form = "utf-16-le" if zeros[0] >= zeros[1] else "utf-16-be"
        text = body.decode(form, errors="replace") if max(zeros) > 40 else "\x00"
        name = "UTF-16"
    else:
        try:
            text, name = body.decode("utf-8"), ""
        except UnicodeDecodeError:
            text, name = body.decode("cp1252", errors="replace"), "Latin-1"
    if text.count("\x00"):
        problem = "the file is neither text, Excel (xlsx) nor Parquet"
        raise DataError(f"{where}: {problem}; unpack it, or save it as CSV.")
    text = text.lstrip("\ufeff")
    if text[:200].lstrip().lower().startswith(("<!doctype", "<html", "<?xml", "<head")):
        raise DataError(f"{where}: the file is a web page; save its table as CSV.")
    return text, name


def _table(grid: list[list[str]], options: dict[str, str], where: str, form: str) -> Table:
    """The table in a grid of cells."""
    numbered = [(i, row) for i, row in enumerate(grid, start=1) if any(c.strip() for c in row)]
    if (asked := options.get("header")) is not None:
        if not asked.isdigit() or int(asked) < 1:
            raise DataError(f"{where}: header= takes the number of a row, from 1.")
        numbered = [(i, row) for i, row in numbered if i >= int(asked)]
    if not numbered:
        raise DataError(f"{where}: the file is empty.")
    first, last, date_at = _block(numbered, options, where)
    width = len(numbered[first][1])
    if asked is None:
        first, last = _with_undated(numbered, first, last, date_at)
    above = [row for _, row in numbered[max(0, first - _HEADER_ROWS) : first]]
    labels = [row for row in _directly_above(above, width, date_at) if any(row)]
    header = tuple(
        tuple(label for label in (row[i].strip() for row in labels) if label) for i in range(width)
    )
    rows = [_of_width(row, width, number, where) for number, row in numbered[first : last + 1]]
    if not labels and above and _names_dates(above[-1]):
        number = numbered[first - 1][0]
        raise DataError(
            f"{where}: the header in row {number} has {len(above[-1])} cells, the rows {width}."
        )
    before, after = first - len(labels), len(numbered) - 1 - last
    said = [form]
    if before > 0:
        said.append(f"{before} rows above the header left out")
    if after > 0:
        said.append(f"{after} rows below the table left out")
    if not labels:
        said.append("no header")
        header = ((),) * width
    lines = [number for number, _ in numbered[first : last + 1]]
    return Table(header, rows, date_at, lines, ", ".join(filter(None, said)))


def _of_width(row: list[str], width: int, number: int, where: str) -> list[str]:
    """A row without empty cells beyond the table's width."""
    if len(row) < width or any(cell.strip() for cell in row[width:]):
        raise DataError(f"{where}: row {number} has {len(row)} cells, the others {width}.")
    return row[:width]


def _with_undated(
    numbered: Sequence[tuple[int, list[str]]], first: int, last: int, date_at: int
) -> tuple[int, int]:
    """Take in rows at both ends that hold numbers as the table does, but no date that is known.

    They are not passed over as a header or a footer: reading their dates names them.
    """
    width = len(numbered[first][1])

    def holds_numbers(at: int) -> bool:
        row = numbered[at][1]
        others = [cell for i, cell in enumerate(row) if i != date_at and cell.strip()]
        headed = _names_dates([row[date_at]]) if date_at < len(row) else False
        return len(row) == width and bool(others) and not headed and all(map(_is_number, others))

    while first > 0 and holds_numbers(first - 1):
        first -= 1
    while last + 1 < len(numbered) and holds_numbers(last + 1):
        last += 1
    return first, last


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", ""))
    except ValueError:
        return False
    return True


def _directly_above(above: Sequence[list[str]], width: int, date_at: int) -> list[list[str]]:
    """Header rows: those of the table's width that stand right above it."""
    rows: list[list[str]] = []
    for row in reversed(above):
        cells = [cell.strip() for cell in row]
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if len(cells) == width - 1 and not rows and (date_at > 0 or not _names_dates(cells)):
            cells = ["", *cells]  # an index without a name
        if len(cells) != width:
            break
        rows.insert(0, cells)
        if all(cells) and len(rows) == 1:
            break  # one full row of names needs no second
    return rows


def _names_dates(cells: Sequence[str]) -> bool:
    return any(cell.strip().strip("<>").casefold() in DATE_NAMES for cell in cells)


def _block(
    numbered: Sequence[tuple[int, list[str]]], options: dict[str, str], where: str
) -> tuple[int, int, int]:
    """First and last row of the table, and its date column."""
    form = options.get("date_format")
    widths = [len(row) for _, row in numbered]
    if max(widths) < 2:
        raise DataError(
            f"{where}: the file has one column; it needs dates and values, "
            "or say the separator with ?sep=;"
        )
    candidates = _date_columns(numbered, options.get("date"), where)
    best: tuple[int, int, int, int] | None = None
    for column in candidates:
        dated = [
            i
            for i, (_, row) in enumerate(numbered)
            if column < len(row) and looks_like_date(row[column], form)
        ]
        if not dated:
            continue
        first, last = dated[0], dated[-1]
        if best is None or len(dated) > best[0]:
            best = (len(dated), first, last, column)
    if best is None:
        # Its cells are not quoted: what is no table of dates may be anything, and is published.
        raise DataError(
            f"{where}: no column of dates is found; say its form with ?date_format=, such as "
            "%d.%m.%Y, or write dates as YYYY-MM-DD, one a row."
        )
    top = numbered[best[1]][1]
    if best[0] == 1 and sum(looks_like_date(cell, form) for cell in top) > max(5, len(top) // 2):
        number = numbered[best[1]][0]
        raise DataError(
            f"{where}: dates stand beside each other in row {number}; turn the table, a date a row."
        )
    return best[1], best[2], best[3]


def _date_columns(
    numbered: Sequence[tuple[int, list[str]]], asked: str | None, where: str
) -> list[int]:
    """Columns that may hold the dates, the likeliest first."""
    width = max(len(row) for _, row in numbered)
    names: dict[str, int] = {}
    for _, row in reversed(numbered[:_LOOK]):
        for i, cell in enumerate(row):
            names[cell.strip().strip("<>").casefold()] = i
    if asked is not None:
        if asked.casefold() in names:
            return [names[asked.casefold()]]
        if asked.isdigit() and 1 <= int(asked) <= width:
            return [int(asked) - 1]
        raise DataError(f"{where}: there is no date column {printable(asked, limit=40)!r}.")
    named = [names[name] for name in DATE_NAMES if name in names]
    return list(dict.fromkeys((*named, *range(min(width, 12)))))
