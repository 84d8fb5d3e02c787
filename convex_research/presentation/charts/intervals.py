"""Charts that put estimates of one subject under one another, and the smile of the tails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.core import formatting as fmt
from convex_research.core.cells import result_row
from convex_research.core.fragments import Fragment
from convex_research.presentation.charts.canvas import Canvas
from convex_research.presentation.charts.figure import PERCENT, chart
from convex_research.presentation.charts.forest import forest, grouped
from convex_research.presentation.prose import names
from convex_research.presentation.tables.detail import detail_table
from convex_research.statistics.dependence.tail_symmetry import THRESHOLDS

if TYPE_CHECKING:
    from convex_research.studies import Study

__all__ = ["forecast_chart", "hedge_chart", "regimes_chart", "scenario_chart", "tails_chart"]


def regimes_chart(analysis: Study) -> Fragment:
    """Correlation in calm and in turbulent times, and the same with volatility divided out."""
    a, _ = (names.short(one) for one in names.legs(analysis))
    thirds = (("Calm", "low_vol"), ("Middle", "mid_vol"), ("Turbulent", "high_vol"))
    divided = "The same after each leg's own volatility is divided out"
    groups = {
        f"By the volatility of {a}, in thirds": [(t, f"regimes.pearson[{q}]") for t, q in thirds],
        divided: [(t, f"regimes.standardised_pearson[{q}]") for t, q in thirds],
        f"By the market of {a}": [
            ("Rising (within 20 % of its high)", "regimes.pearson[bull]"),
            ("Falling", "regimes.pearson[bear]"),
        ],
    }
    return forest(
        grouped(analysis, groups),
        name="regimes",
        title=f"Correlation by regime, {names.level(analysis)} intervals",
        plus=True,
        values=detail_table(analysis, "regimes"),
    )


def hedge_chart(analysis: Study) -> Fragment:
    """Share of variance that each hedge removed."""
    a, b = (names.short(one) for one in names.legs(analysis))
    groups = {
        "In sample": [("Least squares", "hedge.effectiveness_in")],
        "Out of sample": [
            ("Rolling least squares", "hedge.effectiveness_out"),
            ("One for one", "hedge.effectiveness_out[naive]"),
            ("Exponential weights", "hedge.effectiveness_out[ewma]"),
            ("DCC", "hedge.effectiveness_out[dcc]"),
            ("Random-walk beta", "hedge.effectiveness_out[kalman]"),
        ],
    }
    return forest(
        grouped(analysis, groups),
        name="hedge",
        title=f"Share of the variance of {a} that {b} hedged, {names.level(analysis)} intervals",
        include=(0.0,),
        values=detail_table(analysis, "hedge"),
    )


def scenario_chart(analysis: Study) -> Fragment:
    """Where B went in a month when A moved by so much."""
    a, b = (names.short(one) for one in names.legs(analysis))
    groups = {
        f"{a} {fmt.number(move, 0, plus=True)}{PERCENT}": [
            ("Fitted", f"scenario.b_given_a[{move}]"),
            ("Mean of like months", f"scenario.neighbours[{move}]", "b"),
        ]
        for move in (-10, -5, 5, 10)
    }
    return forest(
        grouped(analysis, groups),
        name="scenario",
        title=f"Move of {b} within about a month, by the move of {a}",
        plus=True,
        include=(0.0,),
        note=f"Bars are prediction intervals: {names.level(analysis)} of single outcomes.",
    )


def forecast_chart(analysis: Study) -> Fragment:
    """Forecasts of the next month's correlation, beside what was last seen."""
    seen = map(str, analysis.config.measured_windows[:2])
    groups = {
        "Seen": [(names.window(analysis, w), f"correlation.pearson[{w}]") for w in seen],
        f"The next 21 {names.per_period(analysis)}s": [
            ("Long-run mean", "forecast.pearson[21]"),
            ("Exponential weights", "forecast.pearson_ewma[21]"),
            ("DCC", "forecast.pearson_dcc[21]"),
        ],
    }
    rows = grouped(analysis, groups)
    if not any(row.key.startswith("forecast.") for row in rows):
        return Fragment("", "no forecast")
    return forest(
        rows,
        name="forecast",
        title="Correlation seen and forecast",
        plus=True,
        note=(
            f"Bars of what was seen are {names.level(analysis)} intervals, those of forecasts "
            "prediction intervals."
        ),
    )


def tails_chart(analysis: Study) -> Fragment:
    """Correlation of those days on which both legs lie beyond a threshold, by threshold."""
    sides = [("lower", -t) for t in reversed(THRESHOLDS)] + [("upper", t) for t in THRESHOLDS]
    keys = [f"tails.exceedance_{side}[{abs(t):g}]" for side, t in sides]
    ticks = [
        f"{'<' if side == 'lower' else '>'}\N{NARROW NO-BREAK SPACE}{fmt.number(t, 1)}"
        for side, t in sides
    ]
    results = enumerate(map(analysis.estimate, keys))
    found = {at: r for at, r in results if r is not None}
    if len(found) < 4:
        return Fragment("", "no chart of tails")
    canvas = Canvas(240.0)
    label = f"both below (left), both above (right), {names.level(analysis)} intervals"
    canvas.estimates(list(found), list(found.values()), label)
    canvas.x = (-0.6, len(ticks) - 0.4)
    canvas.x_ticks(range(len(ticks)), ticks)
    canvas.values(1)
    whole = analysis.estimate("correlation.pearson[all]")
    low, high = canvas.y
    if whole is not None and low < whole.value < high:
        canvas.level(whole.value, "whole sample")
    words = [f"{ticks[at]} {fmt.number(r.value)}" for at, r in found.items()]
    return chart(
        canvas,
        name="tails",
        title="Correlation where both moves lie beyond a threshold, in standard deviations",
        description=f"Correlation beyond each threshold: {'; '.join(words)}.",
        key="tails.exceedance_lower[1]",
        header=("Both beyond", "r", "n", "Dates"),
        rows=[result_row(ticks[at], keys[at], r) for at, r in found.items()],
    )
