"""Which pairs a batch builds: a TOML file, a CSV of two columns, or a whole universe."""

from __future__ import annotations

import csv
import difflib
import io
import os
import re
import tomllib
from contextlib import contextmanager
from itertools import combinations, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from convex_research.catalogue import Pair, load_catalogue
from convex_research.catalogue.symbols import EMBEDDED, FILES
from convex_research.core.errors import (
    ConvexResearchError,
    InputError,
    printable,
    refuse_unknown,
)
from convex_research.data.context import helper_names
from convex_research.data.files.universe import symbols_of
from convex_research.publishing.choices import CHOICES, fields_of, together
from convex_research.publishing.request import PairRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["choose", "listed_symbols", "read_pairs", "read_universe"]

_FIRST = 12  # pairs that are built without a file, in the catalogue's order
CATEGORIES = ("peer", "cross-asset", "volatility", "rate", "crypto", "commodity")
# A misspelt symbol in the first row must not pass for a header, so headers are listed.
_HEADERS = frozenset(
    {("a", "b"), ("leg_a", "leg_b"), ("symbol_a", "symbol_b"), ("first", "second")}
)


def read_pairs(path: Path | None, choices: Mapping[str, Any] | None = None) -> list[PairRequest]:
    """Read pairs from a file: CSV if it is named so, else TOML.

    Parameters
    ----------
    path : Path, optional
        A TOML file with ``[[pairs]]`` tables of ``a``, ``b`` and optionally ``category`` and
        :data:`~convex_research.publishing.choices.CHOICES`, which at its top are for all pairs; or
        a ``.csv`` file with two columns, one pair a row, with or without the header ``a,b``.
        Without a file the first embedded pairs of the catalogue, which need no network. Paths of
        series are relative to the file.
    choices : mapping, optional
        Choices that come before those of the file.

    Raises
    ------
    InputError
        Naming the table or row and what is wrong in it: unknown keys are errors.
    """
    if path is None:
        listed = load_catalogue().pairs
        embedded = (p for p in listed if all(s.provider in EMBEDDED for s in p.symbols))
        fields = fields_of(choices or {})
        return [PairRequest(pair=one, **fields) for one in islice(embedded, _FIRST)]
    where, is_csv = printable(path.name), path.suffix.casefold() == ".csv"
    text = _text_of(path, "CSV" if is_csv else "TOML")
    if is_csv:
        return _from_csv(text, where, _Choices({}, choices or {}, path.parent))
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where}: is not TOML: {printable(error)}.") from None
    tables = content.pop("pairs", None)
    with _named(where):
        refuse_unknown(content, (*CHOICES, "pairs"), "key")
    if not isinstance(tables, list) or not tables:
        raise InputError(f"{where}: has no [[pairs]] table.")
    around = _Choices(content, choices or {}, path.parent)
    return [_request(one, f"{where}: pair {n}", around) for n, one in enumerate(tables, start=1)]


class _Choices(NamedTuple):
    """What is chosen around a pair: at the top of its file and before it; and the file's folder."""

    top: Mapping[str, Any]
    before: Mapping[str, Any]
    folder: Path

    def of(self, table: Mapping[str, Any]) -> dict[str, Any]:
        """The choices of a pair."""
        layers = [together(self.top), together(table)]
        for one in layers:
            one["helpers"] = {role: self.placed(name) for role, name in one["helpers"].items()}
        return together(*layers, self.before)

    def placed(self, symbol: str) -> str:
        """A symbol whose path, if it is of a file, is relative to the folder."""
        provider, colon, rest = symbol.strip().partition(":")
        if provider.lower() not in FILES or self.folder == Path() or rest.startswith("~"):
            return symbol
        return f"{provider}{colon}{os.path.join(self.folder, rest)}"  # noqa: PTH118 - rest is no path alone


@contextmanager
def _named(where: str) -> Iterator[None]:
    """Say where in the file a problem is."""
    try:
        yield
    except ConvexResearchError as error:
        raise InputError(f"{where}: {error}") from None


def _text_of(path: Path, kind: str) -> str:
    where = printable(path.name)
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{where}: cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{where}: is not {kind}: it is not UTF-8 text.") from None


def _from_csv(text: str, where: str, around: _Choices) -> list[PairRequest]:
    try:
        rows = [
            (number, [cell.strip() for cell in row])
            for number, row in enumerate(csv.reader(io.StringIO(text), strict=True), start=1)
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise InputError(f"{where}: is not CSV: {error}.") from None
    if rows and tuple(cell.casefold() for cell in rows[0][1]) in _HEADERS:
        rows = rows[1:]
    if not rows:
        raise InputError(f"{where}: has no pairs.")
    for number, row in rows:
        if len(row) != 2:
            raise InputError(f"{where}: row {number} has {len(row)} cells; a pair has two.")
    return [_request({"a": a, "b": b}, f"{where}: row {n}", around) for n, (a, b) in rows]


def read_universe(text: str, choices: Mapping[str, Any] | None = None) -> list[PairRequest]:
    """All pairs of a list of symbols, each with those that come after it.

    ``text`` is a file with one symbol a line (lines that begin with ``#`` are remarks), or the
    symbols themselves with commas between them; ``file:prices.csv#*`` is all series of a file,
    see :func:`~convex_research.data.files.universe.symbols_of`. Paths are relative to the file;
    choices are those of all pairs.

    Raises
    ------
    InputError
        If there are fewer than two symbols, or one is unknown or listed twice.

    Examples
    --------
    >>> [one.pair.slug for one in read_universe("sp500,nasdaq,vix")]
    ['sp500-vs-nasdaq', 'sp500-vs-vix', 'nasdaq-vs-vix']
    """
    symbols = listed_symbols(text)
    if len(symbols) < 2:
        what = "is a file that" if _is_file(text) else "names no file and"
        raise InputError(f"--universe {printable(text)} {what} holds fewer than two symbols.")
    around = _Choices({}, choices or {}, Path())
    return [_request({"a": a, "b": b}, "--universe", around) for a, b in combinations(symbols, 2)]


def listed_symbols(text: str) -> list[str]:
    """Symbols of a file with one a line, of a list with commas, or of a table.

    Parameters
    ----------
    text : str
        See :func:`read_universe`.

    Raises
    ------
    InputError
        If the file is a table.
    """
    is_file, path = _is_file(text), Path(text)
    if is_file:
        lines = (line.strip() for line in _text_of(path, "a list of symbols").splitlines())
        symbols = [line for line in lines if line and not line.startswith("#")]
    else:
        symbols = [part.strip() for part in text.split(",") if part.strip()]
    if is_file and symbols and re.match(r"[^:]*[,;\t|]", symbols[0]):
        raise InputError(
            f"{printable(text)} is no list of symbols, one a line; all series of a table are "
            f"'file:{printable(text)}#*'."
        )
    around = _Choices({}, {}, path.parent if is_file else Path())
    return [one for text in symbols for one in symbols_of(around.placed(text))]


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # far too long for a name, or no name at all
        return False


def _request(table: Any, where: str, around: _Choices) -> PairRequest:
    if not isinstance(table, dict):
        raise InputError(f"{where}: is not a table.")
    with _named(where):
        refuse_unknown(table, ("a", "b", "category", *CHOICES), "key")
    for leg in ("a", "b"):
        if not isinstance(table.get(leg), str) or not table[leg].strip():
            raise InputError(f'{where}: needs {leg} = "SYMBOL".')
    category = table.get("category")
    if category is not None and category not in CATEGORIES:
        raise InputError(
            f"{where}: category {printable(category)!r} is unknown; use {', '.join(CATEGORIES)}."
        )
    with _named(where):
        a, b = (around.placed(table[leg]) for leg in ("a", "b"))
        request = PairRequest(pair=Pair(a, b, category), **fields_of(around.of(table)))
        helper_names(request.pair, request.helpers)  # symbols that are none are said here
    return request


def choose(slugs: Sequence[str], only: Sequence[str]) -> frozenset[str]:
    """The slugs asked for, all of them if none is named; the nearest is offered for a wrong one."""
    for slug in only:
        if slug not in slugs:
            near = difflib.get_close_matches(slug, slugs, 1, 0.5)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise InputError(f"--only {printable(slug)}: the batch has no such pair.{hint}")
    return frozenset(only or slugs)
