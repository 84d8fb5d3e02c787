"""A picture's frame: where values stand, its axes, and its words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from convex_research.core.fragments import text
from convex_research.presentation.charts.marks import Bars, Dots, Intervals, Note
from convex_research.presentation.charts.svg import number, paint
from convex_research.presentation.charts.ticks import (
    date_ticks,
    exact_digits,
    log_ticks,
    round_ticks,
    shortened,
)

if TYPE_CHECKING:
    from convex_research.presentation.charts.marks import Axis, Mark, Plot

__all__ = ["HERO", "MINI", "NARROW", "WIDE", "Frame", "Size"]


class Size(NamedTuple):
    """Of a picture: width, height of an upright scale, height of a row, size of its text."""

    width: float
    height: float
    row: float
    text: float
    most: int

    @property
    def letter(self) -> float:
        """About the width of a letter."""
        return 0.54 * self.text


MINI = Size(272.0, 96.0, 19.0, 11.0, 120)
NARROW = Size(340.0, 210.0, 22.0, 11.5, 120)
WIDE = Size(760.0, 250.0, 24.0, 12.0, 220)
HERO = Size(1104.0, 262.0, 24.0, 12.0, 300)


class Frame:
    """Where the values of a plot stand in a picture of some size.

    Parameters
    ----------
    plot : Plot
        Marks and axes.
    size : Size
        Of the picture.

    Attributes
    ----------
    width, height : float
        Of the picture.
    left, right, top, bottom : float
        Edges of the data.
    """

    def __init__(self, plot: Plot, size: Size) -> None:
        self.plot, self.size = plot, size
        self.mini, self.wide = size is MINI, size.width >= WIDE.width
        tall = 150.0 if any(isinstance(m, Dots) for m in plot.marks) else size.height
        tall = tall if self.mini else size.height * (1.35 if tall < size.height else 1.0)
        rows = plot.count
        self.height = size.row * rows + 26.0 if rows else tall
        self.width, self.top = size.width, 7.0 if not plot.y.name else 20.0
        self.bottom = self.height - 22.0
        each = 26.0 if self.mini else 42.0
        self._upright = self._ticks(plot.y, self.bottom - self.top, each)
        self.left, self.right = self._sides()

    def _sides(self) -> tuple[float, float]:
        """Edges of the data, with room for labels, for written values and for what comes next."""
        letter, plot = self.size.letter, self.plot
        longest = max((len(label) for _, label in self._upright), default=0)
        left = min(0.5 * self.width, 11.0 + letter * longest) if longest else 4.0
        written = [len(words) for mark in plot.marks for words in self.written(mark)]
        if self.wide:
            written += [len(m.words) for m in plot.marks if isinstance(m, Note) and m.outside]
        right = 10.0 + 1.06 * letter * max(written) if written else 16.0
        if plot.strip:
            right = 132.0 if self.wide else 72.0
        return left, self.width - min(right, 0.45 * self.width)

    def written(self, mark: Mark) -> tuple[str, ...]:
        """What stands right of the data: values of rows where there is room, of bars always."""
        if isinstance(mark, Intervals) and self.wide and not mark.upright:
            return tuple(mark.words(k) for k in range(len(mark.rows)))
        return mark.words if isinstance(mark, Bars) and not mark.upright else ()

    def at_x(self, x: Any) -> Any:
        """Horizontal place of values."""
        return _placed(self.plot.x, x, self.left, self.right)

    def at_y(self, y: Any) -> Any:
        """Vertical place of values."""
        return _placed(self.plot.y, y, self.bottom, self.top)

    def _ticks(self, axis: Axis, room: float, each: float) -> list[tuple[float, str]]:
        """Values with their labels, no more than have room."""
        if axis.kind == "label":
            sign = -1.0 if axis is self.plot.y else 1.0
            most = int((0.5 * self.width - 11.0) / self.size.letter) if sign < 0 else 60
            return [(sign * k, _cut(one, most)) for k, one in enumerate(axis.labels) if one]
        most = max(2, int(room / each))
        if axis.kind == "date":
            return list(zip(*date_ticks(axis.low, axis.high, most), strict=True))
        ticks = list(axis.at)
        if not ticks:
            if axis.kind == "log":
                ticks = log_ticks(axis.low, axis.high, most)
            else:
                ticks = round_ticks(axis.low, axis.high, most=most)
        if axis.kind == "year":
            ticks = [tick for tick in ticks if tick == round(tick)]
            return [(tick, f"{tick:.0f}") for tick in ticks if axis.low <= tick <= axis.high]
        slack = 1e-9 * max(abs(axis.low), abs(axis.high))
        ticks = [t for t in ticks if axis.low - slack <= t <= axis.high + slack]
        log = axis.kind == "log"  # its ticks differ in size: each has its own decimals
        digits = [exact_digits([t] if log else ticks, 0) for t in ticks]
        return [
            (t, shortened(t, d, axis.unit, plus=axis.plus and t != 0.0))
            for t, d in zip(ticks, digits, strict=True)
        ]

    def axes(self) -> list[str]:
        """Grid, baseline and ticks."""
        drawn, plot = [], self.plot
        across = self._ticks(plot.x, self.right - self.left, 62.0 if self.mini else 84.0)
        left, right, bottom = map(number, (self.left, self.right, self.bottom))
        if plot.y.kind != "label":
            grid = "".join(f"M{left} {number(self.at_y(t))}H{right}" for t, _ in self._upright)
            drawn.append(_thin("grid", grid))
        if plot.y.kind == "label" or any(label for _, label in across):
            marks = "".join(f"M{number(self.at_x(t))} {bottom}v3" for t, _ in across)
            drawn.append(_thin("axis", f"M{left} {bottom}H{right}" + marks))
        for tick, label in self._upright:
            colour = "text" if plot.y.kind == "label" else "muted"
            y = self.at_y(tick) + 0.35 * self.size.text
            drawn.append(self.say(self.left - 7.0, y, label, anchor="end", colour=colour))
        ends = -99.0
        for tick, label in across:
            half, x = 0.5 * self.size.letter * len(label), self.at_x(tick)
            x = min(max(x, half), self.width - half)
            if x - half < ends + 5.0:
                continue  # it would touch the one before
            ends = x + half
            drawn.append(self.say(x, self.bottom + 15.0, label, anchor="middle"))
        if plot.x.low < 0.0 < plot.x.high and plot.x.kind == "number" and not plot.count:
            x = number(self.at_x(0.0))
            drawn.append(_thin("grid", f"M{x} {number(self.top)}V{bottom}"))
        if plot.y.low < 0.0 < plot.y.high and plot.y.kind == "number":
            drawn.append(_thin("axis", f"M{left} {number(self.at_y(0.0))}H{right}"))
        if plot.y.name:
            drawn.append(self.say(self.left, 12.0, plot.y.name))
        if plot.x.name:
            y = self.bottom - 5.0
            drawn.append(self.say(self.right, y, plot.x.name, anchor="end", halo=True))
        return drawn

    def say(
        self,
        x: float,
        y: float,
        words: str,
        *,
        anchor: Literal["start", "middle", "end"] = "start",
        colour: str = "muted",
        bold: bool = False,
        halo: bool = False,
    ) -> str:
        """Words at a place; a halo keeps lines behind them apart."""
        drawn = f' text-anchor="{anchor}"' if anchor != "start" else ""
        drawn += ' font-weight="600"' if bold else ""
        if halo:
            drawn += ' stroke="#ffffff" stroke-width="3" paint-order="stroke"'
        names = ("s-paper",) * halo
        return (
            f'<text{paint(*names, fill=colour)} x="{number(x)}" y="{number(y)}"'
            f"{drawn}>{text(words)}</text>"
        )


def _placed(axis: Axis, value: Any, first: float, last: float) -> Any:
    low, high = axis.low, axis.high
    if axis.kind == "log":
        low, high, value = math.log(low), math.log(high), np.log(value)
    return first + (last - first) * (np.asarray(value, np.float64) - low) / (high - low)


def _thin(colour: str, data: str) -> str:
    """A thin line of the axes."""
    return f'<path{paint(stroke=colour)} fill="none" stroke-width="1" d="{data}"/>'


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"
