"""Charts of one instrument: years, distribution, volatility."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.analysis.section import calendar_years
from convex_research.core import formatting as fmt
from convex_research.core.cells import result_row
from convex_research.core.estimates import Estimate
from convex_research.core.fragments import Fragment
from convex_research.presentation.charts.canvas import Canvas, Entry
from convex_research.presentation.charts.figure import (
    PERCENT,
    axis_unit,
    chart,
    decimals,
    on_axis,
)
from convex_research.presentation.prose import names
from convex_research.statistics.single.distribution import histogram

if TYPE_CHECKING:
    from convex_research.analysis import InstrumentAnalysis

__all__ = ["calendar_year_chart", "distribution_chart", "volatility_chart"]

_ROOM = 1.35  # of the volatility chart above its highest value: bands may be far wider
_BARS = {"a": ("s-a block", "up"), "b": ("s-b block", "down")}
_PART = {"muted": ("s-muted-band", "part of a year")}


def calendar_year_chart(analysis: InstrumentAnalysis) -> Fragment:
    """Change over each calendar year as bars; parts of years are grey."""
    found = {
        year: one
        for year, _, _ in calendar_years(analysis.returns)
        if isinstance(one := analysis[f"performance.calendar_year[{year}]"], Estimate)
    }
    if len(found) < 2:
        return Fragment("", "no years to compare")
    scale, unit = axis_unit(next(iter(found.values())).unit)
    canvas = Canvas(250.0, right=62.0, unit=unit)
    whole = {y: one for y, one in found.items() if "partial_year" not in one.flags}
    colours = {y: ("a" if found[y].value > 0.0 else "b") if y in whole else "muted" for y in found}
    bars = _BARS if len(whole) == len(found) else _BARS | _PART
    for colour, entry in bars.items():
        years = np.array(sorted(y for y in found if colours[y] == colour))
        edges = np.add.outer(years, [-0.36, -0.36, 0.36, 0.36]).ravel()
        tops = [scale * found[y].value * side for y in years for side in (0.0, 1.0, 1.0, 0.0)]
        canvas.area(edges, np.zeros_like(edges), tops, colour=colour, alpha=0.85)
        canvas.legend.append(Entry(*entry))
    canvas.years(sorted(found))
    canvas.values(0)
    canvas.level(0.0, dashes="-")
    whole = whole or found
    best, worst = (pick(whole, key=lambda year: whole[year].value) for pick in (max, min))
    rises = sum(one.value > 0.0 for one in whole.values())
    return chart(
        canvas,
        name="years",
        title="Change by calendar year",
        description=(
            f"{len(whole)} whole years, {rises} of them up: best {best} with "
            f"{fmt.value(whole[best], plus=True)}, worst {worst} with "
            f"{fmt.value(whole[worst], plus=True)}."
        ),
        key=f"performance.calendar_year[{max(found)}]",
        header=("Year", "Change", "n", "Dates"),
        rows=[
            result_row(str(year), f"performance.calendar_year[{year}]", one, plus=True)
            for year, one in list(found.items())[:60]
        ],
    )


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
    edges, at = scale * bins.edges, scale * bins.at
    beyond = f"{bins.outside} of {returns.nobs:,} lie beyond five standard deviations"
    law = f"{df.value:.1f} degrees of freedom"
    canvas = Canvas(290.0, right=58.0, unit=PERCENT)
    floor, tops = np.zeros(2 * share.size), np.repeat(share, 2)
    canvas.area(np.repeat(edges, 2)[1:-1], floor, tops, f"observed ({beyond})", alpha=0.3)
    canvas.path(at, normal, "normal law", colour="muted", dashes="--", width=1.5)
    canvas.path(at, student, f"Student law, {law}", colour="b", width=1.8)
    canvas.x = (float(edges[0]), float(edges[-1]))
    canvas.y = (0.0, 1.06 * float(max(share.max(), student.max())))
    canvas.numbers_below(suffix=suffix)
    canvas.values(0)
    period = names.per_period(analysis)
    tail = analysis.estimate("diagnostics.tail_index")
    tail_sentence = f" The tail index is {fmt.value(tail)} {fmt.interval(tail)}." if tail else ""
    middle = 0.5 * (edges[1:] + edges[:-1])
    close = [int(np.abs(at - x).argmin()) for x in middle]
    show = decimals(2, PERCENT)
    return chart(
        canvas,
        name="distribution",
        title=f"How large a {period}'s move is: share of {period}s in each bar",
        description=(
            f"{returns.nobs:,} returns against a normal law with the same mean and variance and "
            f"a Student law with {law}; {beyond}.{tail_sentence}"
        ),
        key="diagnostics.student_df",
        header=("Middle of the bar", "Observed", "Normal", "Student"),
        rows=[
            (decimals(2, suffix)(x), *map(show, shares))
            for x, *shares in zip(middle, share, normal[close], student[close], strict=True)
        ],
    )


def volatility_chart(analysis: InstrumentAnalysis) -> Fragment:
    """Rolling volatility with its band, the GARCH path, and the whole sample's level."""
    window = analysis.config.rolling_window
    curves = analysis.section("volatility").curves
    rolling = curves.get(f"volatility.rolling[{window}]")
    if rolling is None or rolling.low is None or rolling.high is None:
        return Fragment("", "no volatility chart")
    scale, unit = axis_unit(rolling.unit)
    curve = on_axis(rolling, scale)
    dates, value, low, high = curve.dates, curve.value, curve.low, curve.high
    assert low is not None
    assert high is not None
    period = names.per_period(analysis)
    garch = curves.get("volatility.garch")
    fitted = scale * garch.value[-dates.size :] if garch is not None else None
    top = _ROOM * float(np.nanmax(value))
    if fitted is not None:
        top = max(top, min(1.02 * float(fitted.max()), 2.0 * top))
    canvas = Canvas(310.0, right=62.0, digits=1, unit=unit)
    canvas.line(dates, value, f"{window} {period}s", width=1.9)
    canvas.band(dates, low, high, f"{names.level(analysis)} interval of each window alone")
    if fitted is not None:
        canvas.line(dates, fitted, "GARCH(1,1)", colour="b", width=0.9, under=True)
    canvas.y = (0.0, top)
    canvas.dates(dates)
    canvas.values(0)
    whole = analysis.estimate("volatility.annual[all]")
    if whole is not None:
        canvas.level(scale * whole.value, f"whole sample, {fmt.value(whole)}")
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
        header=("Window ends", "Volatility", "Low", "High"),
        show=decimals(1, unit),
    )
