"""A chart as a value: its marks, and three forms of them: pictures, a table, matplotlib."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.arrays import thin
from convex_research.core.fragments import Fragment, folded, tag, text
from convex_research.presentation.charts.axes import draw
from convex_research.presentation.charts.behind import numbers_behind
from convex_research.presentation.charts.drawing import HERO, MINI, NARROW, WIDE, Drawing
from convex_research.presentation.charts.marks import Band, Bars, Line, Rule, Zone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

    from convex_research.core.typing import Array, Indices
    from convex_research.presentation.charts.marks import Mark, Plot

__all__ = ["Chart"]

_READ_POINTS = 150
_SWATCHES = {"-": "", "--": " dashed", ":": " dotted"}


@dataclass(frozen=True, eq=False)
class Chart:
    """What is drawn, in data units, with what it is called; without plots it is empty.

    Parameters
    ----------
    name : str
        By which it is looked up; in a page the id of its figure.
    title, description : str
        Caption, and what the picture shows, made from its numbers.
    keys : tuple of str
        Results and curves that it is drawn from.
    plots : tuple of Plot
        One, or one a period, the shortest first.
    shown : int
        Which period is seen at first.
    hero : bool
        Whether it stands across the page.
    digits : int
        Decimals of the table behind it and of what is read off.
    header : tuple of str
        Names of the table's columns where they are not those of the marks.
    values : Fragment, optional
        A table that stands behind it in the place of its own.
    note : str
        Plain text under the picture.
    """

    name: str
    title: str
    description: str = ""
    keys: tuple[str, ...] = ()
    plots: tuple[Plot, ...] = ()
    shown: int = 0
    hero: bool = False
    digits: int = 2
    header: tuple[str, ...] = ()
    values: Fragment | None = None
    note: str = ""

    def __bool__(self) -> bool:
        return bool(self.plots)

    def __repr__(self) -> str:
        return f"<Chart {self.name}: {self.title or 'no numbers to draw'}>"

    def _repr_html_(self) -> str:
        return self.figure._repr_html_()

    @property
    def plot(self) -> Plot:
        """The period that is seen at first."""
        return self.plots[self.shown]

    @cached_property
    def svg(self) -> str:
        """The small picture, for a row."""
        return Drawing(self.plot, MINI).svg(self.title, self.description) if self else ""

    @cached_property
    def data(self) -> Fragment:
        """The table behind it: what is drawn; of a long path evenly spaced values and extremes."""
        if not self:
            return Fragment("", f"no numbers: {self.name}")
        return self.values or numbers_behind(self)

    def draw(self, ax: Axes | None = None) -> Axes:
        """Draw the same by matplotlib, on a new figure unless there are axes."""
        return draw(self, ax)

    @cached_property
    def figure(self) -> Fragment:
        """The large picture with caption, legend, switch of periods and folded numbers."""
        if not self:
            return Fragment("", f"no chart: {self.name}")
        periods = [self._period(k) for k in range(len(self.plots))]
        caption = tag("figcaption", tag("b", text(self.title)))
        inputs, labels = self._switch() if len(periods) > 1 else ("", "")
        inner = caption + inputs + labels  # a caption comes first or last
        inner += "".join(periods) + self._legend()
        if self.note:
            inner += tag("p", text(self.note), class_="note")
        inner += folded("Data behind this chart", self.data, class_="raw")
        attributes = {"id": self.name, "data_key": self.keys[0] if self.keys else ""}
        return Fragment(tag("figure", inner, **attributes))

    @property
    def html(self) -> str:
        """Markup of the figure."""
        return self.figure.html

    def _switch(self) -> tuple[str, str]:
        """A radio input a period, and their labels; without a stylesheet neither is seen."""
        inputs = labels = ""
        for k, plot in enumerate(self.plots):
            name = f"{self.name}-{k + 1}"
            checked = {"checked": "checked"} if k == self.shown else {}
            own = {"type": "radio", "name_": f"{self.name}-period", "id": name, "hidden": "hidden"}
            made = tag("input", "", class_=f"sw sw{k + 1}", **own, **checked)
            inputs += made.replace("></input>", "/>")
            labels += tag("label", text(plot.period), for_=name)
        group = {"role": "group", "aria_label": "Period shown", "hidden": "hidden"}
        return inputs, tag("div", labels, class_="switch", **group)

    def _period(self, k: int) -> str:
        """The pictures of one period, wide and narrow, with what the script reads off them."""
        plot = self.plots[k]
        wide = HERO if self.hero else WIDE
        html = "".join(
            Drawing(plot, size).svg(self.title, self.description) for size in (wide, NARROW)
        )
        attributes = {} if k == self.shown else {"hidden": "hidden"}
        read = list(_read(plot))
        if read:
            days = next(m.x for m in plot.marks if isinstance(m, Line))
            at = thin(read[0], _READ_POINTS)
            attributes["data_x"] = " ".join(map(str, np.diff(days[at].astype(int), prepend=0)))
            attributes["data_digits"] = str(self.digits)
            attributes["data_unit"] = plot.y.unit
            columns = (" ".join(_figures(values, at, self.digits)) for values in read)
            attributes["data_y"] = ";".join(columns)
        return tag("div", html, class_=f"win win{k + 1}", **attributes)

    def _legend(self) -> str:
        """What is drawn with a label, in that order, with the columns that are read off it."""
        items, column = "", 0
        for mark in self.plot.marks:
            label, read = getattr(mark, "label", ""), {}
            width = 1 if isinstance(mark, Line) else 2 if isinstance(mark, Band) and label else 0
            if width and self.plot.x.kind == "date":
                read = {"data_read": " ".join(str(column + i) for i in range(width))}
                column += width
            if label:
                swatch = tag("span", "", class_=f"swatch {_swatch(mark)}")
                items += tag("li", swatch + text(label), **read)
        return tag("ul", items, class_="legend") if items else ""


def _read(plot: Plot) -> Iterator[Array]:
    """Columns of the values that are read off a time axis: of lines, and both ends of bands."""
    if plot.x.kind == "date":
        for mark in plot.marks:
            if isinstance(mark, Line):
                yield mark.y
            elif isinstance(mark, Band) and mark.label:
                yield mark.low
                yield mark.high


def _figures(values: Array, at: Indices, digits: int) -> Iterator[str]:
    return (f"{x:.{digits}f}" if np.isfinite(x) else "" for x in values[at])


def _swatch(mark: Mark) -> str:
    """Classes of a legend's swatch."""
    match mark:
        case Line() | Rule():
            name = f"s-{mark.colour}{_SWATCHES[mark.dashes]}"
        case Zone(hatched=True):
            name = "hatched"
        case Band() | Zone():
            name = f"s-{mark.colour} block pale"
        case Bars():
            name = f"s-{mark.colours[0]} block"
        case _:
            name = f"dot f-{getattr(mark, 'colour', 'r')}"
    return name
