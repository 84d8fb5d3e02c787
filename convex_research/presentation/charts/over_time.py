"""Charts of numbers over time: paths, their periods, and the ranges around them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.presentation.charts.chart import Chart
from convex_research.presentation.charts.marks import (
    Axis,
    Band,
    Line,
    Note,
    Plot,
    Row,
    Rule,
    Strip,
    axis_unit,
    extent,
)
from convex_research.presentation.charts.ticks import as_days

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.analysis import Curve
    from convex_research.core.typing import Array, Dates
    from convex_research.presentation.charts.marks import Mark

__all__ = ["Path", "ends", "history", "over_time", "periods", "shown_period"]

_LOG_FROM = 12.0  # a path that grew by more is a corner on a plain axis


class Path(NamedTuple):
    """A path over time: its label, days and values."""

    label: str
    dates: Dates
    value: Array
    colour: str = "r"
    dashes: str = "-"

    @classmethod
    def of(cls, curve: Curve, label: str, colour: str = "r", dashes: str = "-") -> Path:
        """A curve from its first defined value on, in units of an axis."""
        first = int(np.isfinite(curve.value).argmax())
        scale, _ = axis_unit(curve.unit)
        return cls(label, curve.dates[first:], scale * curve.value[first:], colour, dashes)

    def since(self, first: np.datetime64) -> Path:
        """The part that begins with a day."""
        at = int(np.searchsorted(self.dates, first))
        return self._replace(dates=self.dates[at:], value=self.value[at:])

    def line(self, width: float = 2.0) -> Line:
        """As a mark."""
        days = as_days(self.dates)
        return Line(days, self.value, self.label, self.colour, self.dashes, width)

    def extremes(self, digits: int, unit: str = "", *, plus: bool = False) -> str:
        """Its last value, its lowest and its highest with their days, in words."""
        show = partial(fmt.number, decimals=digits, plus=plus)
        low, high = int(np.nanargmin(self.value)), int(np.nanargmax(self.value))
        last = self.value[-1]
        ended = (
            f"last {show(last)}{unit}"
            if np.isfinite(last)
            else "last not computed (no movement in its window)"
        )
        return (
            f"{ended}, lowest {show(self.value[low])}{unit} on {self.dates[low]}, highest "
            f"{show(self.value[high])}{unit} on {self.dates[high]}"
        )


def periods(dates: Dates) -> list[tuple[str, np.datetime64]]:
    """The last year, the last five and all, without those that hold nearly all."""
    first, last = dates[0].astype("datetime64[D]"), dates[-1].astype("datetime64[D]")
    found = [("All", first)]
    for years, label in ((5, "5 years"), (1, "1 year")):
        days = np.timedelta64(round(365.25 * years), "D")
        if last - days > first + np.timedelta64(30, "D"):
            found.insert(0, (label, last - days))
    return found


def shown_period(listed: Sequence[object]) -> int:
    """Which of the periods is seen at first: five years, or all."""
    return min(1, len(listed) - 1) if len(listed) == 3 else len(listed) - 1


def over_time(
    paths: Sequence[Path],
    *,
    unit: str = "",
    plus: bool = False,
    period: str = "",
    include: Sequence[float] = (),
    limits: tuple[float, float] = (-np.inf, np.inf),
    more: Sequence[Mark] = (),
    under: Sequence[Mark] = (),
    strip: Strip | None = None,
    log: bool = False,
) -> Plot:
    """Paths on an axis of dates.

    Parameters
    ----------
    paths : sequence of Path
        At least one with a defined value.
    unit, plus, period, strip
        See :class:`~convex_research.presentation.charts.marks.Plot` and its axes.
    include : sequence of float
        Values that must stand on the upright axis.
    limits : tuple of float
        What the upright axis cannot leave, as a correlation cannot leave -1 and 1.
    more, under : sequence of Mark
        Above and below the lines.
    log : bool
        Whether the upright axis may be logarithmic, where a path grows by much.
    """
    values = [path.value for path in paths] + [np.array(include, float)]
    low, high = extent(values)
    least = min(float(np.nanmin(v)) for v in values if v.size)
    kind: Literal["number", "log"] = "number"
    if log and least > 0.0 and high > _LOG_FROM * least:
        kind, low, high = (
            "log",
            least / 1.12,
            max(float(np.nanmax(v)) for v in values if v.size) * 1.12,
        )
    days = as_days(np.array([min(p.dates[0] for p in paths), max(p.dates[-1] for p in paths)]))
    first, last = float(days[0]), float(days[-1])
    x = Axis(first, last if last > first else first + 1.0, "date")
    y = Axis(max(low, limits[0]), min(high, limits[1]), kind, unit=unit, plus=plus)
    marks = (*(path.line(2.0 if len(paths) == 1 else 1.6) for path in paths), *under, *more)
    return Plot(marks, x, y, period, strip)


def ends(path: Path, digits: int, *, plus: bool = True, unit: str = "") -> list[Note]:
    """Notes on a path: where it stands now, its highest and its lowest value."""
    show = partial(fmt.number, decimals=digits, plus=plus)
    days, known = as_days(path.dates), np.flatnonzero(np.isfinite(path.value))
    notes = []
    for k, pick in enumerate((np.argmin, np.argmax)):
        at = int(known[pick(path.value[known])])
        if known[-1] - at > 0.04 * path.dates.size and at > 0.01 * path.dates.size:
            words = f"{show(path.value[at])}{unit}, {month(path.dates[at])}"
            notes.append(Note(days[at], path.value[at], words, optional=k == 1, colour=path.colour))
    at = int(known[-1])
    words = f"{show(path.value[at])}{unit}" + (" now" if at == path.dates.size - 1 else "")
    return [Note(days[at], path.value[at], words, bold=True, colour=path.colour), *notes]


def history(
    name: str,
    title: str,
    curve: Curve,
    label: str,
    *,
    band: str = "",
    usual: Sequence[Row] = (),
    comes: Sequence[Row] = (),
    ahead: str = "",
    plus: bool = False,
    limits: tuple[float, float] = (-np.inf, np.inf),
    hero: bool = True,
) -> Chart:
    """A number over time, with the range it is usually in and that in which it is to come.

    Parameters
    ----------
    name, title, label : str
        Of the chart and of its line.
    curve : Curve
        The number of each window; its band is drawn where ``band`` names it.
    usual, comes : sequence of Row
        The usual range, dotted, and the forecast range, at the right; at most one of each.
    ahead : str
        Over what the forecast is.
    plus, limits
        See :func:`over_time`.
    hero : bool
        Whether it stands across the page and has a switch of periods.
    """
    if not np.isfinite(curve.value).any():
        return Chart(name, title)
    (scale, unit), path = axis_unit(curve.unit), Path.of(curve, label)
    description = f"{path.dates[0]} to {path.dates[-1]}: {path.extremes(2, unit, plus=plus)}."
    include, rules = [], []
    for row in (*usual, *comes):
        both = [scale * end for end in (row.estimate.low, row.estimate.high) if end is not None]
        include += both
        if row in usual:
            labels = (row.label, "")
            rules = [Rule(y, w, colour="ink") for y, w in zip(both, labels, strict=False)]
        value = f" {fmt.value(row.estimate, plus=plus)}" if row in comes else ""
        description += f" {row.label.capitalize()}{value} {fmt.interval(row.estimate)}."
    strip = Strip(comes[0], ahead, scale) if comes else None
    plots = []
    for period, first in periods(path.dates)[0 if hero else -1 :]:
        part = path.since(first)
        under = _around(curve, part, band) if band else []
        # A band that is wide on a few days is cut, so that the line is not flat for them.
        seen = [
            float(np.nanquantile(edge, q))
            for one in under
            for edge, q in ((one.low, 0.03), (one.high, 0.97))
        ]
        plots.append(
            over_time(
                [part],
                unit=unit,
                plus=plus,
                period=period,
                include=[*include, *seen],
                limits=limits,
                more=[*rules, *ends(part, 2, plus=plus, unit=unit)],
                under=under,
                strip=strip,
            )
        )
    keys = tuple(row.key for row in (*usual, *comes))
    return Chart(name, title, description, keys, tuple(plots), shown_period(plots), hero=hero)


def _around(curve: Curve, path: Path, label: str) -> list[Band]:
    """The band of the part of a curve that a path is."""
    if curve.low is None or curve.high is None:
        return []
    scale, _ = axis_unit(curve.unit)
    at = int(np.searchsorted(curve.dates, path.dates[0]))
    low, high = scale * curve.low[at:], scale * curve.high[at:]
    if not np.isfinite(low + high).any():
        return []
    return [Band(as_days(path.dates), low, high, label)]


def month(day: np.datetime64) -> str:
    """A month in words."""
    return f"{day.astype('datetime64[D]').item():%b %Y}"
