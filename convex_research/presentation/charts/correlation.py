"""Charts of the correlation itself: over time, by window, year and regime, and the returns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.claims.effects import CORRELATION_MARGIN_Z
from convex_research.core import formatting as fmt
from convex_research.core.arrays import evenly
from convex_research.core.estimates import Estimate
from convex_research.presentation.charts.chart import Chart
from convex_research.presentation.charts.marks import (
    Axis,
    Band,
    Dots,
    Intervals,
    Line,
    Plot,
    Row,
    Rule,
    axis_unit,
    extent,
)
from convex_research.presentation.charts.over_time import history
from convex_research.presentation.charts.shapes import Same, brief, intervals, rows_of
from convex_research.presentation.prose import names
from convex_research.presentation.tables.pair import years_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.presentation.charts.marks import Mark
    from convex_research.studies import Study

__all__ = ["CHARTS"]

_MOST_DOTS = 400


def same_r(r: float, label: str) -> Same:
    """What counts as the same as a correlation."""
    low, high = (
        math.tanh(math.atanh(r) + end) for end in (-CORRELATION_MARGIN_Z, CORRELATION_MARGIN_Z)
    )
    return Same(low, high, label)


def _marked(found: Iterable[int], always: tuple[int, int]) -> tuple[float, ...]:
    """Years that are named below the axis: the first, the last, and those that stand out."""
    years = sorted(found)
    return tuple(float(y) for y in sorted({years[0], years[-1], *always}))


def _since(study: Study) -> str:
    return f"since {study.returns.day(0).year}"


def window_name(study: Study, qualifier: str) -> str:
    """A window as the label of a row: ``30 days``, ``past year``, ``since 2000``."""
    if qualifier == "all":
        return _since(study)
    if study.returns.frequency == "daily":
        named = {252: "past year", 1260: "five years"}.get(int(qualifier))
        if named:
            return named
    return f"{int(qualifier):,} {names.per_period(study)}s"


def _forecast(study: Study) -> list[Row]:
    """The forecast of the next month that the first screen answers with, if it does."""
    keys = [key for one in study.answers("correlation") for key in one.keys]
    ahead = [key for key in keys if key.startswith("forecast.pearson")]
    return rows_of(study, *(("forecast range", key, "next") for key in ahead[:1]))


def rolling(study: Study) -> Chart:
    """R of the last window, day by day, with its interval, its usual range and what comes next."""
    window, period = study.config.rolling_window, names.per_period(study)
    return history(
        "rolling",
        f"Correlation over the last {window} {period}s, {period} by {period}",
        study.curve(f"rolling.interval[{window}]"),
        f"r over the past {window} {period}s",
        band=f"its {names.level(study)} interval",
        usual=rows_of(study, ("usual range", f"rolling.usual[{window}]")),
        comes=_forecast(study),
        ahead=f"Next 21 {period}s",
        plus=True,
        limits=(-1.0, 1.0),
    )


def leeway(study: Study) -> Chart:
    """R with a day's leeway over two years, of legs that close at different hours."""
    title = f"Correlation with a {names.per_period(study)}'s leeway, over two years"
    curve = study.section("rolling").curves.get("rolling.synchronised[504]")
    if curve is None:
        return Chart("leeway", title)
    usual = rows_of(study, ("usual range", "rolling.synchronised_usual[504]"))
    label = "r with leeway over two years"
    return history("leeway", title, curve, label, usual=usual, plus=True)


def direction(study: Study) -> Chart:
    """How often both went the same way."""
    rows = rows_of(
        study,
        ("all " + names.per_period(study) + "s", "concordance.same_sign[all]"),
        ("past year", f"concordance.same_sign[{study.config.year}]"),
        ("largest moves", "concordance.same_sign_extreme[0.05]"),
    )
    title = f"Share of {names.per_period(study)}s on which both moved the same way"
    return intervals("direction", title, rows, include=(0.5, 1.0))


def scatter(study: Study, window: int | None = None) -> Chart:
    """Returns of one leg against those of the other over a year, with the line and its band.

    Across is the leg of which the row's slope is for each 1 %: B, unless it moves more.
    """
    qualifier = str(window or study.config.year)
    if study.profile(f"regression.line[{qualifier}]") is None:
        qualifier = "all"
    ratio = study.estimate(f"volatility.ratio[{qualifier}]")
    turn = -1 if ratio is not None and ratio.value <= 1.0 else 1
    suffix = "" if turn > 0 else "_reverse"
    key = f"regression.beta{suffix}[{qualifier}]"
    fitted, beta = study.profile(f"regression.line{suffix}[{qualifier}]"), study.estimate(key)
    a, b = [names.short(one) for one in names.legs(study)][::turn]
    title = f"{a} (upright) against {b} (across), {window_name(study, qualifier)}"
    if fitted is None or beta is None:
        return Chart("scatter", title)
    (upright, unit), (across, unit_across) = map(axis_unit, study.returns.units[::turn])
    rows = slice(study.returns.nobs - beta.nobs, None)
    y, x = (study.returns.a[rows], study.returns.b[rows])[::turn]
    x, y = x * across, y * upright
    # The largest moves are always drawn: they pull the line.
    picked = np.union1d(evenly(x.size, _MOST_DOTS), np.argsort(np.abs(x))[-10:])
    at = fitted.at * across
    value, low, high = (upright * one for one in (fitted.value, fitted.low, fitted.high))
    thinned = "" if picked.size == x.size else f" ({picked.size} of {x.size:,} drawn)"
    marks = (
        Band(at, low, high, f"{names.level(study)} band of the line", alpha=0.1),
        Dots(x[picked], y[picked], f"one {names.per_period(study)}{thinned}"),
        Line(at, value, f"least-squares line, slope {fmt.value(beta)}", "ink", width=1.3),
    )
    plot = Plot(
        marks,
        Axis(*extent([x[picked]], margin=0.03), unit=unit_across, name=brief(b)),
        Axis(*extent([y[picked], value], margin=0.03), unit=unit, name=brief(a)),
    )
    description = (
        f"{x.size:,} returns of {a} against those of {b} with the least-squares line: slope "
        f"{fmt.value(beta)} {fmt.interval(beta)}."
    )
    header = (b, "Line, low", "Line, high", a, "Line")
    return Chart("scatter", title, description, (key,), (plot,), header=header)


def regimes(study: Study) -> Chart:
    """R in turbulent, middling and calm times; grey is what counts as the calm third's."""
    return _thirds(study, "regimes", "pearson", "by how much {a} moves")


def regimes_divided(study: Study) -> Chart:
    """The same after each leg's own volatility is divided out."""
    return _thirds(study, "regimes_divided", "standardised_pearson", "volatility divided out")


def _thirds(study: Study, name: str, statistic: str, how: str) -> Chart:
    thirds = (("turbulent", "high_vol"), ("middle", "mid_vol"), ("calm", "low_vol"))
    rows = rows_of(study, *((label, f"regimes.{statistic}[{q}]") for label, q in thirds))
    calm = study.estimate(f"regimes.{statistic}[low_vol]")
    same = (
        same_r(calm.value, "counts as the same as calm") if calm and abs(calm.value) < 1 else None
    )
    title = f"Correlation in thirds of the sample, {names.with_legs(study, how)}"
    return intervals(name, title, rows, plus=True, same=same)


def markets(study: Study) -> Chart:
    """R while A is near its high, and while it is not."""
    rows = rows_of(
        study,
        ("rising", "regimes.pearson[bull]"),
        ("falling", "regimes.pearson[bear]"),
        ("rising, divided", "regimes.standardised_pearson[bull]", "soft"),
        ("falling, divided", "regimes.standardised_pearson[bear]", "soft"),
    )
    title = names.with_legs(
        study,
        "Correlation while {a} is within 20 % of its high, rising, and below it; pale: volatility "
        "divided out",
    )
    return intervals("markets", title, rows, plus=True)


def windows(study: Study) -> Chart:
    """R over each window and over all."""
    listed = (*map(str, study.config.measured_windows), "all")
    asked = [(window_name(study, w), f"correlation.pearson[{w}]") for w in listed]
    title = f"Correlation by window, {names.level(study)} intervals"
    return intervals("windows", title, rows_of(study, *asked), plus=True)


def years(study: Study) -> Chart:
    """R of each calendar year with its interval; the highest and the lowest stand out."""
    results = sorted(names.calendar_years(study))
    found = {year: r for year, r in results if isinstance(r, Estimate)}
    title = f"Correlation by calendar year, {names.level(study)} intervals"
    if len(found) < 2:
        return Chart("years", title)
    ends = [study.estimate(f"consistency.year_{end}") for end in ("highest", "lowest")]
    top, bottom = (
        one.end.year if one and one.end else pick(found, key=lambda year: found[year].value)
        for one, pick in zip(ends, (max, min), strict=True)
    )
    rows = tuple(
        Row(str(y), f"correlation.pearson[{y}]", r, "r" if y in (top, bottom) else "soft")
        for y, r in found.items()
    )
    marks: list[Mark] = []
    all_of_it = study.estimate("correlation.pearson[all]")
    if all_of_it is not None:
        marks.append(Rule(all_of_it.value, _since(study)))
    dots = Intervals(rows, np.array(list(found), float), upright=True, plus=True)
    low, high = extent([dots.value, dots.low, dots.high])
    plot = Plot(
        (*marks, dots),
        Axis(min(found) - 0.7, max(found) + 0.7, "year", at=_marked(found, (top, bottom))),
        Axis(max(low, -1.0), min(high, 1.0), plus=True),
    )
    description = (
        f"{len(found)} calendar years: highest {fmt.number(found[top].value)} in {top}, lowest "
        f"{fmt.number(found[bottom].value)} in {bottom}."
    )
    keys = tuple(row.key for row in rows)
    table = years_table(study, sortable=True)
    return Chart("years", title, description, keys, (plot,), values=table)


CHARTS = {
    one.__name__: one
    for one in (
        rolling,
        leeway,
        direction,
        scatter,
        regimes,
        regimes_divided,
        markets,
        windows,
        years,
    )
}
