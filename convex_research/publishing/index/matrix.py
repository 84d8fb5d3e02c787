"""A small map of correlations: instruments that have pairs with each other, like beside like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.publishing.meta.describe import leg_name
from convex_research.statistics.many.grouping import leaf_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["MOST", "Cell", "Matrix", "correlation_matrix"]

MOST = 40
"""Instruments that fit beside each other."""

_FEWEST = 3
_DENSE = 12  # more than these have no room for a sign, a point and two digits
_STEPS = 7  # of a colour, from 0 to 1
_TWINS = 0.99
_LONG = 6  # letters of a head that lies flat


class Cell(NamedTuple):
    """A correlation with a link: ``label`` says it in words, ``ring`` whether it has changed."""

    text: str
    label: str
    href: str
    shade: str
    ring: str


class Matrix(NamedTuple):
    """Rows of an upper triangle of recent correlations and a lower one of the past year.

    Parameters
    ----------
    heads : list of (str, str)
        Short label and name of each instrument, in the order of rows and columns.
    cells : list of list of Cell or None
        None on the diagonal, and where there is no such pair.
    lower, upper : str
        The windows of both triangles.
    dense : bool
        Whether cells are hundredths, for want of room.
    upright : bool
        Whether heads of columns lie flat.
    rings : set of str
        Those that occur.
    """

    heads: list[tuple[str, str]]
    cells: list[list[Cell | None]]
    lower: str
    upper: str
    dense: bool
    upright: bool
    rings: set[str]


def correlation_matrix(pairs: Sequence[Mapping[str, Any]]) -> Matrix | str:
    """The map of the instruments that have at least two pairs among themselves.

    Parameters
    ----------
    pairs : sequence of dict
        Entries of the index.

    Returns
    -------
    Matrix or str
        Why there is none if there are more instruments than :data:`MOST`; nothing if fewer than
        three belong together.
    """
    built = {
        frozenset((pair["a"]["symbol"], pair["b"]["symbol"])): pair
        for pair in reversed(pairs)
        if pair["correlation"] is not None
    }
    symbols = _core(built)
    if len(symbols) < _FEWEST:
        return ""
    if len(symbols) > MOST:
        return f"No map of the {fmt.count(len(symbols))} instruments: it holds {MOST} at most."
    legs = {pair[leg]["symbol"]: pair[leg] for pair in pairs for leg in ("a", "b")}
    order = [symbols[k] for k in _order(symbols, built)]
    dense = len(order) > _DENSE
    cells = [
        [
            None
            if row == column or (pair := built.get(frozenset((row, column)))) is None
            else _cell(pair, past_year=j < i, dense=dense)
            for j, column in enumerate(order)
        ]
        for i, row in enumerate(order)
    ]
    heads = [_head(legs[symbol]) for symbol in order]
    return Matrix(
        heads,
        cells,
        _common(pair["answers"][0]["window"] for pair in built.values() if pair["answers"]),
        _common(pair["answers"][2]["window"] for pair in built.values() if pair["answers"]),
        dense,
        not dense and all(len(label) <= _LONG for label, _ in heads),
        {cell.ring for row in cells for cell in row if cell is not None and cell.ring},
    )


def _core(built: Iterable[frozenset[str]]) -> list[str]:
    """Instruments each of which has two pairs with others of them, sorted."""
    left = {pair for pair in built if len(pair) == 2}
    while True:
        count: dict[str, int] = {}
        for pair in left:
            for symbol in pair:
                count[symbol] = count.get(symbol, 0) + 1
        kept = {pair for pair in left if all(count[symbol] > 1 for symbol in pair)}
        if kept == left:
            return sorted(count)
        left = kept


def _order(symbols: Sequence[str], built: Mapping[frozenset[str], Mapping[str, Any]]) -> list[int]:
    """Like beside like; a pair that is not built counts as one without a link."""
    r = np.eye(len(symbols))
    at = {symbol: k for k, symbol in enumerate(symbols)}
    for pair, entry in built.items():
        if len(pair) == 2 and pair <= at.keys():
            i, j = (at[symbol] for symbol in pair)
            r[i, j] = r[j, i] = np.clip(entry["correlation"]["value"], -1.0, 1.0)
    return [int(k) for k in leaf_order(r)]


def _cell(pair: Mapping[str, Any], *, past_year: bool, dense: bool) -> Cell | None:
    """What the page answers first, or to "Is today unusual?"; of twins r stands in for the gap."""
    answers, rolling = pair["answers"], pair["rolling"]
    answer = answers[0 if past_year else 2] if answers else {"key": "", "label": "r"}
    held, what = pair["correlation"], answer["label"]
    if not past_year and answer["key"].startswith(("rolling.", "correlation.")):
        held = answer
    elif not past_year:
        held, what = pair["correlations"].get(str(rolling and rolling["window"])), "r, recently"
    if held is None or held["value"] is None:
        return None
    value, change, lately = held["value"], pair["change"], pair["lately"]
    on_year = change is None or f"[{change['window']}]" in pair["correlation"]["key"]
    ring = lately["answer"] if lately["way"] and on_year == past_year else ""
    marked = {"": "", "perhaps": ", perhaps changed"}.get(ring, ", changed lately")
    return Cell(
        _written(value, dense=dense),
        f"{pair['title']}, {what}: {_written(value, dense=False)}{marked}",
        next(iter(pair["pages"].values())),
        f"{'m' if value < 0.0 else 'p'}{min(int(_STEPS * abs(value)), _STEPS - 1)}",
        "perhaps" if ring == "perhaps" else "changed" if ring else "",
    )


def _written(r: float, *, dense: bool) -> str:
    """Two decimals; never one of a correlation that is less."""
    most = "99" if dense else "0.99"
    if abs(r) > _TWINS:
        return f">{most}" if r > 0.0 else f"<{fmt.MINUS}{most}"
    return fmt.number(100.0 * r, 0) if dense else fmt.number(r, 2, plus=True)


def _head(leg: Mapping[str, Any]) -> tuple[str, str]:
    name = leg_name(leg)
    short = str(leg["id"]).upper()
    return (short, name) if len(short) <= _LONG and len(short) < len(name) else (name, name)


def _common(windows: Iterable[str]) -> str:
    """The window that most pairs have."""
    listed = list(windows)
    return max(sorted(set(listed)), key=listed.count, default="")
