"""``file:prices.csv#*``, ``fx:EUR*``: the series of a source, each by its own symbol."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from convex_research.catalogue.symbols import FILES, parse_symbol
from convex_research.core.errors import DataError, UnknownSeries, printable
from convex_research.data.files.content import content_of
from convex_research.data.files.sheet import NO_FILE
from convex_research.data.files.userfile import labels_of, value_columns
from convex_research.data.providers.fx import rates_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convex_research.catalogue.symbols import Symbol
    from convex_research.data.files.sheet import Table

__all__ = ["symbols_of"]

_BARS = ({"open", "high", "low"}, {"close", "volume"})  # fields of one instrument


def symbols_of(text: str) -> tuple[str, ...]:
    """The symbols that a symbol with ``*`` stands for, in order; another stands for itself.

    Parameters
    ----------
    text : str
        ``file:prices.csv#*`` (or ``#Close.*``) is every column of a wide file that fits,
        ``file:prices.csv#close?where=ticker:*`` every series of a long one, and
        ``file:FOLDER`` or ``file:FOLDER/*.csv``, with column and options as for one file, every
        file there, hidden ones left out; ``fx:EUR*`` every embedded rate of a currency.

    Returns
    -------
    tuple of str

    Raises
    ------
    DataError, UnknownSeries
        If there is no such file, folder or column, or its columns are fields of one instrument.
    """
    provider, _, native = text.partition(":")
    if provider.strip().lower() == "fx" and native.strip().endswith("*"):
        return rates_of(native.strip().removesuffix("*"))
    if provider.strip().lower() not in FILES:
        return (text,)
    symbol = parse_symbol(text)
    path, where = Path(symbol.path).expanduser(), printable(symbol.public)
    if path.is_dir():
        path /= "*"
    if "*" in path.name and not path.exists():
        files = (one for one in sorted(path.parent.glob(path.name)) if one.is_file())
        found = [one for one in files if not one.name.startswith(".")]
        if not found:
            raise UnknownSeries("file", where.partition(":")[2], "there is no such file.", NO_FILE)
        return tuple(one for file in found for one in symbols_of(_written(symbol, path=str(file))))
    label, sign, value = (symbol.option("where") or "").partition(":")
    if "*" not in symbol.column and not (sign and value.strip() == "*"):
        return (text,)
    sheet, mark, pattern = symbol.column.rpartition("!")
    options = dict(symbol.options) | ({"sheet": sheet} if sheet else {})
    content = content_of(path, where)
    table = content.table(options, where)
    if value.strip() == "*":
        labels = labels_of(content, table, label, where)
        return tuple(_written(symbol, where=f"{label}:{one}") for one in labels)
    names = list(_fitting(table, pattern, where))
    return tuple(_written(symbol, column=f"{sheet}{mark}{name}") for name in names)


def _written(symbol: Symbol, **other: str) -> str:
    """The symbol with another path, column or ``where``."""
    path, column = other.get("path", symbol.path), other.get("column", symbol.column)
    options = dict(symbol.options) | ({"where": other["where"]} if "where" in other else {})
    query = "&".join(f"{name}={quote(held, safe=':/ ,.')}" for name, held in options.items())
    text = f"{symbol.provider}:{path}" + (f"#{column}" if column else "")
    return text + (f"?{query}" if query else "")


def _fitting(table: Table, pattern: str, where: str) -> Iterator[str]:
    """Names of the columns of numbers that a pattern fits."""
    names = value_columns(table)
    if pattern == "*":
        _refuse_bars(table, where)
    fitting = [name for name in names if fnmatchcase(name, pattern)]
    if not fitting:
        listed = ", ".join(printable(name, limit=40) for name in names[:12])
        raise DataError(f"{where}: no column of numbers fits {printable(pattern)}; it has {listed}")
    for name in fitting:
        if "#" in name:
            raise DataError(f"{where}: column {printable(name, limit=40)!r} has a '#'; rename it.")
        yield name


def _refuse_bars(table: Table, where: str) -> None:
    """Open, high, low and volume are no instruments."""
    for at in range(max(map(len, table.header), default=0)):
        labels = [one[at] if at < len(one) else "" for one in table.header]
        plain = {label.casefold().strip("<> ") for label in labels}
        if any(fields <= plain for fields in _BARS):
            deep = any(len(one) > 1 for one in table.header)
            way = ("#Close.*" if at == 0 else "#*.Close") if deep else "#Close"
            raise DataError(
                f"{where}: its columns are opens, closes, volumes and more of an instrument; say "
                f"which to take, such as {way}"
            )
