"""Charts of the correlation itself: rolling, by year, and the returns behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.core.arrays import evenly
from convex_research.core.estimates import Estimate
from convex_research.core.fragments import Fragment
from convex_research.presentation.charts.canvas import Canvas
from convex_research.presentation.charts.figure import Entry, chart, decimals, last_of, rows_of
from convex_research.presentation.prose import names
from convex_research.presentation.tables.pair import years_table

if TYPE_CHECKING:
    from convex_research.core.typing import Array, Dates
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
    period = names.per_period(analysis)
    canvas = Canvas(330.0)
    legend = [Entry("s-a", f"{window}-{period} r", (value,))]
    shown, header = [value], ["Window ends", "r"]
    if curve.low is not None and curve.high is not None:
        low, high = curve.low[window - 1 :], curve.high[window - 1 :]
        canvas.band(dates, low, high)
        words = f"{names.level(analysis)} band, which holds in all windows at once"
        legend.append(Entry("s-band", words, (low, high)))
        shown, header = [value, low, high], [*header, "Low", "High"]
    null = analysis.section("rolling").curves.get(f"rolling.null[{window}]")
    if null is not None and null.low is not None and null.high is not None:
        for edge in (null.low, null.high):
            canvas.line(null.dates, edge, colour="mark", dashes=":", width=1.4)
        edges = tuple(_spread_over(dates, null.dates, edge) for edge in (null.low, null.high))
        legend.append(
            Entry("s-mark dotted", f"{names.level(analysis)} of windows if nothing changed", edges)
        )
    canvas.line(dates, value)
    least, most = float(np.nanmin(shown)), float(np.nanmax(shown))
    canvas.y = (max(-1.0, least - 0.03), min(1.0, most + 0.03))
    canvas.dates(dates)
    canvas.values(1)
    whole = analysis.estimate("correlation.pearson[all]")
    if whole is not None:
        canvas.level(whole.value)
        legend.append(
            Entry("s-muted dashed", f"whole sample, {fmt.number(whole.value, plus=True)}")
        )
    marked = [
        _mark(canvas, dates[at], float(value[at]))
        for at in (int(np.nanargmax(value)), int(np.nanargmin(value)))
    ]
    description = (
        f"Rolling {window}-{period} correlation from {dates[0]} to {dates[-1]}: "
        f"last {last_of(value, fmt.number)}, highest {marked[0]}, lowest {marked[1]}."
    )
    return chart(
        canvas,
        name="rolling",
        title=f"Rolling {window}-{period} correlation",
        description=description,
        key=key,
        legend=legend,
        dates=dates,
        header=header,
        rows=rows_of(dates, *shown, show=decimals(3)),
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


def _spread_over(dates: Dates, own: Dates, value: Array) -> Array:
    """A path on a chart's dates; undefined where it has no value."""
    full = np.full(dates.size, np.nan)
    at = np.searchsorted(dates, own)
    good = (at < dates.size) & (dates[np.minimum(at, dates.size - 1)] == own)
    full[at[good]] = value[good]
    return full


def years_chart(analysis: Study) -> Fragment:
    """Pearson's r of each calendar year with its interval; the values in a table behind."""
    results = names.calendar_years(analysis)
    years = sorted((year, r) for year, r in results if isinstance(r, Estimate))
    if len(years) < 2:
        return Fragment("", "no years to compare")
    canvas = Canvas(250.0)
    for colour in ("a", "muted"):
        chosen = [(y, r) for y, r in years if ("partial_year" in r.flags) == (colour == "muted")]
        spanned = [(y, r.low, r.high) for y, r in chosen if r.low is not None]
        if spanned:
            at, low, high = zip(*spanned, strict=True)
            canvas.whiskers(at, low, [x for x in high if x is not None], colour=colour)
        if chosen:
            canvas.dots([y for y, _ in chosen], [r.value for _, r in chosen], colour=colour)
    partial = any("partial_year" in r.flags for _, r in years)
    canvas.years([year for year, _ in years])
    canvas.values(1)
    whole = analysis.estimate("correlation.pearson[all]")
    if whole is not None:
        canvas.level(whole.value)
    values = {year: r.value for year, r in years}
    top, bottom = max(values, key=values.__getitem__), min(values, key=values.__getitem__)
    return chart(
        canvas,
        name="years",
        title=f"Correlation by calendar year, {names.level(analysis)} intervals",
        description=(
            f"{len(years)} calendar years: highest {fmt.number(values[top])} in {top}, lowest "
            f"{fmt.number(values[bottom])} in {bottom}."
        ),
        key="correlation.pearson[all]",
        legend=[
            ("dot f-a", "a year"),
            *([("dot f-muted", "a year with a part missing")] if partial else []),
            ("s-muted dashed", "whole sample"),
        ],
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
    rows = slice(analysis.returns.nobs - beta.nobs, None)
    show = decimals(3)
    scales = [100.0 if unit == "decimal" else 1.0 for unit in analysis.returns.units]
    x, y = analysis.returns.b[rows] * scales[1], analysis.returns.a[rows] * scales[0]
    picked = evenly(x.size, _MAX_DOTS)
    # The largest moves are always drawn: they pull the line.
    far = np.argsort(np.abs(x))[-10:]
    picked = np.union1d(picked, far)
    canvas = Canvas(380.0, left=52.0, right=4.0)
    canvas.dots(x[picked], y[picked], size=4.6, alpha=0.5)
    at = fitted.at * scales[1]
    canvas.area(at, fitted.low * scales[0], fitted.high * scales[0], colour="b", alpha=0.22)
    canvas.path(at, fitted.value * scales[0], colour="b", width=1.8)
    _scatter_axes(canvas, analysis)
    a, b = (names.short(one) for one in names.legs(analysis))
    thinned = "" if picked.size == x.size else f" ({picked.size} of {x.size:,} drawn)"
    line = [scales[0] * one for one in (fitted.value, fitted.low, fitted.high)]
    return chart(
        canvas,
        name="scatter",
        title=f"{a} (upright) against {b} (across), {names.window(analysis, qualifier).lower()}",
        description=(
            f"{x.size:,} returns of {a} against those of {b} with the least-squares line: slope "
            f"{fmt.value(beta)} {fmt.interval(beta)}."
        ),
        key=key,
        legend=[
            ("dot f-a", f"one {names.per_period(analysis)}{thinned}"),
            ("s-b", f"least-squares line, slope {fmt.value(beta)}"),
            ("s-b-band", f"{names.level(analysis)} band of the line"),
        ],
        header=(b, f"Line for {a}", "Low", "High"),
        rows=[[show(at[i]), *(show(column[i]) for column in line)] for i in evenly(at.size, 21)],
    )


def _scatter_axes(canvas: Canvas, analysis: Study) -> None:
    """Units on both axes; the names stand in the caption."""
    upright, across = (
        "\N{NARROW NO-BREAK SPACE}%" if unit == "decimal" else "" for unit in analysis.returns.units
    )
    low, high = canvas.x
    canvas.x = (low - 0.02 * (high - low), high + 0.02 * (high - low))
    canvas.numbers_below(suffix=across)
    canvas.values(0, suffix=upright, side="left")
