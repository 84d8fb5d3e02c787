"""How a file is read: what the ``inspect`` command prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.catalogue.symbols import parse_symbol
from convex_research.core.errors import ConvexResearchError, printable
from convex_research.data.files.binary import sheet_names
from convex_research.data.files.content import content_of
from convex_research.data.files.userfile import read_column, value_columns

if TYPE_CHECKING:
    from convex_research.catalogue.symbols import Symbol
    from convex_research.data.files.userfile import FileColumn

__all__ = ["Inspection", "inspect_file"]

_ENDS = 3  # rows shown at either end


class Inspection(NamedTuple):
    """What is known of a file.

    Parameters
    ----------
    lines : list of str
        What was read and how, for a terminal.
    undecided : list of str
        What could not be decided, each with the option that decides it.
    """

    lines: list[str]
    undecided: list[str]


def inspect_file(text: str) -> Inspection:
    """Read a file as a series would be read, and say how.

    Parameters
    ----------
    text : str
        A path, or a symbol ``file:PATH#COLUMN?option=value``.

    Raises
    ------
    ConvexResearchError
        If there is no such file, or no table in it.
    """
    from pathlib import Path

    symbol = parse_symbol(text if text.startswith(("file:", "csv:")) else f"file:{text}")
    where = printable(symbol.public)
    content, options = content_of(Path(symbol.path), where), dict(symbol.options)
    sheets = sheet_names(content.body)
    sheet = symbol.column.rpartition("!")[0]
    table = content.table({**options, "sheet": sheet} if sheet else options, where)
    names = [printable(name, limit=40) for name in table.names()]
    columns = [symbol.column] if symbol.column else value_columns(table)
    lines = [f"file: {Path(symbol.path).name}, {table.form or 'commas'}"]
    if sheets:
        lines.append(f"sheets: {', '.join(printable(name, limit=40) for name in sheets)}")
    lines.append(f"rows: {len(table.rows):,}, from row {table.lines[0]} to {table.lines[-1]}")
    lines.append(f"dates: column {names[table.date_at]}")
    undecided: dict[str, str] = {}
    for name in columns:
        try:
            column = read_column(content, f"{sheet}!{name}" if sheet else name, options, where)
        except ConvexResearchError as error:
            said = str(error).removeprefix(f"{where}: ")
            undecided.setdefault(said, f"column {printable(name, limit=40)}: {said}")
        else:
            lines += _shown(column, symbol)
    return Inspection(lines, list(undecided.values()))


def _shown(column: FileColumn, symbol: Symbol) -> list[str]:
    """A column's form, its first and last rows, and the symbol that reads it."""
    values, dates = column.numbers.values, column.dates.dates
    order = "newest first" if dates.is_monotonic_decreasing else "not in order"
    if dates.is_monotonic_increasing:
        order = "oldest first"
    options = "&".join(f"{key}={value}" for key, value in symbol.options)
    name = printable(column.name, limit=40)
    missing = int(np.isnan(values).sum())
    lines = ["", f"file:{symbol.path}#{name}{'?' + options if options else ''}"]
    lines.append(f"  {column.form}; {order}; {missing:,} missing")
    ends = [*range(min(_ENDS, len(values))), *range(max(_ENDS, len(values) - _ENDS), len(values))]
    lines += [f"  row {column.rows[i]:>6}  {dates[i]:%Y-%m-%d}  {values[i]:g}" for i in ends]
    return lines
