"""The table behind a chart: the numbers of its marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.core.arrays import evenly
from convex_research.core.cells import result_row
from convex_research.core.fragments import Cell, Fragment, table, text
from convex_research.presentation.charts.marks import Band, Bars, Dots, Intervals, Line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convex_research.core.fragments import Line as TableLine
    from convex_research.core.typing import Array, Indices
    from convex_research.presentation.charts.chart import Chart
    from convex_research.presentation.charts.marks import Axis, Mark

__all__ = ["numbers_behind"]

_MOST = 45


def numbers_behind(chart: Chart) -> Fragment:
    """Estimates where estimates are drawn, else the points of paths, bars and clouds."""
    title, rows = f"{chart.title}: values", list(_estimates(chart))
    if rows:
        heads = ("Estimate", "Value and interval", "n", "Dates")
        return table(title, heads, rows, sortable=True)
    plot = max(chart.plots, key=lambda one: one.x.high - one.x.low)
    base = next(_base(mark) for mark in plot.marks if isinstance(mark, Line | Bars | Dots))
    columns = [column for mark in plot.marks for column in _columns(mark, base, plot.x)]
    at = _picked(base, columns[0][1], time=plot.x.kind == "date")
    if at.size < base.size:
        title += f" ({at.size} of {base.size:,}, evenly spaced and the extremes)"
    header = chart.header or ("Date", *(name for name, _ in columns))
    listed: list[TableLine] = [
        (
            _head(plot.x, float(base[i])),
            *(_value(float(values[i]), chart.digits, plot.y) for _, values in columns),
        )
        for i in at
    ]
    return table(title, header, listed, sortable=True)


def _estimates(chart: Chart) -> Iterator[TableLine]:
    """A row for each estimate that is drawn."""
    plot, seen = chart.plot, set()
    rows = [row for m in plot.marks if isinstance(m, Intervals | Bars) for row in m.rows]
    for row in rows:
        if (row.label, row.key) not in seen:
            seen.add((row.label, row.key))
            plus = plot.x.plus or plot.y.plus
            yield result_row(row.label, row.key, row.estimate, plus=plus)


def _base(mark: Line | Bars | Dots) -> Array:
    return mark.at if isinstance(mark, Bars) else mark.x


def _columns(mark: Mark, base: Array, axis: Axis) -> Iterator[tuple[str, Array]]:
    """A mark's values at the points of the table, with their names."""
    if isinstance(mark, Bars):
        yield mark.label or "Value", mark.value
    elif isinstance(mark, Dots) and mark.x.size == base.size:
        yield mark.label or "Value", mark.y
    elif isinstance(mark, Line):
        yield mark.label or "Value", _at(base, mark.x, mark.y, axis)
    elif isinstance(mark, Band) and mark.label:  # others shade what a line shows
        yield f"{mark.label}: low".removeprefix(": "), _at(base, mark.x, mark.low, axis)
        yield f"{mark.label}: high".removeprefix(": "), _at(base, mark.x, mark.high, axis)


def _at(base: Array, x: Array, values: Array, axis: Axis) -> Array:
    """Values of a path at other points: on a time axis of the same dates only."""
    if axis.kind != "date":
        return np.interp(base, x, values)
    if np.array_equal(base, x):
        return values
    place = np.clip(np.searchsorted(x, base), 0, x.size - 1)
    return np.where(x[place] == base, values[place], np.nan)


def _picked(base: Array, values: Array, *, time: bool) -> Indices:
    """All points or evenly spaced ones with the lowest and highest, the latest first."""
    known = np.flatnonzero(np.isfinite(values))
    if known.size > _MOST:
        ends = known[[values[known].argmin(), values[known].argmax()]]
        known = np.union1d(known[evenly(known.size, _MOST - 2)], ends)
    return known[::-1] if time else known[np.argsort(base[known], kind="stable")]


def _head(axis: Axis, at: float) -> str:
    if axis.kind == "date":
        return str(np.datetime64(round(at), "D"))
    if axis.kind == "year":
        return f"{at:.0f}"
    return fmt.number(at, 2) + axis.unit


def _value(x: float, digits: int, axis: Axis) -> Cell:
    shown = fmt.number(x, digits, plus=axis.plus) + axis.unit if np.isfinite(x) else "\N{EN DASH}"
    return Cell(text(shown), class_="num")
