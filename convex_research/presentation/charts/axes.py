"""The same marks on matplotlib axes, for work in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

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
from convex_research.presentation.charts.svg import COLOURS

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from convex_research.core.typing import Array
    from convex_research.presentation.charts.chart import Chart
    from convex_research.presentation.charts.marks import Axis, Plot

__all__ = ["draw"]


def draw(chart: Chart, ax: Axes | None = None) -> Axes:
    """Draw the longest period of a chart, on a new figure unless there are axes."""
    if ax is None:
        from matplotlib import pyplot as plt

        plot_rows = chart.plots[-1].count if chart else 0
        _, ax = plt.subplots(figsize=(7.6, 0.8 + 0.32 * plot_rows if plot_rows else 3.3))
    ax.set_title(chart.title)
    if not chart:
        return ax
    plot = chart.plots[-1]
    for mark in plot.marks:
        _DRAWN[type(mark)](ax, plot, mark)
    if plot.strip:
        _strip(ax, plot)
    for axis, which in ((plot.x, "x"), (plot.y, "y")):
        _axis(ax, axis, which)
    if any(getattr(mark, "label", "") for mark in plot.marks):
        ax.legend(loc="best", frameon=False)
    return ax


def _axis(ax: Axes, axis: Axis, which: str) -> None:
    upright = which == "y"
    low, high = _time(axis, np.array([axis.low, axis.high]))
    (ax.set_ylim if upright else ax.set_xlim)(low, high)
    if axis.kind == "log":
        (ax.set_yscale if upright else ax.set_xscale)("log")
    if axis.kind == "label":
        places = [-k if upright else k for k in range(len(axis.labels))]
        (ax.set_yticks if upright else ax.set_xticks)(places, axis.labels)
    words = axis.name or axis.unit.strip()
    (ax.set_ylabel if upright else ax.set_xlabel)(words)


def _time(axis: Axis, x: Array) -> Array:
    """Days as matplotlib counts them, which is as they are held; as dates they get its ticks."""
    return x.round().astype("datetime64[D]") if axis.kind == "date" else x


def _line(ax: Axes, plot: Plot, mark: Line) -> None:
    x, colour, label = _time(plot.x, mark.x), COLOURS[mark.colour], mark.label or None
    ax.plot(x, mark.y, mark.dashes, color=colour, linewidth=0.8 * mark.width, label=label)


def _band(ax: Axes, plot: Plot, mark: Band) -> None:
    x, colour, label = _time(plot.x, mark.x), COLOURS[mark.colour], mark.label or None
    ax.fill_between(x, mark.low, mark.high, color=colour, alpha=mark.alpha, lw=0, label=label)


def _dots(ax: Axes, plot: Plot, mark: Dots) -> None:
    x, colour, label = _time(plot.x, mark.x), COLOURS[mark.colour], mark.label or None
    ax.scatter(x, mark.y, s=mark.size**2, color=colour, alpha=mark.alpha, label=label)


def _bars(ax: Axes, _: Plot, mark: Bars) -> None:
    bar = ax.bar if mark.upright else ax.barh
    colours = [COLOURS[one] for one in mark.colours]
    bar(mark.at, mark.value, mark.width, color=colours, label=mark.label or None)


def _rule(ax: Axes, _: Plot, mark: Rule) -> None:
    line, colour = ax.axhline if mark.across else ax.axvline, COLOURS[mark.colour]
    line(mark.value, linestyle=mark.dashes, color=colour, label=mark.label or None)


def _zone(ax: Axes, _: Plot, mark: Zone) -> None:
    span, colour = ax.axvspan if mark.across else ax.axhspan, COLOURS["muted"]
    label = mark.label or None
    if mark.hatched:
        span(mark.low, mark.high, facecolor="none", edgecolor=colour, hatch="///", label=label)
    else:
        span(mark.low, mark.high, facecolor=colour, alpha=0.12, label=label)


def _note(ax: Axes, plot: Plot, mark: Note) -> None:
    x = _time(plot.x, np.array([mark.x]))
    if mark.dot:
        ax.plot(x, [mark.y], "o", color=COLOURS[mark.colour], markersize=4)
    weight = "bold" if mark.bold else "normal"
    ax.annotate(
        mark.words,
        (x[0], mark.y),
        xytext=(5, 5),
        textcoords="offset points",
        fontweight=weight,
        fontsize="small",
    )


def _intervals(ax: Axes, plot: Plot, mark: Intervals) -> None:
    """Values with errors; an open end is drawn to the edge of the axes."""
    axis = plot.y if mark.upright else plot.x
    for k, row in enumerate(mark.rows):
        value, colour = mark.value[k], COLOURS[row.colour]
        ends = np.clip([mark.low[k], mark.high[k]], axis.low, axis.high)
        errors = None if np.isnan(ends).any() else np.abs(ends - value)[:, None]
        x, y = (mark.at[k], value) if mark.upright else (value, mark.at[k])
        upright, level = (errors, None) if mark.upright else (None, errors)
        ax.errorbar([x], [y], upright, level, "o", color=colour, capsize=3)


def _strip(ax: Axes, plot: Plot) -> None:
    """What comes next, at the right edge."""
    assert plot.strip is not None
    value, (low, high) = plot.strip.value, plot.strip.ends(plot.y)
    at = _time(plot.x, np.array([plot.x.high + 0.04 * (plot.x.high - plot.x.low)]))
    errors, colour = [[value - low], [high - value]], COLOURS[plot.strip.row.colour]
    ax.errorbar(at, [value], errors, None, "D", color=colour, clip_on=False)


_DRAWN: dict[type, Callable[[Axes, Plot, Any], None]] = {
    Line: _line,
    Band: _band,
    Dots: _dots,
    Intervals: _intervals,
    Bars: _bars,
    Rule: _rule,
    Zone: _zone,
    Note: _note,
}
