"""The canvas of every chart: SVG in the reader's own font, and the legend of what was drawn.

Colours are presentation attributes plus a class, so that the stylesheet can turn them for dark
mode and no ``style`` attribute is needed, which the pages' security policy forbids. Coordinates
have one decimal; the same data give the same bytes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from convex_research.core.arrays import runs, thin
from convex_research.core.fragments import text
from convex_research.presentation.charts.svg import number, paint, trace
from convex_research.presentation.charts.ticks import (
    as_days,
    date_ticks,
    exact_digits,
    log_ticks,
    round_ticks,
    shortened,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.core.estimates import Estimate
    from convex_research.core.typing import Array, ArrayLike, Dates

MAX_POINTS = 300
WIDTH = 760.0
_TOP, _BOTTOM = 10.0, 26.0
_SIZE = 12.5
# Of a line: what its swatch's class adds, and its attribute.
_DASHES = {
    "-": ("", ' stroke-linecap="round"'),
    "--": (" dashed", ' stroke-dasharray="5 3"'),
    ":": (" dotted", ' stroke-dasharray="1.5 2.5"'),
}


class Entry(NamedTuple):
    """One entry of a legend: class of its swatch, and what it stands for.

    The read-out shows its values on the chart's dates: one, or the two ends of a band.
    """

    style: str
    label: str
    values: tuple[Array, ...] = ()


class _Shape(NamedTuple):
    """A line or an area through points in data units, or a mark at each of them."""

    x: Array
    y: Array
    attributes: str
    mark: str = ""


class Canvas:
    """One chart in the making: what is drawn is kept in data units until it is finished.

    What is drawn with a label stands in the legend, in that order.

    Parameters
    ----------
    height : float
        In SVG units; the width is always :data:`WIDTH`.
    left, right : float
        Room for labels beside the data; the upright axis stands where there is more.
    digits, unit : int, str
        Decimals in the read-out, and what is written after each upright value.

    Attributes
    ----------
    x, y : tuple of float
        Limits of the axes. They follow the data until they are set.
    log : bool
        Whether the upright axis is logarithmic.
    legend : list of Entry
        What was drawn.
    days : array of datetime64[D], optional
        Dates of a time axis.
    under, over : list of str
        Finished SVG below and above the data.
    """

    def __init__(
        self,
        height: float = 300.0,
        *,
        left: float = 2.0,
        right: float = 50.0,
        digits: int = 2,
        unit: str = "",
    ) -> None:
        self.height, self.left, self.right = height, left, right
        self.digits, self.unit = digits, unit
        self.log = False
        self.legend: list[Entry] = []
        self.days: Dates | None = None
        self.under: list[str] = []
        self.over: list[str] = []
        self._shapes: list[_Shape] = []
        self._x: tuple[float, float] | None = None
        self._y: tuple[float, float] | None = None

    @property
    def x(self) -> tuple[float, float]:
        """Limits of the axis across."""
        return self._x or _extent([shape.x for shape in self._shapes], 0.0)

    @x.setter
    def x(self, limits: tuple[float, float]) -> None:
        self._x = limits

    @property
    def y(self) -> tuple[float, float]:
        """Limits of the upright axis, a twentieth beyond the data on both sides."""
        return self._y or _extent([shape.y for shape in self._shapes], 0.05)

    @y.setter
    def y(self, limits: tuple[float, float]) -> None:
        self._y = limits

    @property
    def span(self) -> tuple[float, float]:
        """Top and bottom of the data's rectangle."""
        return _TOP, self.height - _BOTTOM

    def at_x(self, x: Any) -> Any:
        """Horizontal place of values."""
        low, high = self.x
        return self.left + (WIDTH - self.left - self.right) * (x - low) / (high - low)

    def at_y(self, y: Any) -> Any:
        """Vertical place of values."""
        low, high = self.y
        if self.log:
            low, high, y = math.log(low), math.log(high), np.log(y)
        top, bottom = self.span
        return bottom - (bottom - top) * (y - low) / (high - low)

    def svg(self, name: str, title: str, description: str) -> str:
        """The picture; title and description are for a person who cannot see it.

        ``name`` is the prefix of its ids, unique in the page.
        """
        drawn = "".join((*self.under, *map(self._path, self._shapes), *self.over))
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" '
            f'viewBox="0 0 {WIDTH:g} {self.height:g}" '
            f'aria-labelledby="{name}-title {name}-desc">'
            f'<title id="{name}-title">{text(title)}</title>'
            f'<desc id="{name}-desc">{text(description)}</desc>{drawn}</svg>'
        )

    def _path(self, shape: _Shape) -> str:
        """What is drawn; what lies beyond the limits lies on the edge."""
        x, y = self.at_x(shape.x), np.clip(self.at_y(shape.y), *self.span)
        if shape.mark:
            places = zip(x, y, strict=True)
            data = "".join(f"M{number(at)} {number(height)}{shape.mark}" for at, height in places)
        else:
            pieces = runs(np.isfinite(x + y))
            data = "".join(trace(np.column_stack([x[run], y[run]])) for run in pieces)
        return f'<path{shape.attributes} d="{data}"/>'

    def _draw(
        self,
        x: ArrayLike,
        y: ArrayLike,
        attributes: str,
        *,
        alpha: float | None = None,
        mark: str = "",
        under: bool = False,
    ) -> None:
        opacity = f' opacity="{alpha:g}"' if alpha else ""
        at, height = np.asarray(x, np.float64), np.asarray(y, np.float64)
        if np.isfinite(at * height).any():
            shape = _Shape(at, height, attributes + opacity, mark)
            self._shapes.insert(0 if under else len(self._shapes), shape)

    def _name(self, style: str, label: str, values: tuple[Array, ...] = ()) -> None:
        if label:
            self.legend.append(Entry(style, label, values))

    def line(self, dates: Dates, value: Array, label: str = "", **style: Any) -> None:
        """A line of at most 300 points; undefined stretches stay open. See :meth:`path`."""
        at = thin(value, MAX_POINTS)
        x, y = as_days(dates[at]), value[at].astype(np.float64)
        undefined = np.flatnonzero(~np.isfinite(value))
        gaps = np.flatnonzero(
            np.searchsorted(undefined, at[1:]) > np.searchsorted(undefined, at[:-1])
        )
        x, y = np.insert(x, gaps + 1, np.nan), np.insert(y, gaps + 1, np.nan)
        self.path(x, y, label, read=(value,), **style)

    def path(
        self,
        x: ArrayLike,
        y: ArrayLike,
        label: str = "",
        *,
        colour: str = "a",
        dashes: str = "-",
        width: float = 1.6,
        alpha: float | None = None,
        under: bool = False,
        read: tuple[Array, ...] = (),
    ) -> None:
        """A line through points, above or under the others; NaN lifts the pen."""
        swatch, ends = _DASHES[dashes]
        attributes = f'{paint(stroke=colour)} fill="none" stroke-width="{width:g}"{ends}'
        self._draw(x, y, attributes, alpha=alpha, under=under)
        self._name(f"s-{colour}{swatch}", label, read)

    def band(self, dates: Dates, low: Array, high: Array, label: str = "", **style: Any) -> None:
        """A shaded band with the extremes of both edges. See :meth:`area`."""
        at = np.union1d(thin(low, MAX_POINTS // 2), thin(high, MAX_POINTS // 2))
        at = at[np.isfinite(low[at] + high[at])]
        self.area(as_days(dates[at]), low[at], high[at], label, read=(low, high), **style)

    def area(
        self,
        x: ArrayLike,
        low: ArrayLike,
        high: ArrayLike,
        label: str = "",
        *,
        colour: str = "band",
        alpha: float = 0.17,
        read: tuple[Array, ...] = (),
    ) -> None:
        """A shaded area between two lines, under all lines."""
        at, edges = np.asarray(x, np.float64), (np.asarray(low), np.asarray(high)[::-1])
        x, y = np.append(at, at[::-1]), np.append(*edges)
        self._draw(x, y, paint(fill=colour), alpha=alpha, under=True)
        self._name("s-band" if colour == "band" else f"s-{colour}-band", label, read)

    def level(self, height: float, label: str = "", *, dashes: str = "--") -> None:
        """A horizontal reference line from edge to edge."""
        y, (swatch, ends) = number(self.at_y(height)), _DASHES[dashes]
        self.over.append(
            f'<path{paint(stroke="muted")} stroke-width="1.3"{ends} '
            f'd="M{number(self.left)} {y}H{number(WIDTH - self.right)}"/>'
        )
        self._name(f"s-muted{swatch}", label)

    def dots(
        self,
        x: ArrayLike,
        y: ArrayLike,
        label: str = "",
        *,
        colour: str = "a",
        size: float = 6.0,
        alpha: float | None = None,
    ) -> None:
        """Round dots: each is a line without length and with round ends."""
        attributes = f'{paint(stroke=colour)} stroke-width="{size:g}" stroke-linecap="round"'
        self._draw(x, y, attributes, alpha=alpha, mark="h0")
        self._name(f"dot f-{colour}", label)

    def marks(self, x: ArrayLike, y: ArrayLike, outline: str, *, colour: str = "a") -> None:
        """Marks of any shape: ``outline`` is SVG path data that begins in their middle."""
        self._draw(x, y, paint(fill=colour), mark=outline)

    def estimates(
        self, at: ArrayLike, estimates: Sequence[Estimate], label: str = "", *, colour: str = "a"
    ) -> None:
        """Dots with upright intervals, which are left out where an end is open."""
        ends = [end for one in estimates for end in (one.low, one.high, None)]
        self.path(np.repeat(at, 3), np.array(ends, float), colour=colour, width=2.2, alpha=0.55)
        self.dots(at, [one.value for one in estimates], label, colour=colour)

    def say(
        self,
        x: float,
        y: float,
        label: str,
        *,
        anchor: Literal["start", "middle", "end"] = "start",
        colour: str = "muted",
        optional: bool = False,
        halo: bool = False,
    ) -> None:
        """A label at a place in SVG units; optional ones give way on a narrow screen."""
        names = ["s-paper"] * halo + ["alt"] * optional
        placed = f' text-anchor="{anchor}"' if anchor != "start" else ""
        if halo:  # lines behind the label stay apart from it
            placed += ' stroke="#ffffff" stroke-width="3" paint-order="stroke"'
        self.over.append(
            f'<text{paint(*names, fill=colour)} x="{number(x)}" y="{number(y)}" '
            f'font-size="{_SIZE}"{placed}>{text(label)}</text>'
        )

    def x_ticks(self, positions: Sequence[float], labels: Sequence[str]) -> None:
        """The line below the data with labelled ticks; a narrow screen shows every second."""
        bottom = self.span[1]
        marks = [f"M{number(self.left)} {number(bottom)}H{number(WIDTH - self.right)}"]
        crowded = sum(len(label) for label in labels) > 22
        for k, (position, label) in enumerate(zip(positions, labels, strict=True)):
            x = self.at_x(position)
            marks.append(f"M{number(x)} {number(bottom)}v4")
            half = 3.4 * len(label)
            anchor: Literal["start", "middle", "end"] = "middle"
            if x - half < 0.0:
                anchor, x = "start", max(x - half, 0.0)
            elif x + half > WIDTH:
                anchor, x = "end", min(x + half, WIDTH)
            skipped = crowded and (len(labels) - 1 - k) % 2 == 1
            self.say(x, bottom + 18.0, label, anchor=anchor, optional=skipped)
        self.under.append(_rule("muted", "".join(marks)))

    def y_ticks(self, positions: Sequence[float], labels: Sequence[str]) -> None:
        """Grid lines and their labels beside the data."""
        grid = ""
        for position, label in zip(positions, labels, strict=True):
            y = self.at_y(position)
            grid += f"M{number(self.left)} {number(y)}H{number(WIDTH - self.right)}"
            if self.left > self.right:
                self.say(self.left - 7.0, y + 4.0, label, anchor="end")
            else:
                self.say(WIDTH - self.right + 7.0, y + 4.0, label)
        self.under.insert(0, _rule("grid", grid))

    def dates(self, dates: Dates) -> None:
        """Limits and ticks of a time axis."""
        self.days = dates
        first, last = as_days(dates[[0, -1]])
        self.x = (first, last) if first < last else (first - 1.0, last + 1.0)
        self.x_ticks(*date_ticks(dates[0], dates[-1]))

    def years(self, years: Sequence[int]) -> None:
        """Limits and at most twelve ticks of an axis of calendar years."""
        self.x = (min(years) - 0.7, max(years) + 0.7)
        ticks = sorted(years)[::-1][:: -(-len(years) // 12)][::-1]
        self.x_ticks(ticks, [str(year) for year in ticks])

    def values(self, least: int) -> None:
        """Round ticks of the upright axis, with so many decimals or as many as they need."""
        low, high = self.y
        ticks = log_ticks(low, high) if self.log else round_ticks(low, high)
        ticks = [t for t in ticks if low - 1e-9 * abs(low) <= t <= high + 1e-9 * abs(high)]
        # Ticks of a logarithmic axis differ in size: each has its own decimals.
        digits = [exact_digits([t] if self.log else ticks, least) for t in ticks]
        labels = [shortened(t, d, self.unit) for t, d in zip(ticks, digits, strict=True)]
        self.y_ticks(ticks, labels)

    def numbers_below(self, *, suffix: str = "") -> None:
        """Round ticks of a horizontal axis of numbers, with a line at zero."""
        low, high = self.x
        ticks = [t for t in round_ticks(low, high, about=7) if low <= t <= high]
        digits = exact_digits(ticks, 0)
        self.x_ticks(ticks, [shortened(t, digits, suffix) for t in ticks])
        if low < 0.0 < high:
            top, bottom = self.span
            self.under.append(
                _rule("muted", f"M{number(self.at_x(0.0))} {number(top)}V{number(bottom)}")
            )


def _extent(values: Sequence[Array], margin: float) -> tuple[float, float]:
    """Lowest and highest of all values, a share of their distance wider on both sides."""
    low, high = min(float(np.nanmin(v)) for v in values), max(float(np.nanmax(v)) for v in values)
    if low == high:
        low, high = low - (abs(low) or 1.0) * 0.05, high + (abs(high) or 1.0) * 0.05
    room = margin * (high - low)
    return low - room, high + room


def _rule(colour: str, data: str) -> str:
    """A thin line of the axes."""
    return f'<path{paint(stroke=colour)} fill="none" stroke-width="0.8" d="{data}"/>'
