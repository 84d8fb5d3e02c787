"""Excel and Parquet files as rows of text."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from typing import Any

from convex_research.core.errors import DataError, InputError, printable
from convex_research.data.files.dates import looks_like_date

__all__ = ["excel_rows", "parquet_rows", "sheet_names"]


def excel_rows(body: bytes, sheet: str | None, where: str) -> list[list[str]]:
    """Cells of an Excel sheet as text; dates in ISO form."""
    try:
        import openpyxl
    except ImportError:
        raise InputError(
            f"{where}: reading Excel needs one more package: pip install 'convex-research[excel]'."
        ) from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
    except Exception as error:  # a zip of something else: whatever it holds
        raise DataError(f"{where}: the file is a zip, but no Excel workbook; unpack it.") from error
    if sheet is not None and sheet not in book.sheetnames:
        listed = ", ".join(printable(name, limit=40) for name in book.sheetnames[:12])
        raise DataError(f"{where}: there is no sheet {printable(sheet)!r}; there are {listed}.")
    page = book[sheet] if sheet is not None else book[book.sheetnames[0]]
    grid = [list(row) for row in page.iter_rows(values_only=True)]
    if not any(
        isinstance(cell, date) or looks_like_date(str(cell)) for row in grid for cell in row
    ):
        _read_serials(grid)
    return [[_cell_text(cell) for cell in row] for row in grid]


def _read_serials(grid: list[list[Any]]) -> None:
    """Days that a sheet writes as numbers become dates: those of its first such column."""
    from openpyxl.utils.datetime import from_excel

    for at in range(max(map(len, grid), default=0)):
        cells = [row[at] for row in grid if at < len(row) and isinstance(row[at], int | float)]
        if cells and all(x == int(x) and 10_000 < x < 80_000 for x in cells):  # 1927 to 2119
            for row in grid:
                if at < len(row) and isinstance(row[at], int | float):
                    row[at] = from_excel(row[at])
            return


def sheet_names(body: bytes) -> list[str]:
    """Names of the sheets of a workbook; none for another file."""
    if body[:4] != b"PK\x03\x04":
        return []
    import openpyxl

    return list(openpyxl.load_workbook(io.BytesIO(body), read_only=True).sheetnames)


def _cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return repr(cell)
    return str(cell)


def parquet_rows(body: bytes, where: str) -> list[list[str]]:
    """Cells of a Parquet file as text, its index first."""
    import pandas as pd

    try:
        frame = pd.read_parquet(io.BytesIO(body))
    except Exception as error:  # the engine's own errors
        raise DataError(f"{where}: the file is not Parquet: it cannot be read.") from error
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    head = [str(name) for name in frame.columns]
    columns = [[_cell_text(None if pd.isna(x) else x) for x in frame[name]] for name in frame]
    return [head, *map(list, zip(*columns, strict=True))]
