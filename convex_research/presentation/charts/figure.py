"""A finished canvas as a figure of a page: caption, legend, read-out, numbers behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.core.arrays import evenly, thin
from convex_research.core.fragments import Cell, Fragment, Line, table, tag, text
from convex_research.presentation.charts.canvas import WIDTH
from convex_research.presentation.charts.ticks import as_days

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convex_research.analysis import Curve
    from convex_research.core.typing import Array, Dates, Indices
    from convex_research.presentation.charts.canvas import Canvas, Entry

PERCENT = "\N{NARROW NO-BREAK SPACE}%"
_MAX_ROWS = 60
_AXIS_UNITS = {"decimal": (100.0, PERCENT), "bp": (1.0, " bp")}
_READ_POINTS = 240


def axis_unit(unit: str) -> tuple[float, str]:
    """What turns values of a unit into those of an axis, and what stands behind them."""
    return _AXIS_UNITS.get(unit, (1.0, ""))


def on_axis(curve: Curve, scale: float = 1.0) -> Curve:
    """A curve from its first defined value on, in units of an axis."""
    first = int(np.flatnonzero(np.isfinite(curve.value))[0])
    low, high = (None if end is None else scale * end[first:] for end in (curve.low, curve.high))
    value = scale * curve.value[first:]
    return replace(curve, dates=curve.dates[first:], value=value, low=low, high=high)


def decimals(digits: int, unit: str = "", *, plus: bool = False) -> Callable[[float], str]:
    """A formatter with so many decimals."""
    return lambda x: fmt.number(float(x), digits, plus=plus) + unit


def last_of(values: Array, show: Callable[[float], str]) -> str:
    """The last value of a path for its description; a window at rest has none."""
    last = float(values[-1])
    return show(last) if np.isfinite(last) else "not computed (no movement in its window)"


def chart(
    canvas: Canvas,
    *,
    name: str,
    title: str,
    description: str,
    key: str,
    header: Sequence[str] = (),
    rows: Sequence[Line] = (),
    show: Callable[[float], str] = decimals(3),  # noqa: B008 - it keeps nothing
    values: Fragment | None = None,
) -> Fragment:
    """A canvas with caption, legend, and the numbers behind it.

    Parameters
    ----------
    canvas : Canvas
        Finished.
    name : str
        Prefix of the ids in it, unique in the page.
    title, description : str
        Caption, and what the picture shows, made from its numbers.
    key : str
        Entry of the curve or estimate that is drawn.
    header, rows
        Table behind the chart. Without rows it holds as many of the values that were drawn by
        date as the header has columns, written by ``show``.
    values : Fragment, optional
        The same as a finished table.
    """
    read = [one for one in canvas.legend if one.values]
    attributes = {"data_key": key, "id": name}
    picked = None
    if read and canvas.days is not None:
        picked = thin(read[0].values[0], _READ_POINTS)
        attributes |= _reading(canvas, as_days(canvas.days[picked]))
        columns = [column for one in read for column in one.values]
        rows = rows or _rows_of(canvas.days, columns[: len(header) - 1], show)
    items = "".join(_entry(canvas, one, picked) for one in canvas.legend)
    caption = tag("b", text(title)) + (tag("ul", items, class_="legend") if items else "")
    html = tag("figcaption", caption) + canvas.svg(name, title, description)
    if values is not None:
        html += folded("Numbers behind this chart", values)
    elif rows:
        html += behind(title, header, rows)
    return Fragment(tag("figure", html, **attributes), title)


def _rows_of(dates: Dates, columns: Sequence[Array], show: Callable[[float], str]) -> list[Line]:
    """At most 60 evenly spaced rows, the latest first."""
    defined = np.flatnonzero(np.isfinite(columns[0]))
    picked = defined[evenly(defined.size, _MAX_ROWS)][::-1]
    return [[str(dates[i]), *(_value_cell(column[i], show) for column in columns)] for i in picked]


def _value_cell(x: float, show: Callable[[float], str]) -> Cell:
    return Cell(text(show(x)) if np.isfinite(x) else "\N{EN DASH}", class_="num")


def behind(title: str, header: Sequence[str], rows: Sequence[Line]) -> str:
    """The table behind a chart, folded."""
    few = len(rows) < _MAX_ROWS
    label = "Numbers behind this chart" + ("" if few else f" ({len(rows)} evenly spaced values)")
    return folded(label, table(f"{title}: values", header, rows, sortable=True))


def folded(label: str, inner: Fragment, *, printed: bool = False) -> str:
    """Something a reader opens; on paper it stands open or is left out."""
    named = {"class_": "printed"} if printed else {}
    return tag("details", tag("summary", text(label)) + inner.html, **named)


def _entry(canvas: Canvas, one: Entry, picked: Indices | None) -> str:
    inner = tag("span", "", class_=f"swatch {one.style}") + text(one.label)
    if not one.values or picked is None:
        return tag("li", inner)
    columns = ";".join(
        " ".join(f"{x:.{canvas.digits}f}" if np.isfinite(x) else "" for x in column[picked])
        for column in one.values
    )
    unit = {"data_unit": canvas.unit} if canvas.unit else {}
    return tag("li", inner, data_y=columns, data_digits=str(canvas.digits), **unit)


def _reading(canvas: Canvas, days: Array) -> dict[str, str]:
    """Days (each as the step from the one before) and where they stand in the picture."""
    low, high = canvas.x
    scale = (WIDTH - canvas.left - canvas.right) / (high - low)
    top, bottom = canvas.span
    return {
        "data_x": " ".join(map(str, np.diff(days.astype(int), prepend=0))),
        "data_scale": f"{canvas.left - scale * low:.6g} {scale:.8g}",
        "data_span": f"{top:g} {bottom:g}",
    }
