"""The content of a file, of which each part is read once, however many series lie in it."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import TYPE_CHECKING

from convex_research.data.files.dates import date_column
from convex_research.data.files.sheet import read_bytes, read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from convex_research.data.files.dates import DateColumn
    from convex_research.data.files.sheet import Table

__all__ = ["Content", "content_of", "one_reading", "plain", "valued"]

_DECIDE_TABLE = ("sep", "header", "date", "date_format", "sheet")
_DECIDE_DATES = (*_DECIDE_TABLE, "where", "timezone")
# The last file that was read, where a universe is loaded.
_LAST: ContextVar[list[tuple[object, Content]] | None] = ContextVar("last", default=None)


class Content:
    """A file's bytes with the tables and dates that were found in them."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self._tables: dict[tuple[str | None, ...], Table] = {}
        self._dates: dict[tuple[str | None, ...], DateColumn] = {}
        self._labels: dict[tuple[int, int], dict[str, list[int]]] = {}
        self._places: dict[tuple[int, object], dict[str, list[int]]] = {}

    @cached_property
    def sha256(self) -> str:
        """Hash of the bytes."""
        return hashlib.sha256(self.body).hexdigest()

    def table(self, options: dict[str, str], where: str) -> Table:
        """See :func:`~convex_research.data.files.sheet.read_table`."""
        key = tuple(map(options.get, _DECIDE_TABLE))
        if key not in self._tables:
            self._tables[key] = read_table(self.body, options, where)
        return self._tables[key]

    def places(self, table: Table, spelling: Callable[[str], str]) -> dict[str, list[int]]:
        """Columns of values by whole name, by each label, and by labels from the last.

        - ``spelling``: makes alike what counts as the same name.
        """
        key = (id(table), spelling)
        if key not in self._places:
            made: dict[str, list[int]] = {}
            names = table.names()
            for i in valued(table):
                labels = table.header[i]
                for text in dict.fromkeys(
                    spelling(one) for one in (names[i], ".".join(reversed(labels)), *labels)
                ):
                    made.setdefault(text, []).append(i)
            self._places[key] = made
        return self._places[key]

    def rows_by_label(self, table: Table, at: int) -> dict[str, list[int]]:
        """Places of the rows by what stands in a column of a table of this file."""
        key = (id(table), at)
        if key not in self._labels:
            made: dict[str, list[int]] = {}
            for place, row in enumerate(table.rows):
                made.setdefault(row[at].strip(), []).append(place)
            self._labels[key] = made
        return self._labels[key]

    def dates(
        self, table: Table, rows: list[int] | None, options: dict[str, str], where: str
    ) -> DateColumn:
        """Dates of some rows of a table of this file, which are those that the options pick."""
        key = tuple(map(options.get, _DECIDE_DATES))
        if key not in self._dates:
            picked = table.rows if rows is None else [table.rows[i] for i in rows]
            lines = table.lines if rows is None else [table.lines[i] for i in rows]
            self._dates[key] = date_column(
                [row[table.date_at] for row in picked],
                where=where,
                form=options.get("date_format"),
                timezone=options.get("timezone"),
                lines=lines,
            )
        return self._dates[key]


def plain(name: str) -> str:
    """A column's name without case and the brackets of some terminals."""
    return name.casefold().strip("<> ")


def valued(table: Table) -> list[int]:
    """Places of the columns beside the dates that have a label or any content."""
    return [
        i
        for i in range(len(table.header))
        if i != table.date_at and (table.header[i] or any(row[i].strip() for row in table.rows))
    ]


@contextmanager
def one_reading() -> Iterator[None]:
    """Inside, series of one file that come one after the other are read from one reading of it."""
    token = _LAST.set([])
    try:
        yield
    finally:
        _LAST.reset(token)


def content_of(source: Path | bytes, where: str) -> Content:
    """The content of a file, or of the bytes of one.

    Raises
    ------
    UnknownSeries, DataError
        See :func:`~convex_research.data.files.sheet.read_bytes`.
    """
    last = _LAST.get()
    key = id(source) if isinstance(source, bytes) else source
    if last and last[0][0] == key:
        return last[0][1]
    content = Content(source if isinstance(source, bytes) else read_bytes(source, where))
    if last is not None:
        last[:] = [(key, content)]
    return content
