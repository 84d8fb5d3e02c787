"""A finished canvas as a figure of a page: caption, legend, read-out, numbers behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.core.arrays import evenly, thin
from convex_research.core.fragments import Cell, Fragment, Line, table, tag, text
from convex_research.presentation.charts.canvas import WIDTH, Canvas
from convex_research.presentation.charts.svg import to_svg
from convex_research.presentation.charts.ticks import as_days

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convex_research.core.typing import Array, Dates, Indices

__all__ = [
    "MAX_ROWS",
    "PERCENT",
    "Entry",
    "axis_unit",
    "behind",
    "chart",
    "decimals",
    "folded",
    "rows_of",
]

MAX_ROWS = 60
PERCENT = "\N{NARROW NO-BREAK SPACE}%"
_AXIS_UNITS = {"decimal": (100.0, PERCENT), "bp": (1.0, " bp")}
_READ_POINTS = 240


class Entry(NamedTuple):
    """One entry of a legend.

    Parameters
    ----------
    style : str
        Class of its swatch.
    label : str
        What it stands for.
    values : tuple of arrays
        Values on the chart's dates that the read-out shows: one, or the two ends of a band.
    digits : int
        Decimals in the read-out.
    unit : str
        Written after each value.
    """

    style: str
    label: str
    values: tuple[Array, ...] = ()
    digits: int = 2
    unit: str = ""


def axis_unit(unit: str) -> tuple[float, str]:
    """What turns values of a unit into those of an axis, and what stands behind them."""
    return _AXIS_UNITS.get(unit, (1.0, ""))


def rows_of(dates: Dates, *columns: Array, show: Callable[[float], str]) -> list[Line]:
    """At most 60 evenly spaced rows for the table behind a chart; the last is kept."""
    defined = np.flatnonzero(np.isfinite(columns[0]))
    picked = defined[evenly(defined.size, MAX_ROWS)]
    return [
        [str(dates[i]), *(_value_cell(float(c[i]), show) for c in columns)] for i in picked[::-1]
    ]


def _value_cell(x: float, show: Callable[[float], str]) -> Cell:
    return Cell(text(show(x)) if np.isfinite(x) else "\N{EN DASH}", class_="num")


def decimals(digits: int) -> Callable[[float], str]:
    """A formatter with so many decimals."""
    return lambda x: fmt.number(float(x), digits)


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
    legend: Sequence[Entry | tuple[str, str]] = (),
    dates: Dates | None = None,
    header: Sequence[str] = (),
    rows: Sequence[Line] = (),
    values: Fragment | None = None,
) -> Fragment:
    """A canvas with caption, legend, and the numbers behind it.

    Parameters
    ----------
    canvas : Canvas
        Finished.
    name : str
        Prefix of the ids in it, unique in the page.
    title : str
        Caption.
    description : str
        What the picture shows, made from its numbers.
    key : str
        Entry of the curve or estimate that is drawn.
    legend : sequence of Entry
        Class of the swatch, its meaning, and what is read out.
    dates : array of datetime64[D], optional
        Dates of the values in the legend; without them nothing is read out.
    header, rows
        Table behind the chart; see :func:`~convex_research.core.fragments.table`.
    values : Fragment, optional
        The same as a finished table.
    """
    keys = [Entry(*entry) for entry in legend]
    read = [one for one in keys if one.values]
    picked = thin(read[0].values[0], _READ_POINTS) if read and dates is not None else None
    svg = to_svg(
        canvas.figure(),
        name=name,
        title=title,
        description=description,
        under="".join(canvas.under),
        over="".join(canvas.over),
    )
    items = "".join(_entry(one, picked) for one in keys)
    caption = tag("b", text(title)) + (tag("ul", items, class_="legend") if items else "")
    html = tag("figcaption", caption) + svg
    if values is not None:
        html += folded("Numbers behind this chart", values)
    elif rows:
        html += behind(title, header, rows)
    attributes = {"data_key": key, "id": name}
    if picked is not None and dates is not None:
        attributes |= _reading(canvas, dates[picked])
    return Fragment(tag("figure", html, **attributes), title)


def behind(title: str, header: Sequence[str], rows: Sequence[Line]) -> str:
    """The table behind a chart, folded."""
    few = len(rows) < MAX_ROWS
    label = "Numbers behind this chart" + ("" if few else f" ({len(rows)} evenly spaced values)")
    return folded(label, table(f"{title}: values", header, rows, sortable=True))


def folded(label: str, inner: Fragment, *, printed: bool = False) -> str:
    """Something a reader opens; on paper it stands open or is left out."""
    named = {"class_": "printed"} if printed else {}
    return tag("details", tag("summary", text(label)) + inner.html, **named)


def _entry(one: Entry, picked: Indices | None) -> str:
    swatch = tag("span", "", class_=f"swatch {one.style}")
    if not one.values or picked is None:
        return tag("li", swatch + text(one.label))
    columns = ";".join(
        " ".join(f"{x:.{one.digits}f}" if np.isfinite(x) else "" for x in column[picked])
        for column in one.values
    )
    attributes = {"data_y": columns, "data_digits": str(one.digits)}
    if one.unit:
        attributes["data_unit"] = one.unit
    return tag("li", swatch + text(one.label), **attributes)


def _reading(canvas: Canvas, dates: Dates) -> dict[str, str]:
    """Days (each as the step from the one before) and where they stand in the picture."""
    days = as_days(dates).astype(int)
    steps = np.diff(days, prepend=0)
    low, high = canvas.x
    scale = (WIDTH - canvas.left - canvas.right) / (high - low)
    top, bottom = canvas.span
    return {
        "data_x": " ".join(map(str, steps)),
        "data_scale": f"{canvas.left - scale * low:.6g} {scale:.8g}",
        "data_span": f"{top:g} {bottom:g}",
    }
