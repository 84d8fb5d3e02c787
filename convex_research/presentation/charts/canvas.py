"""The canvas of every chart: lines and areas by matplotlib, axes written by hand.

matplotlib's own axes, ticks and layout cost ten times what the data cost to draw, so a
canvas has none: grid and labels are written straight into the SVG, where the reader's
own font sets them. No pyplot either: figures are made and drawn directly.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from convex_research.core.arrays import thin
from convex_research.core.fragments import text
from convex_research.presentation.charts.shapes import Shape
from convex_research.presentation.charts.svg import COLOURS, number, paint
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

    from matplotlib.figure import Figure

    from convex_research.core.typing import Array, ArrayLike, Dates

__all__ = ["MAX_POINTS", "WIDTH", "Canvas"]

MAX_POINTS = 300
WIDTH = 760.0
_TOP, _BOTTOM = 10.0, 26.0
_DPI = 72  # one SVG unit a point
_SIZE = 12.5


class Canvas:
    """One chart in the making: what is drawn is kept in data units until it is finished.

    Parameters
    ----------
    height : float
        In SVG units; the width is always :data:`WIDTH`.
    left, right : float
        Room for labels beside the data.

    Attributes
    ----------
    x, y : tuple of float
        Limits of the axes. They follow the data until they are set.
    log : bool
        Whether the upright axis is logarithmic.
    under, over : list of str
        Finished SVG below and above the data.
    """

    def __init__(self, height: float = 300.0, *, left: float = 2.0, right: float = 50.0) -> None:
        self.height, self.left, self.right = height, left, right
        self.log = False
        self.under: list[str] = []
        self.over: list[str] = []
        self._shapes: list[Shape] = []
        self._x: tuple[float, float] | None = None
        self._y: tuple[float, float] | None = None

    @property
    def x(self) -> tuple[float, float]:
        """Limits of the axis across."""
        return self._x or self._extent(0, 0.0)

    @x.setter
    def x(self, limits: tuple[float, float]) -> None:
        self._x = limits

    @property
    def y(self) -> tuple[float, float]:
        """Limits of the upright axis, a twentieth beyond the data on both sides."""
        return self._y or self._extent(1, 0.05)

    @y.setter
    def y(self, limits: tuple[float, float]) -> None:
        self._y = limits

    def _extent(self, column: int, margin: float) -> tuple[float, float]:
        ends = [shape.extent[column] for shape in self._shapes]
        low, high = min(e[0] for e in ends), max(e[1] for e in ends)
        if low == high:
            low, high = low - (abs(low) or 1.0) * 0.05, high + (abs(high) or 1.0) * 0.05
        room = margin * (high - low)
        return low - room, high + room

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

    def figure(self) -> Figure:
        """What was drawn, as a matplotlib figure without axes."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(WIDTH / _DPI, self.height / _DPI), dpi=_DPI)
        figure.patch.set_visible(False)
        for shape in self._shapes:
            figure.add_artist(shape.artist(self.at_x(shape.x), self.height - self.at_y(shape.y)))
        return figure

    def line(
        self,
        dates: Dates,
        value: Array,
        *,
        colour: str = "a",
        dashes: str = "-",
        width: float = 1.6,
    ) -> None:
        """A line of at most 300 points; undefined stretches stay open."""
        at = thin(value, MAX_POINTS)
        x, y = as_days(dates[at]), value[at].astype(np.float64)
        undefined = np.flatnonzero(~np.isfinite(value))
        gaps = np.flatnonzero(
            np.searchsorted(undefined, at[1:]) > np.searchsorted(undefined, at[:-1])
        )
        x, y = np.insert(x, gaps + 1, np.nan), np.insert(y, gaps + 1, np.nan)
        self.path(x, y, colour=colour, dashes=dashes, width=width)

    def path(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        colour: str = "a",
        dashes: str = "-",
        width: float = 1.6,
        alpha: float | None = None,
    ) -> None:
        """A line through points; NaN lifts the pen."""
        style = {"color": COLOURS[colour], "linestyle": dashes, "linewidth": width, "alpha": alpha}
        self._draw("line", x, y, {**style, "solid_capstyle": "round"})

    def _draw(self, kind: str, x: ArrayLike, y: ArrayLike, style: dict[str, Any]) -> None:
        shape = Shape(kind, np.asarray(x, np.float64), np.asarray(y, np.float64), style)
        if np.isfinite(shape.x * shape.y).any():
            self._shapes.append(shape)

    def band(self, dates: Dates, low: Array, high: Array, **style: Any) -> None:
        """A shaded band with the extremes of both edges; see :meth:`area` for its style."""
        at = np.union1d(thin(low, MAX_POINTS // 2), thin(high, MAX_POINTS // 2))
        at = at[np.isfinite(low[at] + high[at])]
        self.area(as_days(dates[at]), low[at], high[at], **style)

    def area(
        self,
        x: ArrayLike,
        low: ArrayLike,
        high: ArrayLike,
        *,
        colour: str = "band",
        alpha: float = 0.17,
    ) -> None:
        """A shaded area between two lines."""
        at, edges = np.asarray(x, np.float64), (np.asarray(low), np.asarray(high)[::-1])
        style = {"facecolor": COLOURS[colour], "alpha": alpha, "linewidth": 0}
        self._draw("area", np.append(at, at[::-1]), np.append(*edges), style)

    def level(self, height: float, *, colour: str = "muted", dashes: str = "--") -> None:
        """A horizontal reference line from edge to edge."""
        y, dash = number(self.at_y(height)), {"--": "5 3", ":": "1.5 2.5", "-": "none"}[dashes]
        self.over.append(
            f"<path{paint(stroke=colour)} "
            f'd="M{number(self.left)} {y}H{number(WIDTH - self.right)}" stroke-width="1.3" '
            f'stroke-dasharray="{dash}"/>'
        )

    def dots(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        colour: str = "a",
        size: float = 6.0,
        alpha: float | None = None,
    ) -> None:
        """Round dots, all in one path: each is a line without length and with round ends."""
        style = {"edgecolor": COLOURS[colour], "linewidth": size, "alpha": alpha}
        self._draw("dots", x, y, {**style, "facecolor": "none", "capstyle": "round"})

    def marks(self, x: ArrayLike, y: ArrayLike, marker: str, *, colour: str = "a") -> None:
        """Marks of a shape matplotlib knows, such as ``"s"`` or ``"D"``."""
        style = {"color": COLOURS[colour], "marker": marker, "markersize": 6, "linestyle": "none"}
        self._draw("line", x, y, style)

    def whiskers(
        self, at: Sequence[float], low: Sequence[float], high: Sequence[float], *, colour: str = "a"
    ) -> None:
        """Vertical intervals, all in one path."""
        x = np.repeat(np.asarray(at, float), 3)
        y = np.column_stack([low, high, np.full(len(at), np.nan)]).ravel()
        x[2::3] = np.nan
        self.path(x, y, colour=colour, width=2.2, alpha=0.55)

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
            f'font-size="{_SIZE}"{placed}>'
            f"{text(label)}</text>"
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
        self.under.append(
            f'<path{paint(stroke="muted")} fill="none" stroke-width="0.8" d="{"".join(marks)}"/>'
        )

    def y_ticks(
        self,
        positions: Sequence[float],
        labels: Sequence[str],
        *,
        side: Literal["left", "right"] = "right",
    ) -> None:
        """Grid lines and their labels beside the data."""
        marks = []
        for position, label in zip(positions, labels, strict=True):
            y = self.at_y(position)
            marks.append(f"M{number(self.left)} {number(y)}H{number(WIDTH - self.right)}")
            if side == "right":
                self.say(WIDTH - self.right + 7.0, y + 4.0, label)
            else:
                self.say(self.left - 7.0, y + 4.0, label, anchor="end")
        self.under.insert(
            0, f'<path{paint(stroke="grid")} fill="none" stroke-width="0.8" d="{"".join(marks)}"/>'
        )

    def dates(self, dates: Dates) -> None:
        """Limits and ticks of a time axis."""
        ends = as_days(np.array([dates[0], dates[-1]]))
        if ends[0] == ends[1]:
            ends = ends + np.array([-1.0, 1.0])
        self.x = (float(ends[0]), float(ends[1]))
        self.x_ticks(*date_ticks(dates[0], dates[-1]))

    def years(self, years: Sequence[int]) -> None:
        """Limits and at most twelve ticks of an axis of calendar years."""
        self.x = (min(years) - 0.7, max(years) + 0.7)
        ticks = sorted(years)[::-1][:: -(-len(years) // 12)][::-1]
        self.x_ticks(ticks, [str(year) for year in ticks])

    def values(
        self,
        least: int,
        *,
        scale: float = 1.0,
        suffix: str = "",
        side: Literal["left", "right"] = "right",
    ) -> None:
        """Round ticks of the vertical axis, with so many decimals or as many as they need."""
        low, high = self.y
        if self.log:
            ticks = log_ticks(low, high)
        else:
            ticks = round_ticks(scale * low, scale * high)
            ticks = [t / scale for t in ticks]
        ticks = [t for t in ticks if low - 1e-9 * abs(low) <= t <= high + 1e-9 * abs(high)]
        shown = [scale * t for t in ticks]
        if self.log:  # ticks differ in size: each has its own decimals
            labels = [shortened(x, exact_digits([x], least), suffix) for x in shown]
        else:
            digits = exact_digits(shown, least)
            labels = [shortened(x, digits, suffix) for x in shown]
        self.y_ticks(ticks, labels, side=side)

    def numbers_below(self, *, suffix: str = "") -> None:
        """Round ticks of a horizontal axis of numbers, with a line at zero."""
        low, high = self.x
        ticks = [t for t in round_ticks(low, high, about=7) if low <= t <= high]
        digits = exact_digits(ticks, 0)
        self.x_ticks(ticks, [shortened(t, digits, suffix) for t in ticks])
        if low < 0.0 < high:
            top, bottom = self.span
            self.under.append(
                f'<path{paint(stroke="muted")} stroke-width="0.8" '
                f'd="M{number(self.at_x(0.0))} {number(top)}V{number(bottom)}"/>'
            )

    def logarithmic(self, low: float, high: float) -> None:
        """A logarithmic vertical axis."""
        self.log, self.y = True, (low / 1.12, high * 1.12)
