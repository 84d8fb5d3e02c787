"""Charts of one instrument: level, years, falls, distribution, volatility, worst days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.presentation.charts.chart import Chart
from convex_research.presentation.charts.marks import (
    PERCENT,
    Axis,
    Band,
    Bars,
    Line,
    Plot,
    Rule,
    axis_unit,
    extent,
)
from convex_research.presentation.charts.over_time import Path, over_time
from convex_research.presentation.charts.prices import below, level_over_time
from convex_research.presentation.charts.shapes import intervals, rows_of
from convex_research.presentation.charts.ticks import as_days
from convex_research.presentation.prose import names
from convex_research.statistics.single.distribution import histogram

if TYPE_CHECKING:
    from convex_research.analysis import InstrumentAnalysis

__all__ = ["CHARTS"]

_ROOM = 1.35  # of the volatility chart above its highest value: bands may be far wider


def level(analysis: InstrumentAnalysis) -> Chart:
    """The level or price on its own dates."""
    one, curve = analysis.instrument, analysis.curve("performance.level")
    title = f"{names.short(one)}, {one.unit or 'level'}"
    return level_over_time("level", title, curve, "performance.last")


def years(analysis: InstrumentAnalysis) -> Chart:
    """Change over each calendar year; parts of years are pale."""
    section = analysis.section("performance").results
    keys = sorted(key for key in section if key.startswith("performance.calendar_year["))
    rows = rows_of(analysis, *((key[26:-1], key) for key in keys))
    title = "Change by calendar year"
    if len(rows) < 2:
        return Chart("years", title)
    scale, unit = axis_unit(rows[0].estimate.unit)
    at = np.array([float(row.label) for row in rows])
    value = scale * np.array([row.estimate.value for row in rows])
    part = ["partial_year" in row.estimate.flags for row in rows]
    colours = tuple(
        "soft" if partial else "a" if change > 0.0 else "b"
        for partial, change in zip(part, value, strict=True)
    )
    low, high = extent([value, np.zeros(1)])
    step = -(-len(rows) // 8)
    x = Axis(at[0] - 0.7, at[-1] + 0.7, "year", at=tuple(at[::-1][::step][::-1]))
    bars = Bars(at, value, 0.75, colours, "", rows=tuple(rows))
    whole = [row for row, partial in zip(rows, part, strict=True) if not partial] or rows
    best, worst = (pick(whole, key=lambda row: row.estimate.value) for pick in (max, min))
    rises = sum(row.estimate.value > 0.0 for row in whole)
    description = (
        f"{len(whole)} whole years, {rises} of them up: best {best.label} with "
        f"{fmt.value(best.estimate, plus=True)}, worst {worst.label} with "
        f"{fmt.value(worst.estimate, plus=True)}."
    )
    plot = Plot((bars,), x, Axis(low, high, unit=unit, plus=True))
    return Chart("years", title, description, tuple(row.key for row in rows), (plot,))


def drawdown(analysis: InstrumentAnalysis) -> Chart:
    """Distance from the highest level so far."""
    curve = analysis.curve("performance.drawdown")
    title = "Below the highest close so far"
    if not analysis.returns.is_price:
        title = f"Below the highest value so far, {curve.unit}"
    path = Path.of(curve, "below the highest")
    return below(title, [path], axis_unit(curve.unit)[1], ("performance.max_drawdown",))


def distribution(analysis: InstrumentAnalysis) -> Chart:
    """Histogram of the returns with a normal law and the Student law that fits best."""
    period = names.per_period(analysis)
    title = f"How large a {period}'s move is: share of {period}s in each bar"
    df = analysis.estimate("diagnostics.student_df")
    if df is None:
        return Chart("distribution", title)
    returns = analysis.returns
    scale, suffix = axis_unit(returns.unit)
    bins = histogram(returns.values, df.value)
    width = float(bins.edges[1] - bins.edges[0])
    share, normal, student = (100.0 * width * x for x in (bins.density, bins.normal, bins.student))
    edges, at = scale * bins.edges, scale * bins.at
    beyond = f"{bins.outside} of {returns.nobs:,} lie beyond five standard deviations"
    law = f"{df.value:.1f} degrees of freedom"
    middle = 0.5 * (edges[1:] + edges[:-1])
    marks = (
        Bars(middle, share, scale * width, ("soft",) * share.size, f"observed ({beyond})"),
        Line(at, normal, "normal law", "muted", "--", 1.5),
        Line(at, student, f"Student law, {law}", "b", width=1.8),
    )
    top = 1.06 * float(max(share.max(), student.max()))
    plot = Plot(
        marks,
        Axis(float(edges[0]), float(edges[-1]), unit=suffix),
        Axis(0.0, top, unit=PERCENT),
    )
    tail = analysis.estimate("diagnostics.tail_index")
    tail_sentence = f" The tail index is {fmt.value(tail)} {fmt.interval(tail)}." if tail else ""
    description = (
        f"{returns.nobs:,} returns against a normal law with the same mean and variance and a "
        f"Student law with {law}; {beyond}.{tail_sentence}"
    )
    header = ("Middle of the bar", "Observed", "Normal", "Student")
    key = "diagnostics.student_df"
    return Chart("distribution", title, description, (key,), (plot,), header=header)


def volatility(analysis: InstrumentAnalysis) -> Chart:
    """Rolling volatility with its band, the GARCH path, and the whole sample's level."""
    window, period = analysis.config.rolling_window, names.per_period(analysis)
    title = f"Volatility a year, over {window} {period}s"
    curves = analysis.section("volatility").curves
    rolling = curves.get(f"volatility.rolling[{window}]")
    if rolling is None or rolling.low is None or rolling.high is None:
        return Chart("volatility", title)
    scale, unit = axis_unit(rolling.unit)
    path = Path.of(rolling, f"{window} {period}s")
    cut = slice(rolling.dates.size - path.dates.size, None)
    label = f"{names.level(analysis)} interval of each window alone"
    band = Band(as_days(path.dates), scale * rolling.low[cut], scale * rolling.high[cut], label)
    paths, top = [path], _ROOM * float(np.nanmax(path.value))
    if "volatility.garch" in curves:
        garch = Path.of(curves["volatility.garch"], "GARCH(1,1)", "b").since(path.dates[0])
        paths, top = [garch, path], max(top, min(1.02 * float(garch.value.max()), 2.0 * top))
    whole = analysis.estimate("volatility.annual[all]")
    level_of = (
        [] if whole is None else [Rule(scale * whole.value, f"whole sample, {fmt.value(whole)}")]
    )
    plot = over_time(
        paths, unit=unit, include=[0.0, top], limits=(0.0, top), under=[band], more=level_of
    )
    described = f"{path.dates[0]} to {path.dates[-1]}: {path.extremes(1, unit)}."
    keys = (f"volatility.rolling_max[{window}]", f"volatility.rolling_min[{window}]")
    return Chart("volatility", title, described, keys, (plot,), digits=1)


def windows(analysis: InstrumentAnalysis) -> Chart:
    """Volatility a year, by window."""
    listed = (*map(str, analysis.config.measured_windows), "all")
    asked = [(names.window(analysis, w).lower(), f"volatility.annual[{w}]") for w in listed]
    return intervals("windows", "Volatility a year by window", rows_of(analysis, *asked))


def worst_days(analysis: InstrumentAnalysis) -> Chart:
    """How bad a bad day is: the loss of one day in a hundred and in twenty, and the worst."""
    period = names.per_period(analysis)
    rows = rows_of(
        analysis,
        (f"one {period} in 20", "diagnostics.quantile[0.05]"),
        (f"one {period} in 100", "diagnostics.quantile[0.01]"),
        ("the worst", "performance.worst", "b"),
    )
    title = f"How bad a bad {period} is"
    return intervals("worst_days", title, rows, plus=True, include=(0.0,))


CHARTS = {
    one.__name__: one
    for one in (level, years, drawdown, distribution, volatility, windows, worst_days)
}
