"""Charts of one instrument: years, distribution, volatility."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.analysis.section import calendar_years
from convex_research.core import formatting as fmt
from convex_research.core.cells import result_row
from convex_research.core.estimates import Estimate
from convex_research.core.fragments import Fragment
from convex_research.presentation.charts.canvas import Canvas
from convex_research.presentation.charts.figure import (
    PERCENT,
    Entry,
    axis_unit,
    chart,
    rows_of,
)
from convex_research.presentation.prose import names
from convex_research.statistics.single.distribution import histogram

if TYPE_CHECKING:
    from convex_research.analysis import InstrumentAnalysis

__all__ = [
    "calendar_year_chart",
    "distribution_chart",
    "volatility_chart",
]

_ROOM = 1.35  # of the volatility chart above its highest value: bands may be far wider


def calendar_year_chart(analysis: InstrumentAnalysis) -> Fragment:
    """Change over each calendar year as bars; parts of years are grey."""
    found = [
        (year, one)
        for year, _, _ in calendar_years(analysis.returns)
        if isinstance(one := analysis[f"performance.calendar_year[{year}]"], Estimate)
    ]
    if len(found) < 2:
        return Fragment("", "no years to compare")
    unit = found[0][1].unit
    scale, suffix = axis_unit(unit)
    canvas = Canvas(250.0, right=62.0)
    shown = sorted(year for year, _ in found)
    for colour, chosen in _by_colour(found).items():
        x = np.concatenate([[y - 0.36, y - 0.36, y + 0.36, y + 0.36] for y, _ in chosen])
        height = np.concatenate([[0.0, v, v, 0.0] for _, v in chosen]) * scale
        canvas.area(x, np.zeros_like(height), height, colour=colour, alpha=0.85)
    canvas.years(shown)
    canvas.values(0, suffix=suffix)
    canvas.level(0.0, dashes="-")
    whole = [(year, one) for year, one in found if "partial_year" not in one.flags] or found
    best, worst = max(whole, key=lambda f: f[1].value), min(whole, key=lambda f: f[1].value)
    rises = sum(one.value > 0.0 for _, one in whole)
    return chart(
        canvas,
        name="years",
        title="Change by calendar year",
        description=(
            f"{len(whole)} whole years, {rises} of them up: best {best[0]} with "
            f"{fmt.value(best[1], plus=True)}, worst {worst[0]} with "
            f"{fmt.value(worst[1], plus=True)}."
        ),
        key=f"performance.calendar_year[{shown[-1]}]",
        legend=[
            ("s-a block", "up"),
            ("s-b block", "down"),
            *([("s-muted-band", "part of a year")] if len(whole) < len(found) else []),
        ],
        header=("Year", "Change", "n", "Dates"),
        rows=[
            result_row(str(year), f"performance.calendar_year[{year}]", one, plus=True)
            for year, one in found[:60]
        ],
    )


def _by_colour(found: list[tuple[int, Estimate]]) -> dict[str, list[tuple[int, float]]]:
    """Years with their change by the colour they are drawn in, oldest first."""
    chosen: dict[str, list[tuple[int, float]]] = {}
    for year, one in sorted(found, key=lambda f: f[0]):
        colour = "muted" if "partial_year" in one.flags else ("a" if one.value > 0.0 else "b")
        chosen.setdefault(colour, []).append((year, one.value))
    return chosen


def distribution_chart(analysis: InstrumentAnalysis) -> Fragment:
    """Histogram of the returns with a normal law and the Student law that fits best."""
    df = analysis.estimate("diagnostics.student_df")
    if df is None:
        return Fragment("", "no distribution")
    returns = analysis.returns
    scale, suffix = axis_unit(returns.unit)
    bins = histogram(returns.values, df.value)
    width = float(bins.edges[1] - bins.edges[0])
    share, normal, student = (100.0 * width * x for x in (bins.density, bins.normal, bins.student))
    canvas = Canvas(290.0, right=58.0)
    edges, at = scale * bins.edges, scale * bins.at
    canvas.area(np.repeat(edges, 2)[1:-1], np.zeros(2 * share.size), np.repeat(share, 2), alpha=0.3)
    canvas.path(at, normal, colour="muted", dashes="--", width=1.5)
    canvas.path(at, student, colour="b", width=1.8)
    canvas.x = (float(edges[0]), float(edges[-1]))
    canvas.y = (0.0, 1.06 * float(max(share.max(), student.max())))
    canvas.numbers_below(suffix=suffix)
    canvas.values(0, suffix=PERCENT)
    period = names.per_period(analysis)
    tail = analysis.estimate("diagnostics.tail_index")
    tail_sentence = f" The tail index is {fmt.value(tail)} {fmt.interval(tail)}." if tail else ""
    beyond = f"{bins.outside} of {returns.nobs:,} lie beyond five standard deviations"
    middle = scale * 0.5 * (bins.edges[1:] + bins.edges[:-1])
    close = [int(np.abs(at - x).argmin()) for x in middle]
    return chart(
        canvas,
        name="distribution",
        title=f"How large a {period}'s move is: share of {period}s in each bar",
        description=(
            f"{returns.nobs:,} returns against a normal law with the same mean and variance and "
            f"a Student law with {df.value:.1f} degrees of freedom; {beyond}.{tail_sentence}"
        ),
        key="diagnostics.student_df",
        legend=[
            ("s-band", f"observed ({beyond})"),
            ("s-muted dashed", "normal law"),
            ("s-b", f"Student law, {df.value:.1f} degrees of freedom"),
        ],
        header=("Middle of the bar", "Observed", "Normal", "Student"),
        rows=[
            (
                fmt.number(float(x), 2) + suffix,
                *(f"{y:.2f}{PERCENT}" for y in (share[i], normal[k], student[k])),
            )
            for i, (x, k) in enumerate(zip(middle, close, strict=True))
        ],
    )


def volatility_chart(analysis: InstrumentAnalysis) -> Fragment:
    """Rolling volatility with its band, the GARCH path, and the whole sample's level."""
    window = analysis.config.rolling_window
    curves = analysis.section("volatility").curves
    curve = curves.get(f"volatility.rolling[{window}]")
    if curve is None or curve.low is None or curve.high is None:
        return Fragment("", "no volatility chart")
    scale, suffix = axis_unit(curve.unit)
    first = int(np.flatnonzero(np.isfinite(curve.value))[0])
    dates = curve.dates[first:]
    value, low, high = (scale * x[first:] for x in (curve.value, curve.low, curve.high))
    period = names.per_period(analysis)
    path = curves.get("volatility.garch")
    fitted = scale * path.value[first:] if path is not None else None
    top = _ROOM * float(np.nanmax(value))
    if fitted is not None:
        top = max(top, min(1.02 * float(fitted.max()), 2.0 * top))
    canvas = Canvas(310.0, right=62.0)
    canvas.band(dates, np.minimum(low, top), np.minimum(high, top))
    legend = [
        Entry("s-a", f"{window} {period}s", (value,), 1, suffix),
        Entry("s-band", f"{names.level(analysis)} interval", (low, high), 1, suffix),
    ]
    if fitted is not None:
        canvas.line(dates, np.minimum(fitted, top), colour="b", width=0.9)
        legend.append(Entry("s-b", "GARCH(1,1)", (fitted,), 1, suffix))
    canvas.line(dates, value, width=1.9)
    canvas.y = (0.0, top)
    canvas.dates(dates)
    canvas.values(0, suffix=suffix)
    whole = analysis.estimate("volatility.annual[all]")
    if whole is not None:
        canvas.level(scale * whole.value)
        legend.append(Entry("s-muted dashed", f"whole sample, {fmt.value(whole)}"))
    ends = [analysis.estimate(f"volatility.rolling_{end}[{window}]") for end in ("min", "max")]
    extremes = " and ".join(
        f"{word} {fmt.value(one)} in the window ending {one.end}"
        for word, one in zip(("lowest", "highest"), ends, strict=True)
        if one is not None
    )
    return chart(
        canvas,
        name="volatility",
        title=f"Volatility a year, over {window} {period}s",
        description=f"{dates[0]} to {dates[-1]}: {extremes}.",
        key=f"volatility.rolling_max[{window}]",
        legend=legend,
        dates=dates,
        header=("Window ends", "Volatility", "Low", "High"),
        rows=rows_of(dates, value, low, high, show=lambda x: fmt.number(x, 1) + suffix),
    )
