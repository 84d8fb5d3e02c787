"""Charts of the correlation itself: rolling, by year, and the returns behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.core.arrays import evenly
from convex_research.core.estimates import Estimate
from convex_research.core.fragments import Fragment
from convex_research.presentation.charts.canvas import Canvas, Entry
from convex_research.presentation.charts.figure import axis_unit, chart, decimals, last_of
from convex_research.presentation.prose import names
from convex_research.presentation.tables.pair import years_table

if TYPE_CHECKING:
    from convex_research.studies import Study

__all__ = ["rolling_chart", "scatter_chart", "years_chart"]

_MAX_DOTS = 600


def rolling_chart(analysis: Study) -> Fragment:
    """Rolling r with the band that holds everywhere, the null envelope and the two extremes."""
    window = analysis.config.rolling_window
    key = f"rolling.pearson[{window}]"
    curve = analysis.curve(key)
    dates, value = curve.dates[window - 1 :], curve.value[window - 1 :]
    if not np.isfinite(value).any():
        return Fragment("", "no rolling chart")
    period, level = names.per_period(analysis), names.level(analysis)
    canvas = Canvas(330.0)
    canvas.line(dates, value, f"{window}-{period} r")
    drawn = [value]
    if curve.low is not None and curve.high is not None:
        low, high = curve.low[window - 1 :], curve.high[window - 1 :]
        canvas.band(dates, low, high, f"{level} band, which holds in all windows at once")
        drawn += [low, high]
    null = analysis.section("rolling").curves.get(f"rolling.null[{window}]")
    if null is not None and null.low is not None and null.high is not None:
        edges = np.full((2, dates.size), np.nan)
        shared = np.isin(null.dates, dates)
        edges[:, np.isin(dates, null.dates)] = null.low[shared], null.high[shared]
        for edge in edges:
            canvas.line(dates, edge, colour="mark", dashes=":", width=1.4, under=True)
        label = f"{level} of windows if nothing changed"
        canvas.legend.append(Entry("s-mark dotted", label, tuple(edges)))
    least, most = float(np.nanmin(drawn)), float(np.nanmax(drawn))
    canvas.y = (max(-1.0, least - 0.03), min(1.0, most + 0.03))
    canvas.dates(dates)
    canvas.values(1)
    whole = analysis.estimate("correlation.pearson[all]")
    if whole is not None:
        canvas.level(whole.value, f"whole sample, {fmt.number(whole.value, plus=True)}")
    highest, lowest = (
        _mark(canvas, dates[at], float(value[at]))
        for at in (int(np.nanargmax(value)), int(np.nanargmin(value)))
    )
    return chart(
        canvas,
        name="rolling",
        title=f"Rolling {window}-{period} correlation",
        description=(
            f"Rolling {window}-{period} correlation from {dates[0]} to {dates[-1]}: "
            f"last {last_of(value, fmt.number)}, highest {highest}, lowest {lowest}."
        ),
        key=key,
        header=("Window ends", "r", "Low", "High")[: 1 + len(drawn)],
    )


def _mark(canvas: Canvas, end: np.datetime64, r: float) -> str:
    """Mark an extreme with its value, away from the line, and tell it in words."""
    day = float(end.astype("datetime64[D]").astype(float))
    canvas.dots([day], [r], colour="mark", size=8.0)
    x, y = canvas.at_x(day), canvas.at_y(r)
    top, bottom = canvas.span
    # Beside the point, on the side with more room; the band's own colour is pale there.
    right = x < 0.6 * (canvas.at_x(canvas.x[1]))
    canvas.say(
        x + 9.0 if right else x - 9.0,
        min(max(y + 4.0, top + 12.0), bottom - 4.0),
        fmt.number(r, plus=True),
        anchor="start" if right else "end",
        colour="ink",
        optional=True,
        halo=True,
    )
    return f"{fmt.number(r)} in the window ending {end}"


def years_chart(analysis: Study) -> Fragment:
    """Pearson's r of each calendar year with its interval; the values in a table behind."""
    results = names.calendar_years(analysis)
    years = {year: r for year, r in sorted(results) if isinstance(r, Estimate)}
    if len(years) < 2:
        return Fragment("", "no years to compare")
    canvas = Canvas(250.0)
    for colour, label in (("a", "a year"), ("muted", "a year with a part missing")):
        partial = colour == "muted"
        drawn = {y: r for y, r in years.items() if ("partial_year" in r.flags) == partial}
        if drawn or not partial:
            canvas.estimates(list(drawn), list(drawn.values()), label, colour=colour)
    canvas.years(list(years))
    canvas.values(1)
    whole = analysis.estimate("correlation.pearson[all]")
    if whole is not None:
        canvas.level(whole.value, "whole sample")
    top, bottom = (pick(years, key=lambda year: years[year].value) for pick in (max, min))
    return chart(
        canvas,
        name="years",
        title=f"Correlation by calendar year, {names.level(analysis)} intervals",
        description=(
            f"{len(years)} calendar years: highest {fmt.number(years[top].value)} in {top}, "
            f"lowest {fmt.number(years[bottom].value)} in {bottom}."
        ),
        key="correlation.pearson[all]",
        values=years_table(analysis, sortable=True),
    )


def scatter_chart(analysis: Study, qualifier: str | None = None) -> Fragment:
    """Returns of A against those of B with the fitted line and its band."""
    qualifier = qualifier or str(analysis.config.year)
    key = f"regression.line[{qualifier}]"
    fitted = analysis.profile(key)
    beta = analysis.estimate(f"regression.beta[{qualifier}]")
    if fitted is None or beta is None:
        return Fragment("", "no scatter chart")
    (upright, unit), (across, suffix) = map(axis_unit, analysis.returns.units)
    rows = slice(analysis.returns.nobs - beta.nobs, None)
    x, y = analysis.returns.b[rows] * across, analysis.returns.a[rows] * upright
    # The largest moves are always drawn: they pull the line.
    picked = np.union1d(evenly(x.size, _MAX_DOTS), np.argsort(np.abs(x))[-10:])
    at = fitted.at * across
    value, low, high = (upright * one for one in (fitted.value, fitted.low, fitted.high))
    canvas = Canvas(380.0, left=52.0, right=4.0, unit=unit)
    thinned = "" if picked.size == x.size else f" ({picked.size} of {x.size:,} drawn)"
    label = f"one {names.per_period(analysis)}{thinned}"
    canvas.dots(x[picked], y[picked], label, size=4.6, alpha=0.5)
    slope = f"least-squares line, slope {fmt.value(beta)}"
    canvas.path(at, value, slope, colour="b", width=1.8)
    band = f"{names.level(analysis)} band of the line"
    canvas.area(at, low, high, band, colour="b", alpha=0.22)
    left, right = canvas.x
    canvas.x = (left - 0.02 * (right - left), right + 0.02 * (right - left))
    canvas.numbers_below(suffix=suffix)
    canvas.values(0)
    a, b = (names.short(one) for one in names.legs(analysis))
    show = decimals(3)
    return chart(
        canvas,
        name="scatter",
        title=f"{a} (upright) against {b} (across), {names.window(analysis, qualifier).lower()}",
        description=(
            f"{x.size:,} returns of {a} against those of {b} with the least-squares line: slope "
            f"{fmt.value(beta)} {fmt.interval(beta)}."
        ),
        key=key,
        header=(b, f"Line for {a}", "Low", "High"),
        rows=[[show(c[i]) for c in (at, value, low, high)] for i in evenly(at.size, 21)],
    )
