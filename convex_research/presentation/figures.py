"""Charts of a finished analysis, as SVG with the numbers behind them in a table.

No pyplot: figures are made and drawn directly, which costs a tenth and leaves no state.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.presentation import formatting as fmt
from convex_research.presentation.markup import Fragment, table, tag, text
from convex_research.presentation.svg import COLOURS, to_svg

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Dates = NDArray[np.datetime64]

__all__ = ["canvas", "chart", "plot_dates", "thin"]

MAX_POINTS = 300
MAX_ROWS = 60
_DPI = 72  # one SVG unit a point
_WIDTH, _HEIGHT = 640.0, 300.0


def thin(value: Array, limit: int = MAX_POINTS) -> NDArray[np.intp]:
    """Indices of at most ``limit`` points that keep every local extreme in sight.

    The series is cut into equal pieces and each keeps its lowest and highest point, so a
    peak is never lost, as it would be if every k-th point were kept.
    """
    good = np.flatnonzero(np.isfinite(value))
    if good.size <= limit:
        return good
    pieces = np.array_split(good, (limit - 2) // 2)
    kept = {int(good[0]), int(good[-1])}
    for piece in pieces:
        kept.add(int(piece[value[piece].argmin()]))
        kept.add(int(piece[value[piece].argmax()]))
    return np.array(sorted(kept), dtype=np.intp)


def canvas(height: float = _HEIGHT, *, left: float = 62.0) -> tuple[Any, Axes]:
    """An empty chart with quiet axes, laid out by hand: a layout engine costs 50 ms."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH / _DPI, height / _DPI), dpi=_DPI)
    figure.patch.set_visible(False)
    top, right, bottom = 12.0, 14.0, 30.0
    box = (
        left / _WIDTH,
        bottom / height,
        1.0 - (left + right) / _WIDTH,
        1.0 - (top + bottom) / height,
    )
    axes = figure.add_axes(box)
    axes.patch.set_visible(False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(COLOURS["muted"])
        axes.spines[side].set_linewidth(0.8)
    axes.tick_params(colors=COLOURS["muted"], labelsize=12, length=3, width=0.8)
    axes.grid(visible=True, axis="y", color=COLOURS["grid"], linewidth=0.8)
    axes.set_axisbelow(True)
    return figure, axes


def _as_number(dates: Dates) -> Array:
    return dates.astype("datetime64[D]").astype(np.float64)


def _date_ticks(first: np.datetime64, last: np.datetime64) -> tuple[list[float], list[str]]:
    """At most six round dates: years, quarters or months."""
    days = int((last - first).astype(int))
    months = next((m for m in (1, 3, 6, 12, 24, 48, 60, 120, 240) if days / 30.44 / m <= 6), 480)
    begin = -(-int(first.astype("datetime64[M]").astype(int)) // months) * months
    if np.datetime64(begin, "M") < first:
        begin += months
    stops = np.arange(begin, int(last.astype("datetime64[M]").astype(int)) + 1, months)
    stamps = stops.astype("datetime64[M]")
    labels = [str(s)[:4] if months >= 12 else str(s) for s in stamps]
    return list(_as_number(stamps.astype("datetime64[D]"))), labels


def plot_dates(axes: Axes, dates: Dates) -> None:
    """Ticks and limits of a time axis."""
    positions, labels = _date_ticks(dates[0], dates[-1])
    axes.set_xticks(positions, labels)
    ends = _as_number(np.array([dates[0], dates[-1]]))
    margin = 0.01 * (ends[1] - ends[0])
    axes.set_xlim(ends[0] - margin, ends[1] + margin)


def line(
    axes: Axes,
    dates: Dates,
    value: Array,
    *,
    colour: str = "a",
    dashes: str = "-",
    width: float = 1.6,
) -> None:
    """A line of at most 300 points; undefined stretches stay open."""
    at = thin(value)
    x, y = _as_number(dates[at]), value[at].astype(np.float64)
    undefined = np.flatnonzero(~np.isfinite(value))
    gaps = np.flatnonzero(np.searchsorted(undefined, at[1:]) > np.searchsorted(undefined, at[:-1]))
    x, y = np.insert(x, gaps + 1, np.nan), np.insert(y, gaps + 1, np.nan)
    axes.plot(
        x, y, color=COLOURS[colour], linestyle=dashes, linewidth=width, solid_capstyle="round"
    )


def band(axes: Axes, dates: Dates, low: Array, high: Array, *, colour: str = "band") -> None:
    """A shaded band of at most 150 points an edge."""
    good = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
    if not good.size:
        return
    points = min(good.size, MAX_POINTS // 2)
    at = good[np.unique(np.linspace(0, good.size - 1, points).astype(int))]
    axes.fill_between(
        _as_number(dates[at]), low[at], high[at], color=COLOURS[colour], alpha=0.16, linewidth=0
    )


def level(axes: Axes, height: float, *, colour: str = "muted", dashes: str = "--") -> None:
    """A horizontal reference line."""
    axes.axhline(height, color=COLOURS[colour], linestyle=dashes, linewidth=1.2)


def tick_format(axes: Axes, least: int, *, scale: float = 1.0, suffix: str = "") -> None:
    """Labels of the vertical axis: so many decimals, or as many as tell the ticks exactly."""
    low, high = axes.get_ylim()
    ticks = [float(t) for t in axes.get_yticks() if low <= t <= high]
    shown = [scale * t for t in ticks]
    if axes.get_yscale() == "log":  # ticks differ in size, so each has its own decimals
        labels = [_short(x, _exact_digits([x], least), suffix) for x in shown]
    else:
        digits = _exact_digits(shown, least)
        labels = [_short(x, digits, suffix) for x in shown]
    axes.set_yticks(ticks, labels)


def _exact_digits(values: list[float], least: int) -> int:
    digits = least
    while digits < 6 and any(abs(x - round(x, digits)) > 1e-6 * abs(x) for x in values):
        digits += 1
    return digits


def _short(x: float, digits: int, suffix: str) -> str:
    """A tick's label; millions are abbreviated, or they would not fit beside the axis."""
    if abs(x) < 1e6:
        return fmt.number(x, digits) + suffix
    return f"{fmt.number(1e-6 * x, _exact_digits([1e-6 * x], 0))}\N{NO-BREAK SPACE}M{suffix}"


def log_axis(axes: Axes, low: float, high: float) -> None:
    """A logarithmic vertical axis with at most about seven round ticks."""
    axes.set_yscale("log")
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps: tuple[int, ...] = (1, 2, 5) if len(decades) <= 3 else (1,)
    every = -(-len(decades) // 7)
    ticks = [step * 10.0**k for k in decades if k % every == 0 for step in steps]
    axes.set_ylim(low / 1.15, high * 1.15)
    axes.set_yticks(ticks)
    axes.minorticks_off()


def rows_of(dates: Dates, *columns: Array, show: Callable[[float], str]) -> list[list[str]]:
    """At most 60 evenly spaced rows for the table behind a chart; the last is kept."""
    defined = np.flatnonzero(np.isfinite(columns[0]))
    picked = defined[
        np.unique(np.linspace(0, defined.size - 1, min(defined.size, MAX_ROWS)).astype(int))
    ]
    return [[str(dates[i]), *(tag("td", text(show(c[i]))) for c in columns)] for i in picked[::-1]]


def decimals(digits: int) -> Callable[[float], str]:
    """A formatter with so many decimals."""
    return lambda x: fmt.number(float(x), digits)


def chart(
    figure: Any,
    *,
    name: str,
    title: str,
    description: str,
    key: str,
    legend: Sequence[tuple[str, str]] = (),
    header: Sequence[str] = (),
    rows: Sequence[Sequence[str]] = (),
) -> Fragment:
    """A figure with caption, legend, and the numbers behind it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Finished figure.
    name : str
        Prefix of the ids in it, unique in the page.
    title : str
        Caption.
    description : str
        What the picture shows, made from its numbers.
    key : str
        Key of the curve or estimate that is drawn.
    legend : sequence of (str, str)
        Class of the swatch and its meaning.
    header, rows
        Table behind the chart; see :func:`~convex_research.presentation.markup.table`.
    """
    svg = to_svg(figure, name=name, title=title, description=description)
    items = "".join(
        tag("li", tag("span", "", class_=f"swatch {style}") + text(words))
        for style, words in legend
    )
    caption = tag("b", text(title)) + (tag("ul", items, class_="legend") if items else "")
    html = svg + tag("figcaption", caption)
    if rows:
        behind = table(f"{title}: values", header, rows).html
        shown = "every value" if len(rows) < MAX_ROWS else f"{len(rows)} evenly spaced values"
        html += tag("details", tag("summary", f"Numbers behind this chart ({shown})") + behind)
    return Fragment(tag("figure", html, data_key=key, id=name), title)
