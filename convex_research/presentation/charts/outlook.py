"""Charts of what comes next and what to do: forecasts, hedges, scenarios, crises."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.analysis.sections.scenario import MOVES
from convex_research.claims import effects
from convex_research.claims.sentences import volatility_removed
from convex_research.core import formatting as fmt
from convex_research.presentation.charts.chart import Chart
from convex_research.presentation.charts.correlation import window_name
from convex_research.presentation.charts.marks import PERCENT
from convex_research.presentation.charts.shapes import (
    Same,
    bars,
    brief,
    intervals,
    of_both,
    rows_of,
)
from convex_research.presentation.prose import names
from convex_research.statistics.stability.stress_windows import STRESS_WINDOWS

if TYPE_CHECKING:
    from convex_research.studies import Study

__all__ = ["CHARTS"]

_CRISES = 5
_METHODS = (
    ("one for one", "naive"),
    ("rolling year", "ols"),
    ("recent days", "ewma"),
    ("DCC", "dcc"),
    ("random walk", "kalman"),
)


def _legs(study: Study) -> tuple[str, str]:
    a, b = (brief(names.short(one), 9) for one in names.legs(study))
    return a, b


def worst_days(study: Study) -> Chart:
    """Share of one leg's worst days on which the other fell too."""
    a, _ = _legs(study)
    rows = rows_of(study, (f"{a}'s worst", "tails.joint_worst"))
    period = names.per_period(study)
    title = names.with_legs(study, f"Share of {{a}}'s worst {period}s on which {{b}} fell too")
    return intervals("worst_days", title, rows, include=(0.5, 1.0))


def next_day(study: Study) -> Chart:
    """How often a leg's next move has the sign of the other's last one."""
    a, b = _legs(study)
    rows = rows_of(
        study,
        (f"after {a}", "concordance.hit_ab"),
        (f"after {b}", "concordance.hit_ba"),
    )
    high = float(effects.HIT_RATE)
    same = Same(1.0 - high, high, "too near one half to be worth trading")
    title = f"Share of the other's next {names.per_period(study)}s with the same sign"
    return intervals("next_day", title, rows, same=same, reference=0.5)


def forecast(study: Study) -> Chart:
    """How much less forecasts that follow recent months err than the long-run mean."""
    rows = rows_of(
        study,
        ("recent months", "forecast.gain_dcc[21]"),
        ("fading weights", "forecast.gain_ewma[21]", "soft"),
    )
    same = Same(-float(effects.FORECAST_GAIN), float(effects.FORECAST_GAIN), "counts as no gain")
    title = "How much less forecasts err than the long-run mean, share of the loss"
    return intervals("forecast", title, rows, same=same, reference=0.0)


def forecasts(study: Study) -> Chart:
    """Correlation seen and forecast; the ends of forecasts are prediction intervals."""
    seen = ((window_name(study, str(w)), w) for w in study.config.measured_windows[:2])
    ahead = rows_of(
        study,
        ("long-run mean", "forecast.pearson[21]", "next"),
        ("fading weights", "forecast.pearson_ewma[21]", "next"),
        ("DCC", "forecast.pearson_dcc[21]", "next"),
    )
    title = "Correlation seen, with intervals, and forecast, with forecast ranges"
    if not ahead:
        return Chart("forecasts", title)
    rows = rows_of(study, *((label, f"correlation.pearson[{w}]") for label, w in seen))
    return intervals("forecasts", title, [*rows, *ahead], plus=True)


def hedge(study: Study) -> Chart:
    """Volatility that selling the other leg took off, out of sample, since when and lately."""
    title = f"Volatility that a hedge removed, {names.level(study)} intervals"
    if study.clock_flags:
        return Chart("hedge", title)
    year = str(study.config.year)
    listed = []
    for leg, suffix in zip(_legs(study), ("", "_reverse"), strict=True):
        for qualifier in ("all", year):
            name = "all" if qualifier == "all" else window_name(study, year)
            colour = "r" if not suffix else "soft"
            key = f"hedge.volatility_removed{suffix}[{qualifier}]"
            found = study.estimate(key)
            if found is not None and found.start and qualifier == "all":
                name = f"since {found.start.year}"
            listed.append((f"{leg}, {name}", key, colour))
    half = 1.0 - math.sqrt(1.0 - float(effects.HEDGE_USEFUL))
    return intervals("hedge", title, rows_of(study, *listed), reference=half)


def hedge_methods(study: Study) -> Chart:
    """Volatility that each way of setting the ratio removed, out of sample."""
    title = names.with_legs(study, "Volatility of {a} that a hedge by {b} removed, out of sample")
    if study.clock_flags:
        return Chart("hedge_methods", title)
    rows = rows_of(study, *((label, f"hedge.effectiveness_out[{m}]") for label, m in _METHODS))
    best = max(rows, key=lambda row: row.estimate.value, default=None)
    rows = [
        replace(
            row,
            estimate=volatility_removed(row.estimate),
            colour=row.colour if row is best else "soft",
        )
        for row in rows
    ]
    return intervals("hedge_methods", title, rows)


def scenario(study: Study) -> Chart:
    """Where B went in a month when A moved by so much."""
    listed = []
    for move in MOVES:
        moved = f"{fmt.number(move, 0, plus=True)}{PERCENT}"
        listed.append((f"{moved}: fitted", f"scenario.b_given_a[{move}]", "next"))
        listed.append((f"{moved}: like months", f"scenario.neighbours[{move}]", "b"))
    title = names.with_legs(study, "Move of {b} within about a month, by the move of {a}")
    note = f"Bars are forecast ranges: {names.level(study)} of single outcomes."
    return intervals(
        "scenario", title, rows_of(study, *listed), plus=True, reference=0.0, note=note
    )


def crises(study: Study) -> Chart:
    """What both legs did in the named crises in which A moved most; of a price, fell most."""
    listed = ((one.name, "scenario.stress_{leg}[" + one.key + "]") for one in STRESS_WINDOWS)
    groups = of_both(study, listed)
    title = "Moves in named crises"
    if study.returns.legs[0].is_price:  # a rise says nothing of a fall
        groups = [group for group in groups if group[1].estimate.value < 0.0]
        title = names.with_legs(study, "Moves in named crises in which {a} fell")
    groups.sort(key=lambda group: -abs(group[1].estimate.value))
    return bars("crises", title, groups[:_CRISES], _legs(study))


CHARTS = {
    one.__name__: one
    for one in (
        worst_days,
        next_day,
        forecast,
        forecasts,
        hedge,
        hedge_methods,
        scenario,
        crises,
    )
}
