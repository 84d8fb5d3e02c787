"""The charts of the two pages, each from one curve or family of estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.estimates import Estimate
from convex_research.presentation import formatting as fmt
from convex_research.presentation import names
from convex_research.presentation.figures import (
    band,
    canvas,
    chart,
    decimals,
    level,
    line,
    log_axis,
    plot_dates,
    rows_of,
    tick_format,
)
from convex_research.presentation.markup import Fragment, joined
from convex_research.presentation.svg import COLOURS

if TYPE_CHECKING:
    from convex_research.analysis import Curve, PairAnalysis

__all__ = [
    "drawdown_chart",
    "growth_chart",
    "ratio_chart",
    "rolling_chart",
    "scatter_chart",
    "years_chart",
]

_MAX_DOTS = 500
_LOG_FROM = 12.0  # a path that grew by more is a corner on a plain axis
PERCENT = "\N{NARROW NO-BREAK SPACE}%"


def rolling_chart(analysis: PairAnalysis) -> Fragment:
    """Rolling r with its band, the whole-sample r, and the two extremes."""
    window = analysis.config.rolling_window
    key = f"rolling.pearson[{window}]"
    curve = analysis.curve(key)
    whole = analysis.estimate("correlation.pearson[all]")
    period = names.per_period(analysis)
    highest = analysis.estimate(f"rolling.pearson_max[{window}]")
    lowest = analysis.estimate(f"rolling.pearson_min[{window}]")
    if highest is None or lowest is None or curve.low is None or curve.high is None:
        return Fragment("", "no rolling chart")
    figure, axes = canvas(320.0)
    dates = curve.dates[window - 1 :]
    value, low, high = (x[window - 1 :] for x in (curve.value, curve.low, curve.high))
    band(axes, dates, low, high)
    line(axes, dates, value)
    legend = [("s-a", f"{window}-{period} r"), ("s-band", "95 % interval")]
    if whole is not None:
        level(axes, whole.value)
        legend.append(("s-muted dashed", f"whole sample, {fmt.number(whole.value, plus=True)}"))
    null = analysis.section("rolling").curves.get(f"rolling.null[{window}]")
    if null is not None and null.low is not None and null.high is not None:
        for edge in (null.low, null.high):
            line(axes, null.dates, edge, colour="mark", dashes=":", width=1.2)
        legend.append(("s-mark dotted", "95 % of windows if nothing changed"))
    for extreme in (highest, lowest):
        day = np.datetime64(extreme.end, "D").astype(float)
        axes.plot([day], [extreme.value], "o", color=COLOURS["mark"], markersize=5)
    legend.append(("dot f-mark", "highest and lowest"))
    floor = max(-1.0, float(np.nanmin(low)) - 0.04)
    axes.set_ylim(floor, min(1.0, float(np.nanmax(high)) + 0.04))
    plot_dates(axes, dates)
    tick_format(axes, 2)
    description = (
        f"Rolling {window}-{period} correlation from {dates[0]} to {dates[-1]}: "
        f"last {fmt.number(float(value[-1]))}, highest {fmt.number(highest.value)} in the window "
        f"ending {highest.end}, lowest {fmt.number(lowest.value)} in the one ending {lowest.end}."
    )
    return chart(
        figure,
        name="rolling",
        title=f"Rolling {window}-{period} correlation",
        description=description,
        key=key,
        legend=legend,
        header=("Window ends", "r", "Low", "High"),
        rows=rows_of(dates, value, low, high, show=decimals(3)),
    )


def years_chart(analysis: PairAnalysis) -> Fragment:
    """Pearson's r of each calendar year with its interval."""
    results = names.calendar_years(analysis)
    years = [(year, r) for year, r in results if isinstance(r, Estimate)]
    if len(years) < 2:
        return Fragment("", "no years to compare")
    figure, axes = canvas(260.0)
    whole = analysis.estimate("correlation.pearson[all]")
    if whole is not None:
        level(axes, whole.value)
    for year, r in years:
        colour = COLOURS["muted" if r.flags and "partial_year" in r.flags else "a"]
        if r.low is not None and r.high is not None:
            axes.plot([year, year], [r.low, r.high], color=colour, linewidth=2.0)
        axes.plot([year], [r.value], "o", color=colour, markersize=5)
    shown = [year for year, _ in years]
    step = -(-len(shown) // 8)
    ticks = sorted(shown, reverse=True)[::step]
    axes.set_xticks(ticks, [str(year) for year in ticks])
    axes.set_xlim(min(shown) - 0.6, max(shown) + 0.6)
    tick_format(axes, 2)
    values = {year: r.value for year, r in years}
    top, bottom = max(values, key=values.__getitem__), min(values, key=values.__getitem__)
    return chart(
        figure,
        name="years",
        title="Correlation by calendar year, 95 % intervals",
        description=(
            f"{len(years)} calendar years: highest {fmt.number(values[top])} in {top}, lowest "
            f"{fmt.number(values[bottom])} in {bottom}."
        ),
        key="correlation.pearson[all]",
        legend=[
            ("dot f-a", "a year"),
            ("dot f-muted", "a year with a part missing"),
            ("s-muted dashed", "whole sample"),
        ],
    )


def scatter_chart(analysis: PairAnalysis, qualifier: str = "252") -> Fragment:
    """Returns of A against those of B with the fitted line and its band."""
    key = f"regression.line[{qualifier}]"
    fitted = analysis.profile(key)
    beta = analysis.estimate(f"regression.beta[{qualifier}]")
    if fitted is None or beta is None:
        return Fragment("", "no scatter chart")
    rows = slice(analysis.returns.nobs - beta.nobs, None)
    scales = [100.0 if unit == "decimal" else 1.0 for unit in analysis.returns.units]
    x, y = analysis.returns.b[rows] * scales[1], analysis.returns.a[rows] * scales[0]
    picked = np.unique(np.linspace(0, x.size - 1, min(x.size, _MAX_DOTS)).astype(int))
    figure, axes = canvas(320.0)
    axes.plot(
        x[picked], y[picked], "o", color=COLOURS["a"], alpha=0.45, markersize=3.5, markeredgewidth=0
    )
    at = fitted.at * scales[1]
    axes.fill_between(
        at,
        fitted.low * scales[0],
        fitted.high * scales[0],
        color=COLOURS["b"],
        alpha=0.18,
        linewidth=0,
    )
    axes.plot(at, fitted.value * scales[0], color=COLOURS["b"], linewidth=1.8)
    a, b = (names.short(one) for one in names.legs(analysis))
    _label_axes(axes, analysis)
    thinned = "" if picked.size == x.size else f" ({picked.size} of {x.size:,} points drawn)"
    return chart(
        figure,
        name="scatter",
        title=f"{a} against {b}, {names.window(analysis, qualifier).lower()}",
        description=(
            f"{x.size:,} returns of {a} against those of {b} with the least-squares line: slope "
            f"{fmt.value(beta)} {fmt.interval(beta)}."
        ),
        key=key,
        legend=[
            ("dot f-a", f"one {names.per_period(analysis)}{thinned}"),
            ("s-b", "least-squares line"),
            ("s-b-band", "95 % band of the line"),
        ],
    )


def _label_axes(axes: Any, analysis: PairAnalysis) -> None:
    """Units on both axes; the names stand in the caption."""
    for column, ticks, limits, place in (
        (1, axes.get_xticks, axes.get_xlim(), axes.set_xticks),
        (0, axes.get_yticks, axes.get_ylim(), axes.set_yticks),
    ):
        suffix = "%" if analysis.returns.units[column] == "decimal" else ""
        kept = [t for t in ticks() if limits[0] <= t <= limits[1]]
        digits = 0 if all(float(t).is_integer() for t in kept) else 1
        place(kept, [fmt.number(float(t), digits) + suffix for t in kept])
    axes.axhline(0.0, color=COLOURS["muted"], linewidth=0.6)
    axes.axvline(0.0, color=COLOURS["muted"], linewidth=0.6)


def growth_chart(analysis: PairAnalysis) -> Fragment:
    """Growth of 100 of the legs that are prices; levels of those that are not."""
    section = analysis.section("performance").curves
    curves = [
        (leg, one, section[f"performance.growth_{leg}"])
        for leg, one in zip("ab", names.legs(analysis), strict=True)
        if f"performance.growth_{leg}" in section
    ]
    parts = []
    if curves:
        lines = [(leg, names.short(one), curve) for leg, one, curve in curves]
        key = f"performance.growth_{lines[0][0]}"
        parts.append(_lines("growth", "Growth of 100", key, lines, digits=1))
    for leg, one in zip("ab", names.legs(analysis), strict=True):
        if f"performance.growth_{leg}" in section:
            continue
        curve = section[f"performance.level_{leg}"]
        title = f"{names.short(one)}, {one.unit}"
        line_of = [(leg, names.short(one), curve)]
        key = f"performance.level_{leg}"
        parts.append(_lines(f"level-{leg}", title, key, line_of, digits=2))
    return joined(parts, "growth of 100")


def drawdown_chart(analysis: PairAnalysis) -> Fragment:
    """Distance of each price from its running maximum."""
    section = analysis.section("performance").curves
    lines = [
        (leg, names.short(one), section[f"performance.drawdown_{leg}"])
        for leg, one in zip("ab", names.legs(analysis), strict=True)
        if f"performance.drawdown_{leg}" in section
    ]
    if not lines:
        return Fragment("", "no drawdowns")
    key = f"performance.max_drawdown_{lines[0][0]}"
    title = "Drawdown from the highest close so far"
    return _lines("drawdown", title, key, lines, digits=1, scale=100.0, suffix=PERCENT)


def ratio_chart(analysis: PairAnalysis) -> Fragment:
    """Price of A over price of B."""
    curve = analysis.section("performance").curves.get("performance.ratio")
    if curve is None:
        return Fragment("", "no price ratio")
    a, b = (names.short(one) for one in names.legs(analysis))
    digits = max(2, 2 - int(np.floor(np.log10(float(np.abs(curve.value).max())))))
    lines = [("a", f"{a} over {b}", curve)]
    title = f"Price ratio, {a} over {b}"
    return _lines("ratio", title, "spread.ratio", lines, digits=digits)


def _lines(
    name: str,
    title: str,
    key: str,
    lines: list[tuple[str, str, Curve]],
    *,
    digits: int,
    scale: float = 1.0,
    suffix: str = "",
) -> Fragment:
    """One or two lines over time: the first solid, the second dashed."""

    def show(x: float) -> str:
        return fmt.number(scale * x, digits) + suffix

    figure, axes = canvas(280.0)
    dates = lines[0][2].dates
    for leg, _, curve in lines:
        dashed = leg == "b" and len(lines) > 1
        line(axes, curve.dates, curve.value, colour=leg, dashes="--" if dashed else "-")
    plot_dates(axes, dates)
    lowest = min(float(np.nanmin(c.value)) for _, _, c in lines)
    highest = max(float(np.nanmax(c.value)) for _, _, c in lines)
    if lowest > 0.0 and highest > _LOG_FROM * lowest:
        log_axis(axes, lowest, highest)
        title += ", logarithmic scale"
    tick_format(axes, 0, scale=scale, suffix=suffix)
    ends = "; ".join(
        f"{words} from {show(float(c.value[0]))} to {show(float(c.value[-1]))}, lowest "
        f"{show(float(np.nanmin(c.value)))}, highest {show(float(np.nanmax(c.value)))}"
        for _, words, c in lines
    )
    return chart(
        figure,
        name=name,
        title=title,
        description=f"{dates[0]} to {dates[-1]}: {ends}.",
        key=key,
        legend=[
            (f"s-{leg} dashed" if leg == "b" and len(lines) > 1 else f"s-{leg}", words)
            for leg, words, _ in lines
        ],
        header=("Date", *(words for _, words, _ in lines)),
        rows=rows_of(dates, *(c.value for _, _, c in lines), show=show),
    )
