"""Charts of what moves: DCC correlation, beta, and the lead-lag profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.estimates import Estimate
from convex_research.presentation import formatting as fmt
from convex_research.presentation import names
from convex_research.presentation.figures import (
    canvas,
    chart,
    decimals,
    level,
    line,
    plot_dates,
    rows_of,
    tick_format,
)
from convex_research.presentation.markup import Fragment
from convex_research.presentation.svg import COLOURS

if TYPE_CHECKING:
    from convex_research.analysis import PairAnalysis

__all__ = ["beta_chart", "dcc_chart", "lead_lag_chart"]


def dcc_chart(analysis: PairAnalysis) -> Fragment:
    """The filtered DCC correlation beside the whole-sample one."""
    curve = analysis.section("dynamics").curves.get("dynamics.dcc")
    whole = analysis.estimate("correlation.pearson[all]")
    if curve is None or whole is None:
        return Fragment("", "no DCC path")
    figure, axes = canvas(260.0)
    level(axes, whole.value)
    line(axes, curve.dates, curve.value, width=1.3)
    plot_dates(axes, curve.dates)
    tick_format(axes, 2)
    low, high = int(curve.value.argmin()), int(curve.value.argmax())
    return chart(
        figure,
        name="dcc",
        title="Correlation filtered day by day (DCC)",
        description=(
            f"From {curve.dates[0]} to {curve.dates[-1]}: last {fmt.number(curve.value[-1])}, "
            f"lowest {fmt.number(curve.value[low])} on {curve.dates[low]}, highest "
            f"{fmt.number(curve.value[high])} on {curve.dates[high]}."
        ),
        key="dynamics.dcc_last",
        legend=[("s-a", "DCC correlation"), ("s-muted dashed", "whole sample")],
        header=("Date", "Correlation"),
        rows=rows_of(curve.dates, curve.value, show=decimals(3)),
    )


def beta_chart(analysis: PairAnalysis) -> Fragment:
    """Rolling beta and the random-walk beta."""
    window = analysis.config.rolling_window
    rolling = analysis.curve(f"rolling.beta[{window}]")
    filtered = analysis.section("dynamics").curves.get("dynamics.kalman_beta")
    if filtered is None or not np.isfinite(rolling.value).any():
        return Fragment("", "no path of beta")
    scale = {"decimal per points": 100.0, "decimal per bp": 100.0, "points per decimal": 0.01}
    factor = scale.get(rolling.unit, 1.0)
    dates = rolling.dates[window - 1 :]
    paths = [factor * one.value[window - 1 :] for one in (rolling, filtered)]
    figure, axes = canvas(260.0)
    line(axes, dates, paths[0])
    line(axes, dates, paths[1], colour="b", dashes="--", width=1.3)
    plot_dates(axes, dates)
    tick_format(axes, 2)
    a, b = (names.short(one) for one in names.legs(analysis))
    period = names.per_period(analysis)
    return chart(
        figure,
        name="beta",
        title=f"Beta of {a} on {b}",
        description=(
            f"Rolling {window}-{period} beta and random-walk beta, {dates[0]} to {dates[-1]}: last "
            f"{fmt.significant(float(paths[0][-1]))} and {fmt.significant(float(paths[1][-1]))}."
        ),
        key="dynamics.kalman_beta",
        legend=[("s-a", f"rolling {window} {period}s"), ("s-b dashed", "random walk, filtered")],
        header=("Date", "Rolling", "Random walk"),
        rows=rows_of(dates, *paths, show=decimals(3)),
    )


def lead_lag_chart(analysis: PairAnalysis) -> Fragment:
    """Cross-correlation by lag with intervals; the same day stands apart as a number."""
    shifts = [k for k in range(-5, 6) if k != 0]
    found = {k: analysis[f"lead_lag.ccf[{k}]"] for k in shifts}
    good = {k: r for k, r in found.items() if isinstance(r, Estimate)}
    if len(good) < len(shifts):
        return Fragment("", "no lead-lag profile")
    figure, axes = canvas(240.0)
    axes.axhline(0.0, color=COLOURS["muted"], linewidth=0.8)
    for k, r in good.items():
        if r.low is not None and r.high is not None:
            axes.plot([k, k], [r.low, r.high], color=COLOURS["a"], linewidth=2.0)
        axes.plot([k], [r.value], "o", color=COLOURS["a"], markersize=5)
    axes.set_xticks(shifts, [fmt.number(k, 0, plus=True) for k in shifts])
    tick_format(axes, 2)
    a, b = (names.short(one) for one in names.legs(analysis))
    period = names.per_period(analysis)
    top = max(good, key=lambda k: abs(good[k].value))
    return chart(
        figure,
        name="leadlag",
        title=f"Correlation of {a} with {b} so many {period}s later",
        description=(
            f"Ten lags from -5 to +5 without the same {period}; the largest is "
            f"{fmt.number(good[top].value)} at {fmt.number(top, 0, plus=True)}."
        ),
        key="lead_lag.ccf[1]",
        legend=[("dot f-a", f"r and its 95 % interval; right of the middle {a} comes first")],
    )
