"""A plot as SVG, in the reader's own font, at the size it is asked for.

Colours are presentation attributes plus a class, so that the stylesheet can turn them for dark
mode and no ``style`` attribute is needed, which the pages' security policy forbids. Coordinates
have one decimal; the same data give the same bytes.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.core.arrays import runs, thin
from convex_research.core.fragments import text
from convex_research.presentation.charts.frame import HERO, MINI, NARROW, WIDE, Frame, Size
from convex_research.presentation.charts.marks import (
    Band,
    Bars,
    Dots,
    Intervals,
    Line,
    Note,
    Rule,
    Zone,
)
from convex_research.presentation.charts.svg import number, paint, trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.core.typing import Array
    from convex_research.presentation.charts.marks import Mark, Plot, Strip

__all__ = ["HERO", "MINI", "NARROW", "WIDE", "Drawing", "Size"]


_DASHES = {
    "-": ' stroke-linecap="round" stroke-linejoin="round"',
    "--": ' stroke-dasharray="5 3"',
    ":": ' stroke-dasharray="1.5 3"',
}
_HATCH = 5.0
_CAP = 4.0


class Drawing(Frame):
    """A plot on its way to SVG.

    Parameters
    ----------
    plot : Plot
        Marks and axes.
    size : Size
        Of the picture.
    """

    def __init__(self, plot: Plot, size: Size) -> None:
        super().__init__(plot, size)
        self._boxes: list[tuple[float, float, float, float]] = []
        self._over: list[str] = []
        self._named = self.left  # where the next name of bars begins

    def svg(self, title: str, description: str, paper: str = "") -> str:
        """The picture; title and description are for a person who cannot see it.

        ``paper`` is finished SVG below everything, for a picture that stands alone.
        """
        # Areas lie under the axes and these under the lines, whatever the order of the marks.
        areas = [m for m in self.plot.marks if isinstance(m, Band | Zone)]
        lines = [m for m in self.plot.marks if not isinstance(m, Band | Zone)]
        under = paper + "".join((*map(self._mark, areas), *self.axes()))
        data = "".join(map(self._mark, lines))
        strip = self._strip(self.plot.strip) if self.plot.strip else ""
        hidden = ' display="none"' if self.size is NARROW else ""  # the stylesheet shows it
        name = "mini" if self.mini else "chart wid" if self.wide else "chart nar"
        alone = ' xmlns="http://www.w3.org/2000/svg"' if paper else ""
        size = f'width="{self.width:g}" height="{number(self.height)}"'
        return (
            f'<svg{alone} class="{name}" role="img" {size} font-size="{self.size.text:g}" '
            f'viewBox="0 0 {self.width:g} {number(self.height)}"{hidden}{self._reading()}>'
            f"<title>{text(title)}</title><desc>{text(description)}</desc>"
            f"{under}{data}{strip}{''.join(self._over)}</svg>"
        )

    def _reading(self) -> str:
        """Where days stand in the picture, for the script that reads values off it."""
        if self.plot.x.kind != "date" or self.mini:
            return ""
        scale = (self.right - self.left) / (self.plot.x.high - self.plot.x.low)
        shift = self.left - scale * self.plot.x.low
        span = f"{number(self.top)} {number(self.bottom)}"
        return f' data-scale="{shift:.6g} {scale:.8g}" data-span="{span}"'

    def _mark(self, mark: Mark) -> str:
        drawn: dict[type, Callable[[Any], str]] = {
            Line: self._line,
            Band: self._band,
            Dots: self._dots,
            Intervals: self._intervals,
            Bars: self._bars,
            Rule: self._reference,
            Zone: self._zone,
            Note: self._note,
        }
        return drawn[type(mark)](mark)

    def _within(self, y: Array) -> Array:
        """Vertical places; what lies beyond the limits lies on the edge."""
        return np.asarray(np.clip(self.at_y(y), self.top, self.bottom))

    def _points(self, x: Array, y: Array) -> Array:
        """Places of points; those of a large picture stand on whole pixels across."""
        across = self.at_x(x)
        return np.column_stack([across.round() if self.wide else across, self._within(y)])

    def _line(self, one: Line) -> str:
        at = thin(one.y, self.size.most)
        undefined = np.flatnonzero(~np.isfinite(one.y))
        gaps = np.flatnonzero(
            np.searchsorted(undefined, at[1:]) > np.searchsorted(undefined, at[:-1])
        )
        points = self._points(one.x[at], one.y[at])
        data = "".join(map(trace, np.split(points, gaps + 1))) if at.size else ""
        width = one.width if not self.mini else 0.75 * one.width
        return (
            f'<path{paint(stroke=one.colour)} fill="none" stroke-width="{width:g}"'
            f'{_DASHES[one.dashes]} d="{data}"/>'
        )

    def _band(self, one: Band) -> str:
        """Both edges with their extremes; one that is level needs its two ends only."""
        most, drawn = self.size.most // 2, ""
        for run in runs(np.isfinite(one.low + one.high)):
            edges = []
            for end in (one.low[run], one.high[run]):
                at = thin(end, most) if np.ptp(end) > 0.0 else np.array([0, end.size - 1])
                edges.append(self._points(one.x[run][at], end[at]))
            drawn += trace(np.concatenate([edges[0], edges[1][::-1]])) + "z"
        return f'<path{paint(fill=one.colour)} fill-opacity="{one.alpha:g}" d="{drawn}"/>'

    def _dots(self, one: Dots) -> str:
        """Each is a line without length and with round ends, or an outline of its own."""
        if not one.x.size:
            return ""
        places = zip(self.at_x(one.x), self.at_y(one.y), strict=True)
        if one.outline:
            data = "".join(f"M{number(x)} {number(y)}{one.outline}" for x, y in places)
            return f'<path{paint(fill=one.colour)} d="{data}"/>'
        data = "".join(f"M{number(x)} {number(y)}h0" for x, y in places)
        opacity = f' stroke-opacity="{one.alpha:g}"' if one.alpha < 1.0 else ""
        return (
            f'<path{paint(stroke=one.colour)} stroke-width="{one.size:g}" '
            f'stroke-linecap="round"{opacity} d="{data}"/>'
        )

    def _intervals(self, one: Intervals) -> str:
        """Bars with caps and a dot at the value; many beside one another have no caps."""
        along, across = (self.at_y, self.at_x) if one.upright else (self.at_x, self.at_y)
        edges = sorted((self.top, self.bottom) if one.upright else (self.left, self.right))
        lines: dict[str, list[str]] = {}
        dots: dict[str, list[str]] = {}
        cap = 0.0 if one.upright and len(one.rows) > 8 else _CAP
        for k, row in enumerate(one.rows):
            at = float(across(one.at[k]))
            parts = lines.setdefault(row.colour, [])
            if not np.isnan(one.low[k]):
                ends = [
                    float(along(end)) if np.isfinite(end) else edges[int((end > 0) != one.upright)]
                    for end in (one.low[k], one.high[k])
                ]
                held = [min(max(end, edges[0]), edges[1]) for end in ends]
                parts.append(_stroke(held[0], held[1], at, upright=one.upright))
                open_ends = (one.low[k], one.high[k])
                for end, place, known in zip(ends, held, open_ends, strict=True):
                    if cap and end == place and np.isfinite(known):
                        parts.append(_stroke(at - cap, at + cap, place, upright=not one.upright))
            place = min(max(float(along(one.value[k])), edges[0]), edges[1])
            x, y = (at, place) if one.upright else (place, at)
            dots.setdefault(row.colour, []).append(f"M{number(x)} {number(y)}h0")
            if self.written(one):
                self._over.append(self.say(self.right + 8.0, at + 4.0, one.words(k), colour="text"))
        return "".join(
            f'<path{paint(stroke=colour)} stroke-width="2" fill="none" d="{"".join(parts)}"/>'
            f'<path{paint(stroke=colour)} stroke-width="7" stroke-linecap="round" '
            f'd="{"".join(dots[colour])}"/>'
            for colour, parts in lines.items()
        )

    def _bars(self, one: Bars) -> str:
        drawn: dict[str, str] = {}
        if one.label and not one.upright:
            colour, y = one.colours[0], self.bottom + 15.0
            self._over.append(self.say(self._named, y, one.label, colour=colour, bold=True))
            self._named += 1.1 * self.size.letter * len(one.label) + 12.0
        for k, colour in enumerate(one.colours):
            at = [one.at[k] - 0.5 * one.width, one.at[k] + 0.5 * one.width]
            across, along = (self.at_x, self.at_y) if one.upright else (self.at_y, self.at_x)
            (first, last), (base, end) = across(np.array(at)), along(np.array([0.0, one.value[k]]))
            corners = (first, base, last, end) if one.upright else (base, first, end, last)
            left, top, right, bottom = map(number, corners)
            drawn[colour] = drawn.get(colour, "") + f"M{left} {top}H{right}V{bottom}H{left}z"
            if one.words and one.words[k]:
                y = self.at_y(round(float(one.at[k]))) + 0.35 * self.size.text  # at its label
                self._over.append(self.say(max(base, end) + 6.0, y, one.words[k]))
        return "".join(f'<path{paint(fill=c)} d="{data}"/>' for c, data in drawn.items())

    def _reference(self, one: Rule) -> str:
        if one.across:
            y = number(self.at_y(one.value))
            data = f"M{number(self.left)} {y}H{number(self.right)}"
        else:
            x = number(self.at_x(one.value))
            data = f"M{x} {number(self.top)}V{number(self.bottom)}"
        return (
            f'<path{paint(stroke=one.colour)} stroke-width="1.1" fill="none"'
            f'{_DASHES[one.dashes]} d="{data}"/>'
        )

    def _zone(self, one: Zone) -> str:
        """A stretch of an axis; its hatching is drawn line by line, so that it needs no id."""
        if one.across:
            left, right = np.clip(self.at_x(np.array([one.low, one.high])), self.left, self.right)
            top, bottom = self.bottom - one.top * (self.bottom - self.top), self.bottom
        else:
            bottom, top = self._within(np.array([one.low, one.high]))
            left, right = self.left, self.right
        box = f"M{number(left)} {number(top)}H{number(right)}V{number(bottom)}H{number(left)}z"
        if not one.hatched:
            return f'<path{paint(fill=one.colour)} fill-opacity="{one.alpha:g}" d="{box}"/>'
        if one.label and self.mini:
            room = self.size.letter * len(one.label) + 5.0
            before = left - room > 0.0
            x = left - room if before else right + 5.0
            if before or x + room < self.width:  # else the caption says it alone
                self._over.append(self.say(float(x), top + 10.0, one.label))
        lines = "".join(_hatching(float(left), float(top), float(right), float(bottom)))
        return f'<path{paint(stroke="muted")} stroke-width="0.7" fill="none" d="{box}{lines}"/>'

    def _note(self, one: Note) -> str:
        """Words beside a point, where they cover least of what is drawn."""
        x, y = float(self.at_x(one.x)), float(np.clip(self.at_y(one.y), self.top, self.bottom))
        if one.words and (self.wide or one.bold or not (one.optional or self.mini)):
            place = self._outside if one.outside and self.wide else self._beside
            self._over.append(place(x, y, one))
        if not one.dot or (self.mini and not one.bold):
            return ""
        return (
            f'<path{paint(stroke=one.colour)} stroke-width="7" stroke-linecap="round" '
            f'd="M{number(x)} {number(y)}h0"/>'
        )

    def _beside(self, x: float, y: float, one: Note) -> str:
        """The first of a few places that covers the fewest points of lines and no other words."""
        length = self.size.letter * len(one.words) * (1.08 if one.bold else 1.0)
        best: tuple[float, float, float] | None = None
        for dy in (15.0, -8.0, 24.0, -17.0, 34.0, -27.0):
            for left in (x + 6.0, x - 6.0 - length, x - 0.5 * length):
                box = (left, y + dy - 10.0, left + length, y + dy + 3.0)
                outside = box[0] < self.left or box[2] > self.right or box[1] < 0.0
                outside = outside or box[3] > self.bottom
                cost = 1000.0 * outside + 300.0 * sum(_touch(box, other) for other in self._boxes)
                cost += self._covered(box) + 0.05 * abs(dy)
                if best is None or cost < best[0]:
                    best = (cost, left, y + dy)
        assert best is not None
        _, left, base = best
        self._boxes.append((left, base - 10.0, left + length, base + 3.0))
        return self.say(left, base, one.words, colour="ink", bold=one.bold, halo=True)

    def _outside(self, _: float, y: float, one: Note) -> str:
        """Words right of the data, below those that stand there."""
        x, y = self.right + 9.0, y + 4.0
        width = self.size.letter * len(one.words)
        while any(_touch((x, y - 10.0, x + width, y + 3.0), other) for other in self._boxes):
            y += 2.0
        self._boxes.append((x, y - 10.0, x + width, y + 3.0))
        return self.say(x, y, one.words, colour=one.colour, bold=one.bold)

    @cached_property
    def _lines(self) -> list[tuple[Array, Array]]:
        """Where the points of all lines stand."""
        lines = (one for one in self.plot.marks if isinstance(one, Line))
        return [(self.at_x(one.x), self.at_y(one.y)) for one in lines]

    def _covered(self, box: tuple[float, float, float, float]) -> int:
        """How many points of the lines lie in a box."""
        count = 0
        for x, y in self._lines:
            part = y[slice(*np.searchsorted(x, (box[0] - 2.0, box[2] + 2.0)))]
            count += int(np.count_nonzero((part > box[1] - 2.0) & (part < box[3] + 2.0)))
        return count

    def _strip(self, strip: Strip) -> str:
        """What comes next: a dashed range with a diamond, beside the data on the same scale."""
        one, x = strip.row.estimate, self.right + (34.0 if self.wide else 24.0)
        y = float(self._within(np.array(strip.value)))
        low, high = (float(end) for end in self._within(np.array(strip.ends(self.plot.y))))
        edge, colour = number(self.right + 14.0), strip.row.colour
        drawn = (
            f'<path{paint(stroke="muted")} stroke-width="1"{_DASHES[":"]} '
            f'd="M{edge} {number(self.top)}V{number(self.bottom)}"/>'
            f'<path{paint(stroke=colour)} stroke-width="2.2" stroke-dasharray="6 3.5" '
            f'd="M{number(x)} {number(low)}V{number(high)}"/>'
            f'<path{paint(fill=colour)} d="M{number(x)} {number(y - 5)}l5 5l-5 5l-5-5z"/>'
        )
        value = fmt.value(one, plus=self.plot.y.plus)
        if not self.wide:
            words = strip.title.removeprefix("Next ")
            said = self.say(self.width, self.bottom + 15.0, words, anchor="end", colour=colour)
            return drawn + said + self.say(x + 8.0, y + 4.0, value, colour="ink", bold=True)
        y = min(max(y, self.top + 10.0), self.bottom - 24.0)
        drawn += self.say(x + 10.0, y - 4.0, strip.title, colour=colour, bold=True)
        drawn += self.say(x + 10.0, y + 11.0, value, colour="ink", bold=True)
        return drawn + self.say(x + 10.0, y + 26.0, fmt.ends(one))


def _stroke(first: float, last: float, at: float, *, upright: bool) -> str:
    if upright:
        return f"M{number(at)} {number(first)}V{number(last)}"
    return f"M{number(first)} {number(at)}H{number(last)}"


def _hatching(left: float, top: float, right: float, bottom: float) -> list[str]:
    """Rising lines within a box."""
    width, height = right - left, bottom - top
    lines = []
    for shift in np.arange(_HATCH, width + height, _HATCH):
        x0, y0 = (left + shift, bottom) if shift < width else (right, bottom - (shift - width))
        x1, y1 = (left, bottom - shift) if shift < height else (left + shift - height, top)
        lines.append(f"M{number(x0)} {number(y0)}L{number(x1)} {number(y1)}")
    return lines


def _touch(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
