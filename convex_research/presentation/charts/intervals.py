"""Charts that put estimates of one subject under one another, and the smile of the tails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.core import formatting as fmt
from convex_research.core.cells import result_row
from convex_research.core.fragments import Fragment
from convex_research.presentation.charts.canvas import Canvas
from convex_research.presentation.charts.figure import chart
from convex_research.presentation.charts.forest import Row, forest, rows_from
from convex_research.presentation.prose import names
from convex_research.presentation.tables.detail import detail_table
from convex_research.statistics.dependence.tail_symmetry import THRESHOLDS

if TYPE_CHECKING:
    from convex_research.studies import Study

__all__ = ["forecast_chart", "hedge_chart", "regimes_chart", "scenario_chart", "tails_chart"]


def _ends(rows: list[Row], *, plus: bool = False) -> str:
    """The smallest and the largest of what is shown, in words."""
    shown = [(row.label, row.estimate) for row in rows if row.estimate is not None]
    if not shown:
        return ""
    (lowest, low), (highest, high) = (
        pick(shown, key=lambda one: one[1].value) for pick in (min, max)
    )
    return (
        f"{len(shown)} estimates: lowest {fmt.value(low, plus=plus)} ({lowest}), highest "
        f"{fmt.value(high, plus=plus)} ({highest})."
    )


def _grouped(analysis: Study, groups: dict[str, list[tuple[str, str]]]) -> list[Row]:
    """Rows under headings; a heading without rows is left out."""
    rows = []
    for heading, listed in groups.items():
        found = rows_from(analysis, listed)
        if found:
            rows += [Row(heading), *found]
    return rows


def regimes_chart(analysis: Study) -> Fragment:
    """Correlation in calm and in turbulent times, and the same with volatility divided out."""
    a, _ = (names.short(one) for one in names.legs(analysis))
    thirds = (("Calm", "low_vol"), ("Middle", "mid_vol"), ("Turbulent", "high_vol"))
    markets = (("Rising (within 20 % of its high)", "bull"), ("Falling", "bear"))
    rows = _grouped(
        analysis,
        {
            f"By the volatility of {a}, in thirds": [
                (label, f"regimes.pearson[{name}]") for label, name in thirds
            ],
            "The same after each leg's own volatility is divided out": [
                (label, f"regimes.standardised_pearson[{name}]") for label, name in thirds
            ],
            f"By the market of {a}": [
                (label, f"regimes.pearson[{name}]") for label, name in markets
            ],
        },
    )
    return forest(
        rows,
        name="regimes",
        title=f"Correlation by regime, {names.level(analysis)} intervals",
        description=_ends(rows, plus=True),
        plus=True,
        values=detail_table(analysis, "regimes"),
    )


def hedge_chart(analysis: Study) -> Fragment:
    """Share of variance that each hedge removed."""
    a, b = (names.short(one) for one in names.legs(analysis))
    methods = (
        ("Rolling least squares", "effectiveness_out"),
        ("One for one", "effectiveness_out[naive]"),
        ("Exponential weights", "effectiveness_out[ewma]"),
        ("DCC", "effectiveness_out[dcc]"),
        ("Random-walk beta", "effectiveness_out[kalman]"),
    )
    rows = _grouped(
        analysis,
        {
            "In sample": [("Least squares", "hedge.effectiveness_in")],
            "Out of sample": [(label, f"hedge.{name}") for label, name in methods],
        },
    )
    return forest(
        rows,
        name="hedge",
        title=f"Share of the variance of {a} that {b} hedged, {names.level(analysis)} intervals",
        description=_ends(rows),
        include=(0.0,),
        values=detail_table(analysis, "hedge"),
    )


def scenario_chart(analysis: Study) -> Fragment:
    """Where B went in a month when A moved by so much."""
    a, b = (names.short(one) for one in names.legs(analysis))
    rows = []
    for move in (-10, -5, 5, 10):
        heading = f"{a} {fmt.number(move, 0, plus=True)}\N{NARROW NO-BREAK SPACE}%"
        fitted = rows_from(analysis, [("Fitted", f"scenario.b_given_a[{move}]")])
        alike = rows_from(
            analysis, [("Mean of like months", f"scenario.neighbours[{move}]")], colour="b"
        )
        if fitted or alike:
            rows += [Row(heading), *fitted, *alike]
    return forest(
        rows,
        name="scenario",
        title=f"Move of {b} within about a month, by the move of {a}",
        description=_ends(rows, plus=True),
        plus=True,
        include=(0.0,),
        note=f"Bars are prediction intervals: {names.level(analysis)} of single outcomes.",
    )


def forecast_chart(analysis: Study) -> Fragment:
    """Forecasts of the next month's correlation, beside what was last seen."""
    rows = _grouped(
        analysis,
        {
            "Seen": [
                (names.window(analysis, str(w)), f"correlation.pearson[{w}]")
                for w in analysis.config.measured_windows[:2]
            ],
            f"The next 21 {names.per_period(analysis)}s": [
                ("Long-run mean", "forecast.pearson[21]"),
                ("Exponential weights", "forecast.pearson_ewma[21]"),
                ("DCC", "forecast.pearson_dcc[21]"),
            ],
        },
    )
    if not any(row.key.startswith("forecast.") for row in rows):
        return Fragment("", "no forecast")
    return forest(
        rows,
        name="forecast",
        title="Correlation seen and forecast",
        description=_ends(rows, plus=True),
        plus=True,
        note=(
            f"Bars of what was seen are {names.level(analysis)} intervals, those of forecasts "
            "prediction intervals."
        ),
    )


def tails_chart(analysis: Study) -> Fragment:
    """Correlation of those days on which both legs lie beyond a threshold, by threshold."""
    sides = [("lower", -1, t) for t in reversed(THRESHOLDS)] + [("upper", 1, t) for t in THRESHOLDS]
    found = [
        (sign, t, key, analysis.estimate(key))
        for side, sign, t in sides
        for key in (f"tails.exceedance_{side}[{t:g}]",)
    ]
    good = [(at, sign, t, key, r) for at, (sign, t, key, r) in enumerate(found) if r is not None]
    if len(good) < 4:
        return Fragment("", "no chart of tails")
    canvas = Canvas(240.0)
    spanned = [(at, r.low, r.high) for at, _, _, _, r in good if None not in (r.low, r.high)]
    if spanned:
        at, low, high = zip(*spanned, strict=True)
        canvas.whiskers(at, low, high)
    canvas.dots([at for at, *_ in good], [r.value for *_, r in good])
    canvas.x = (-0.6, len(found) - 0.4)
    labels = [_beyond(sign, t) for sign, t, _, _ in found]
    canvas.x_ticks(range(len(found)), labels)
    canvas.values(1)
    whole = analysis.estimate("correlation.pearson[all]")
    if whole is not None:
        low_end, high_end = canvas.y
        if low_end < whole.value < high_end:
            canvas.level(whole.value)
    words = [f"{_beyond(sign, t)} {fmt.number(r.value)}" for _, sign, t, _, r in good]
    return chart(
        canvas,
        name="tails",
        title="Correlation where both moves lie beyond a threshold, in standard deviations",
        description=f"Correlation beyond each threshold: {'; '.join(words)}.",
        key="tails.exceedance_lower[1]",
        legend=[
            (
                "dot f-a",
                f"both below (left), both above (right), {names.level(analysis)} intervals",
            ),
            ("s-muted dashed", "whole sample"),
        ],
        header=("Both beyond", "r", "n", "Dates"),
        rows=[result_row(_beyond(sign, t), key, r) for _, sign, t, key, r in good],
    )


def _beyond(sign: int, threshold: float) -> str:
    """A threshold as a tick: ``< −1``, ``> 0``."""
    relation = "<" if sign < 0 else ">"
    return f"{relation}\N{NARROW NO-BREAK SPACE}{fmt.number(sign * threshold, 1)}"
